/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <math.h>

#include "base/library.h"

#define FILE_NAME "libm.so.6" /* whoever has a libc has that */

struct table {
	__typeof__(floor) *floor;
	__typeof__(ceil) *ceil;
};

static const char *const names[] = { "floor", "ceil" };

TEST(a_library_is_loaded_when_it_is_needed)
{
	struct table t = { 0 };
	struct outcome o;

	for (int times = 0; times < 2; times++) {
		assert_true(library_load(FILE_NAME, names, &t, COUNT(names), &o));
		assert_int_equal(t.floor(1.5), 1);
		assert_int_equal(t.ceil(1.5), 2);
	}
}

TEST(what_was_loaded_is_not_loaded_again)
{
	struct table t = { floor, ceil };
	struct outcome o;

	assert_true(library_load("libno-such.so.1", names, &t, COUNT(names), &o));
}

TEST(a_library_that_is_missing_is_named)
{
	struct table t = { 0 };
	struct outcome o;

	assert_false(library_load("libno-such.so.1", names, &t, COUNT(names), &o));
	assert_int_equal(o.cause, CAUSE_SYSTEM);
	check_part("missing library", o.text, "libno-such.so.1");
	assert_null(t.ceil);
}

TEST(a_function_that_is_missing_is_named)
{
	static const char *const missing[] = { "floor", "no_such_function" };
	struct table t = { 0 };
	struct outcome o;

	for (int times = 0; times < 2; times++) {
		assert_false(library_load(FILE_NAME, missing, &t, COUNT(missing), &o));
		assert_int_equal(o.cause, CAUSE_SYSTEM);
		check_part("missing function", o.text, "no_such_function");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_library_is_loaded_when_it_is_needed),
		cmocka_unit_test(what_was_loaded_is_not_loaded_again),
		cmocka_unit_test(a_library_that_is_missing_is_named),
		cmocka_unit_test(a_function_that_is_missing_is_named),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
