/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "net/resolve.h"

TEST(the_name_servers_of_this_machine_are_told)
{
	static const struct {
		const char *text, *servers;
	} cases[] = {
		{ "", NULL },
		{ "search lab.example\n", NULL },
		{ "nameserver\nnameserver \n", NULL },
		{ "nameservers 127.0.0.1\n", NULL },
		{ "# nameserver 127.0.0.9\nnameserver 127.0.0.1\n", "127.0.0.1" },
		{ "nameserver\t127.0.0.1 \noptions rotate\nnameserver ::1",
		    "127.0.0.1, ::1" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char path[] = "/tmp/mailchute-resolve-XXXXXX", want[128] = "";
		int fd = mkstemp(path);
		struct outcome o;

		assert_true(fd >= 0);
		assert_int_equal(write(fd, cases[i].text, strlen(cases[i].text)),
		    (long)strlen(cases[i].text));
		(void)outcome_fail(&o, CAUSE_DNS, "x");
		assert_false(lookup_note_servers(path, &o));
		if (cases[i].servers != NULL)
			(void)snprintf(want, sizeof want, "name servers in %s: %s", path,
			    cases[i].servers);
		check_text(cases[i].text, o.note, want);
		(void)close(fd);
		(void)unlink(path);
	}
}

TEST(without_the_file_nothing_is_told)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_DNS, "x");
	assert_false(lookup_note_servers("/nonexistent/resolv.conf", &o));
	assert_string_equal(o.note, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_servers_of_this_machine_are_told),
		cmocka_unit_test(without_the_file_nothing_is_told),
	};

	return cmocka_run_group_tests_name("resolve", tests, NULL, NULL);
}
