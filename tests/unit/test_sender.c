/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "mail/sender.h"

TEST(an_address_is_one_of_the_list_or_not)
{
	static const struct {
		const char *list, *address;
		bool is;
	} cases[] = {
		{ "a@x", "a@x", true },
		{ "a@x", "A@X", true },
		{ "a@x", "b@x", false },
		{ "a@x", "a@x.example", false },
		{ "a@x", "a+tag@x", true },
		{ "a@x", "a+tag+more@x", true },
		{ "a+tag@x", "a@x", false },
		{ "a+tag@x", "a+tag@x", true },
		{ "a+tag@x", "a+other@x", false },
		{ "a@x+y", "a@x", false },
		{ "a@x, b@x", "b@x", true },
		{ " a@x ,b@x , c@x ", "c@x", true },
		{ "a@x, b@x", "a@x, b@x", false },
		{ "*@x", "anybody@x", true },
		{ "*@x", "a@y", false },
		{ "?@x", "ab@x", false },
		{ "[ab]@x", "b@x", true },
		{ "[ab]@x", "c@x", false },
		{ "j*e@x", "joe+tag@x", true },
		{ "j*e@x, *@y", "z@y", true },
		{ "*", "root", true },
		{ "root", "root", true },
		{ "", "a@x", false },
		{ ",,", "a@x", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char label[64];

		(void)snprintf(
		    label, sizeof label, "%s has %s", cases[i].list, cases[i].address);
		check_int(
		    label, sender_matches(cases[i].list, cases[i].address), cases[i].is);
	}
}

TEST(a_recipient_is_one_of_the_list_or_not)
{
	static const struct {
		const char *list, *address;
		bool is;
	} cases[] = {
		{ "a@x", "a@x", true },
		{ "a@x", "A@X", true },
		{ "a@x", "b@x", false },
		{ "a@x", "a+tag@x", true },
		{ "x", "a@x", true },
		{ "x", "a@X", true },
		{ "x", "x@y", false },
		{ "x", "a@sub.x", false },
		{ "*.x", "a@sub.x", true },
		{ "*.x", "a@x", false },
		{ "l*@x", "list-request@x", true },
		{ "l*@x", "list-request@y", false },
		{ "l*", "list@y", false },
		{ "root", "root", true },
		{ "root", "root@x", false },
		{ "*", "anybody@x", true },
		{ "*", "root", true },
		{ "y,x", "a@x", true },
		{ "", "a@x", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char label[64];

		(void)snprintf(
		    label, sizeof label, "%s has %s", cases[i].list, cases[i].address);
		check_int(label, recipient_matches(cases[i].list, cases[i].address),
		    cases[i].is);
	}
}

TEST(the_first_address_is_who_sends)
{
	static const struct {
		const char *list, *first;
	} cases[] = {
		{ "a@x", "a@x" },
		{ "a@x, b@x", "a@x" },
		{ "*@x, b@x", "b@x" },
		{ " , b@x", "b@x" },
		{ "*@x", NULL },
		{ "*@x, ?@y", NULL },
		{ "", NULL },
		{ "<>", "<>" },
		{ "%U@x", "%U@x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *first = sender_first(cases[i].list);

		check_text(cases[i].list, first, cases[i].first);
		free(first);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_one_of_the_list_or_not),
		cmocka_unit_test(a_recipient_is_one_of_the_list_or_not),
		cmocka_unit_test(the_first_address_is_who_sends),
	};

	return cmocka_run_group_tests_name("sender", tests, NULL, NULL);
}
