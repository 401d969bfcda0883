/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/set.h"

TEST(what_is_added_twice_is_there_once)
{
	struct set s = { NULL };
	char text[] = "one";

	check("first", set_add(&s, text));
	check("second", set_add(&s, "two"));
	check("again", !set_add(&s, "one"));
	text[0] = 'O'; /* it has a copy */
	check("still", !set_add(&s, "one"));
	set_free(&s);
	check("empty again", set_add(&s, "one"));
	set_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_twice_is_there_once),
	};

	return cmocka_run_group_tests_name("set", tests, NULL, NULL);
}
