/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "mail/local.h"

TEST(what_is_local_depends_on_the_domain)
{
	static const struct local l = {
		.host = "Host1.lab.example",
		.maildomain = "lab.example",
		.domains = "intern.example , vm.example,,",
	};
	static const struct {
		const char *spec;
		enum local_kind kind;
	} cases[] = {
		{ "root", LOCAL_HERE },
		{ "\"night shift\"", LOCAL_HERE },
		{ "\"a@b\"", LOCAL_HERE }, /* all of it is the local part */
		{ "root@localhost", LOCAL_HERE },
		{ "root@LocalHost", LOCAL_HERE },
		{ "root@localhost.localdomain", LOCAL_HERE },
		{ "root@host1", LOCAL_HERE },
		{ "root@host1.lab.example", LOCAL_HERE },
		{ "root@intern.example", LOCAL_HERE },
		{ "root@VM.example", LOCAL_HERE },
		{ "root@lab.example", LOCAL_MAILDOMAIN },
		{ "root@LAB.example", LOCAL_MAILDOMAIN },
		{ "", LOCAL_NOT },
		{ "root@host", LOCAL_NOT },
		{ "root@host1.", LOCAL_NOT },
		{ "root@host1.lab", LOCAL_NOT },
		{ "root@x.intern.example", LOCAL_NOT },
		{ "root@localhost.example", LOCAL_NOT },
		{ "localhost@example.org", LOCAL_NOT },
		{ "root@[127.0.0.1]", LOCAL_NOT },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].spec, local_kind(&l, cases[i].spec), cases[i].kind);
}

TEST(where_nothing_is_known_only_localhost_is_local)
{
	static const struct local l = { .host = "" };

	assert_int_equal(local_kind(&l, "root"), LOCAL_HERE);
	assert_int_equal(local_kind(&l, "root@localhost"), LOCAL_HERE);
	assert_int_equal(local_kind(&l, "root@host1"), LOCAL_NOT);
	assert_int_equal(local_kind(&l, "root@."), LOCAL_NOT);
}

TEST(a_local_part_has_no_domain)
{
	static const struct {
		const char *spec, *part;
	} cases[] = {
		{ "root", "root" },
		{ "root@x", "root" },
		{ "\"a@b\"@x", "\"a@b\"" },
		{ "\"a@b\"", "\"a@b\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *part = local_part(cases[i].spec);

		check_text(cases[i].spec, part, cases[i].part);
		free(part);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_local_depends_on_the_domain),
		cmocka_unit_test(where_nothing_is_known_only_localhost_is_local),
		cmocka_unit_test(a_local_part_has_no_domain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
