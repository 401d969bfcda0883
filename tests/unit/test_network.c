/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "net/network.h"

TEST(an_address_is_in_a_list_by_the_bits_that_count)
{
	static const struct {
		const char *list, *address;
		bool is_in;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", true },
		{ "192.0.2.1", "192.0.2.10", false },
		{ "192.0.2.0/24", "192.0.2.255", true },
		{ "192.0.2.0/24", "192.0.3.0", false },
		{ "192.0.2.0/23", "192.0.3.7", true },
		{ "192.0.2.128/25", "192.0.2.127", false },
		{ "0.0.0.0/0", "203.0.113.9", true },
		{ "0.0.0.0/0", "::1", false },
		{ "2001:db8::/32", "2001:db8:ffff::1", true },
		{ "2001:db8::/32", "2001:db9::1", false },
		{ "2001:db8::8/125", "2001:db8::f", true },
		{ "198.51.100.1, 192.0.2.0/24 ::1", "::1", true },
		{ "198.51.100.1, 192.0.2.0/24 ::1", "192.0.2.9", true },
		{ "", "192.0.2.1", false },
		{ "192.0.2.0/24", "", false },
		{ "192.0.2.0/24", "192.0.2.1x", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check(cases[i].list,
		    network_has(cases[i].list, cases[i].address) == cases[i].is_in);
}

TEST(what_is_no_network_is_named)
{
	static const char *const wrong[] = { "192.0.2", "192.0.2.0/33", "192.0.2.0/",
		"192.0.2.0/24x", "192.0.2.0/-1", "::/129", "example.org", "/8",
		"192.0.2.1, nobody" };
	struct outcome o;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		check(wrong[i], !network_check(wrong[i], "listen_from", &o));
		check_int(wrong[i], o.cause, CAUSE_CONFIG);
		check_part(wrong[i], o.text, "listen_from");
	}
	check("right", network_check("10.0.0.0/8, 192.0.2.1 2001:db8::/32", "x", &o));
	check("right", network_check("", "x", &o));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_in_a_list_by_the_bits_that_count),
		cmocka_unit_test(what_is_no_network_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
