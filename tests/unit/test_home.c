/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "conf/home.h"

TEST(the_home_directory_is_home_or_that_of_the_user_database)
{
	char *home = home_directory();

	assert_string_equal(home, "/home/test");
	free(home);
	assert_int_equal(setenv("HOME", "", 1), 0);
	home = home_directory();
	assert_non_null(home);
	assert_int_equal(home[0], '/');
	free(home);
	assert_int_equal(unsetenv("HOME"), 0);
	home = home_directory();
	assert_non_null(home);
	free(home);
	assert_int_equal(setenv("HOME", "/home/test", 1), 0);
}

TEST(only_a_tilde_in_front_is_the_home_directory)
{
	static const struct {
		const char *path, *whole;
	} cases[] = {
		{ "", "" },
		{ "~", "/home/test" },
		{ "~/x", "/home/test/x" },
		{ "/a/~", "/a/~" },
		{ "x~", "x~" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *whole = home_expand(span_of(cases[i].path));

		check_text(cases[i].path, whole, cases[i].whole);
		free(whole);
	}
}

static int
set_home(void **state)
{
	(void)state;
	return setenv("HOME", "/home/test", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_home_directory_is_home_or_that_of_the_user_database),
		cmocka_unit_test(only_a_tilde_in_front_is_the_home_directory),
	};

	return cmocka_run_group_tests_name("home", tests, set_home, NULL);
}
