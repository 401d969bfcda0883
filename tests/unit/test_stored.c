/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "auth/stored.h"

static void
check_span(const char *label, struct span got, const char *want)
{
	char *text = span_dup(got);

	check_text(label, text, want);
	free(text);
}

TEST(what_stands_in_a_file_tells_how_it_is_kept)
{
	static const struct {
		const char *value;
		enum stored_kind kind;
		const char *text;
	} cases[] = {
		{ "secret", STORED_PLAIN, "secret" },
		{ "a:b", STORED_PLAIN, "a:b" },
		{ "$ecret$", STORED_PLAIN, "$ecret$" },
		{ "$6", STORED_PLAIN, "$6" },
		{ "$9$x", STORED_PLAIN, "$9$x" },
		{ "{plain}$6$x", STORED_PLAIN, "$6$x" },
		{ "{PLAIN}", STORED_LOCKED, "" },
		{ "{no scheme}x", STORED_PLAIN, "{no scheme}x" },
		{ "{", STORED_PLAIN, "{" },
		{ "{}x", STORED_PLAIN, "{}x" },
		{ "$6$salt$hash", STORED_HASH, "$6$salt$hash" },
		{ "$y$j9T$salt$hash:19000:0:99999:7:::", STORED_HASH,
		    "$y$j9T$salt$hash" },
		{ "{CRYPT}$2b$05$x", STORED_HASH, "$2b$05$x" },
		{ "{CRYPT}abJnggxhB/yWI", STORED_NONE, "CRYPT" },
		{ "$6$rounds=999999999$salt$hash", STORED_SLOW, "$6$" },
		{ "{CRYPT}$5$rounds=2000001$salt$x", STORED_SLOW, "$5$" },
		{ "$6$rounds=2000000$salt$hash", STORED_HASH,
		    "$6$rounds=2000000$salt$hash" },
		{ "$6$rounds=", STORED_SLOW, "$6$" },
		{ "$2y$15$salt", STORED_SLOW, "$2y$" },
		{ "$2b$14$salt", STORED_HASH, "$2b$14$salt" },
		{ "$2b$", STORED_SLOW, "$2b$" },
		{ "$y$jDT$salt$hash", STORED_SLOW, "$y$" },
		{ "$y$jCT$salt$hash", STORED_HASH, "$y$jCT$salt$hash" },
		{ "$gy$jCU$salt$hash", STORED_SLOW, "$gy$" },
		{ "$y$jCT0$salt$hash", STORED_SLOW, "$y$" },
		{ "$7$DU..../....salt$hash", STORED_HASH, "$7$DU..../....salt$hash" },
		{ "$7$EU..../....salt$hash", STORED_SLOW, "$7$" },
		{ "$7$DU../../....salt$hash", STORED_SLOW, "$7$" },
		{ "$7$DU....1...zsalt$hash", STORED_SLOW, "$7$" },
		{ "!$6$rounds=999999999$salt$hash", STORED_LOCKED, "" },
		{ "{SSHA}x", STORED_NONE, "SSHA" },
		{ "!", STORED_LOCKED, "" },
		{ "*", STORED_LOCKED, "" },
		{ "!!:19000:0", STORED_LOCKED, "" },
		{ "!$6$salt$hash", STORED_LOCKED, "" },
		{ "!secret", STORED_PLAIN, "!secret" },
		{ "{SCRAM-SHA-256}4096,c2FsdA==,YQ==,Yg==", STORED_SCRAM, "" },
		{ "{SCRAM-SHA-256}4096,c2FsdA==,YQ==", STORED_NONE, "SCRAM-SHA-256" },
		{ "{SCRAM-SHA-256}4096,c2FsdA==,YQ==,Yg==,Yw==", STORED_NONE,
		    "SCRAM-SHA-256" },
		{ "{SCRAM-SHA-256}0,c2FsdA==,YQ==,Yg==", STORED_NONE, "SCRAM-SHA-256" },
		{ "{SCRAM-SHA-256}1000001,c2FsdA==,YQ==,Yg==", STORED_NONE,
		    "SCRAM-SHA-256" },
		{ "{SCRAM-SHA-256}99999999999,c2FsdA==,YQ==,Yg==", STORED_NONE,
		    "SCRAM-SHA-256" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct stored s = stored_read(span_of(cases[i].value));

		check_int(cases[i].value, s.kind, cases[i].kind);
		check_span(cases[i].value, s.text, cases[i].text);
	}
}

TEST(keys_of_scram_have_four_parts)
{
	const struct stored s =
	    stored_read(span_of("{scram-sha-256}4096,c2FsdA==,YQ==,Yg==:x"));

	check_int("iterations", s.iterations, 4096);
	check_span("salt", s.salt, "c2FsdA==");
	check_span("stored", s.stored_key, "YQ==");
	check_span("server", s.server_key, "Yg==");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_stands_in_a_file_tells_how_it_is_kept),
		cmocka_unit_test(keys_of_scram_have_four_parts),
	};

	return cmocka_run_group_tests_name("stored", tests, NULL, NULL);
}
