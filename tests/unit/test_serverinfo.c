/* SPDX-License-Identifier: ISC
 *
 * test_serverinfo.c - what a server shows, as far as it goes without TLS
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/sample.h"
#include "lib/server.h"
#include "probe/serverinfo.h"

/* What is shown of a server that says this, less its first line; the caller frees it.
 * `auth` is the setting. */
static char *
shown(const char *says, const char *auth, char **heard, struct outcome *o)
{
	struct serverinfo info;
	struct server server;
	struct account *a;
	struct buf out;
	char *rest;

	server_start(&server, says);
	a = server_account(server.port);
	server_account_set(a, "auth", auth);
	*o = (struct outcome){ 0 };
	(void)serverinfo_get(&info, a, NULL, o);
	*heard = server_stop(&server);
	buf_init(&out, SERVERINFO_MAX);
	serverinfo_show(&info, a, &out);
	serverinfo_free(&info);
	account_free(a);
	assert_memory_equal(out.data, "SMTP server at 127.0.0.1 (", 26);
	check_part("address", out.data, "[127.0.0.1]), port ");
	rest = strchr(out.data, '\n');
	assert_non_null(rest);
	buf_consume(&out, (size_t)(rest + 1 - out.data));
	return buf_take(&out);
}

TEST(capabilities_are_shown_with_what_they_mean)
{
	static const struct {
		const char *caps, *want;
	} cases[] = {
		{ "250 mx\r\n", "No special capabilities.\n" },
		{ "250-mx\r\n250 HELP\r\n", "No special capabilities.\n" },
		{ "250-mx\r\n250-PIPELINING\r\n250-SIZE 35882577\r\n250-DSN\r\n250 "
		  "ETRN\r\n",
		    "Capabilities:\n"
		    "    SIZE 35882577:\n"
		    "        Maximum message size is 35882577 bytes = 34.22 MiB\n"
		    "    PIPELINING:\n"
		    "        Support for command grouping for faster transmission\n"
		    "    ETRN:\n"
		    "        Support for RMQS (Remote Message Queue Starting)\n"
		    "    DSN:\n"
		    "        Support for Delivery Status Notifications\n" },
		{ "250-mx\r\n250 SIZE\r\n", "Capabilities:\n    SIZE 0:\n        Maximum "
					    "message size is unlimited\n" },
		{ "250-mx\r\n250 LIMITS MAILMAX=50 RCPTMAX=100\r\n",
		    "Capabilities:\n    LIMITS:\n        At most 50 messages in one "
		    "session\n"
		    "        At most 100 recipients at a time\n" },
		{ "250-mx\r\n250 LIMITS RCPTDOMAINMAX=1\r\n",
		    "Capabilities:\n    LIMITS:\n        None that matters here\n" },
		{ "250-mx\r\n250 SIZE 1023\r\n",
		    "Capabilities:\n    SIZE 1023:\n        Maximum message size is 1023 "
		    "bytes\n" },
		{ "250-mx\r\n250 SIZE 1536\r\n",
		    "Capabilities:\n    SIZE 1536:\n        Maximum message size is 1536 "
		    "bytes = 1.50 KiB\n" },
		{ "250-mx\r\n250 AUTH PLAIN login X-OWN XOAUTH2\r\n",
		    "Capabilities:\n    AUTH:\n        Supported authentication "
		    "methods:\n        PLAIN LOGIN XOAUTH2 \n        Methods that are "
		    "not known here:\n        X-OWN \n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *says, *heard, *got, *want;
		struct outcome o;
		struct buf text;

		buf_init(&text, SAMPLE_MAX);
		buf_printf(&text, "220 mx ready\r\n%s", cases[i].caps);
		says = buf_take(&text);
		got = shown(says, "off", &heard, &o);
		buf_init(&text, SAMPLE_MAX);
		buf_printf(&text, "    mx ready\n%s", cases[i].want);
		want = buf_take(&text);
		check_int(cases[i].caps, o.cause, CAUSE_NONE);
		check_text(cases[i].caps, got, want);
		check_text(cases[i].caps, heard, "EHLO localhost\r\nQUIT\r\n");
		free(says);
		free(heard);
		free(got);
		free(want);
	}
}

TEST(settings_that_do_not_fit_the_server_are_named)
{
	static const struct {
		const char *label, *says, *auth, *words; /* NULL: no advice */
	} cases[] = {
		{ "TLS is there", "220 mx\r\n250-mx\r\n250 STARTTLS\r\n", "off",
		    "write: tls on\n" },
		{ "TLS is there, and sign-in wanted",
		    "220 mx\r\n250-mx\r\n250 STARTTLS\r\n", "on",
		    "may offer more, sign-in above all" },
		{ "no sign-in", "220 mx\r\n250 mx\r\n", "on", "offers no sign-in" },
		{ "all is well", "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n", "on", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		char *heard, *got = shown(cases[i].says, cases[i].auth, &heard, &o);

		check_text(cases[i].label, heard, "EHLO localhost\r\nQUIT\r\n");
		if (cases[i].words != NULL) {
			check_part(cases[i].label, got, "\nAdvice:\n    ");
			check_part(cases[i].label, got, cases[i].words);
		} else {
			check(cases[i].label, strstr(got, "Advice") == NULL);
		}
		free(heard);
		free(got);
	}
}

TEST(what_was_seen_before_it_failed_is_shown)
{
	static const struct {
		const char *label, *says, *want;
		enum cause cause;
	} cases[] = {
		{ "refused", "554-no\r\n554 go away\r\n", "    no\n    go away\n",
		    CAUSE_REPLY },
		{ "no SMTP", "SSH-2.0\r\n", "", CAUSE_NOT_SMTP },
		{ "EHLO refused", "220 mx\r\n451 later\r\n", "    mx\n", CAUSE_REPLY },
		{ "hidden words", "220 mx\033[2Jm\007\377x\r\n250 mx\033c\r\n",
		    "    mx?[2Jm??x\nNo special capabilities.\n", CAUSE_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		char *heard, *got = shown(cases[i].says, "off", &heard, &o);

		check_int(cases[i].label, o.cause, cases[i].cause);
		check_text(cases[i].label, got, cases[i].want);
		free(heard);
		free(got);
	}
}

TEST(without_a_connection_there_is_nothing_to_show)
{
	struct account *a = server_account(1); /* nobody listens there */
	struct serverinfo info;
	struct outcome o;
	struct buf out;

	assert_false(serverinfo_get(&info, a, NULL, &o));
	assert_int_equal(o.cause, CAUSE_CONNECT);
	buf_init(&out, SERVERINFO_MAX);
	serverinfo_show(&info, a, &out);
	assert_string_equal(out.data, "");
	buf_free(&out);
	serverinfo_free(&info);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(capabilities_are_shown_with_what_they_mean),
		cmocka_unit_test(settings_that_do_not_fit_the_server_are_named),
		cmocka_unit_test(what_was_seen_before_it_failed_is_shown),
		cmocka_unit_test(without_a_connection_there_is_nothing_to_show),
	};

	return cmocka_run_group_tests_name("serverinfo", tests, NULL, NULL);
}
