/* SPDX-License-Identifier: ISC
 *
 * test_session.c - from the connection to the point where mail can be sent, as far as it
 * goes without TLS
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/server.h"
#include "smtp/session.h"

/* "NAME VALUE, NAME VALUE" on top of a plain account. */
static void
set_all(struct account *a, const char *settings)
{
	struct span all = span_of(settings), one, name;

	while (span_cut(&all, ',', &one)) {
		char *key, *value;

		one = span_trim(one);
		(void)span_cut(&one, ' ', &name);
		key = span_dup(name);
		value = span_dup(one);
		server_account_set(a, key, value);
		free(key);
		free(value);
	}
}

TEST(a_session_comes_as_far_as_the_server_lets_it)
{
	static const struct {
		const char *label, *settings, *says;
		const char *heard; /* by a server that is told to go on at once */
		enum cause cause;
		enum stage stage;
		int code;
	} cases[] = {
		{ "EHLO", "", "220 mx\r\n250-mx\r\n250 DSN\r\n",
		    "EHLO localhost\r\nQUIT\r\n", CAUSE_NONE, STAGE_LOCAL, 0 },
		{ "our name", "domain me.example", "220 mx\r\n250 mx\r\n",
		    "EHLO me.example\r\nQUIT\r\n", CAUSE_NONE, STAGE_LOCAL, 0 },
		{ "our name in ASCII", "domain b\303\274cher.example",
		    "220 mx\r\n250 mx\r\n", "EHLO xn--bcher-kva.example\r\nQUIT\r\n",
		    CAUSE_NONE, STAGE_LOCAL, 0 },
		{ "LHLO", "protocol lmtp", "220 mx\r\n250 mx\r\n",
		    "LHLO localhost\r\nQUIT\r\n", CAUSE_NONE, STAGE_LOCAL, 0 },
		{ "HELO", "", "220 mx\r\n502 what?\r\n250 mx\r\n",
		    "EHLO localhost\r\nHELO localhost\r\nQUIT\r\n", CAUSE_NONE,
		    STAGE_LOCAL, 0 },
		{ "a greeting of many lines", "",
		    "220-mx\r\n220-\r\n220 hi\r\n250 mx\r\n",
		    "EHLO localhost\r\nQUIT\r\n", CAUSE_NONE, STAGE_LOCAL, 0 },

		{ "greeted with no", "", "554 5.7.1 go away\r\n", "QUIT\r\n", CAUSE_REPLY,
		    STAGE_GREETING, 554 },
		{ "greeted with later", "", "421 4.3.2 busy\r\n", "QUIT\r\n", CAUSE_REPLY,
		    STAGE_GREETING, 421 },
		{ "greeted with garbage", "", "SSH-2.0-OpenSSH\r\n", "", CAUSE_NOT_SMTP,
		    STAGE_GREETING, 0 },
		{ "EHLO later", "", "220 mx\r\n451 later\r\n",
		    "EHLO localhost\r\nQUIT\r\n", CAUSE_REPLY, STAGE_HELLO, 451 },
		{ "neither EHLO nor HELO", "", "220 mx\r\n502 no\r\n554 no\r\n",
		    "EHLO localhost\r\nHELO localhost\r\nQUIT\r\n", CAUSE_REPLY,
		    STAGE_HELLO, 554 },
		{ "no LHLO: no HELO", "protocol lmtp", "220 mx\r\n550 no\r\n250 mx\r\n",
		    "LHLO localhost\r\nQUIT\r\n", CAUSE_REPLY, STAGE_HELLO, 550 },
		{ "SMTP in place of LMTP", "protocol lmtp",
		    "220 mx\r\n502 no\r\n250 mx\r\n",
		    "LHLO localhost\r\nEHLO localhost\r\nQUIT\r\n", CAUSE_PROTOCOL,
		    STAGE_HELLO, 502 },
		{ "LMTP in place of SMTP", "", "220 mx\r\n500 no\r\n500 no\r\n250 mx\r\n",
		    "EHLO localhost\r\nHELO localhost\r\nLHLO localhost\r\nQUIT\r\n",
		    CAUSE_PROTOCOL, STAGE_HELLO, 500 },
		{ "neither", "", "220 mx\r\n500 no\r\n500 a\r\n500 b\r\n",
		    "EHLO localhost\r\nHELO localhost\r\nLHLO localhost\r\nQUIT\r\n",
		    CAUSE_REPLY, STAGE_HELLO, 500 },

		/* Whoever wants TLS says nothing more without it */
		{ "no STARTTLS", "tls on, tls_certcheck off", "220 mx\r\n250 mx\r\n",
		    "EHLO localhost\r\n", CAUSE_TLS_NONE, STAGE_TLS, 0 },
		{ "STARTTLS in the first line", "tls on, tls_certcheck off",
		    "220 mx\r\n250 STARTTLS\r\n", "EHLO localhost\r\n", CAUSE_TLS_NONE,
		    STAGE_TLS, 0 },
		{ "STARTTLS refused", "tls on, tls_certcheck off",
		    "220 mx\r\n250-mx\r\n250 STARTTLS\r\n454 no certificate\r\n",
		    "EHLO localhost\r\nSTARTTLS\r\nQUIT\r\n", CAUSE_REPLY, STAGE_TLS,
		    454 },
		{ "words behind STARTTLS", "tls on, tls_certcheck off",
		    "220 mx\r\n250-mx\r\n250 STARTTLS\r\n220 go\r\n250 injected\r\n",
		    "EHLO localhost\r\nSTARTTLS\r\n", CAUSE_TLS_INJECTED, STAGE_TLS, 0 },
		{ "plain text for TLS", "tls on, tls_starttls off, tls_certcheck off",
		    "220 mx\r\n", NULL, CAUSE_TLS_STARTTLS, STAGE_TLS, 0 },

		{ "no AUTH", "auth on, user joe", "220 mx\r\n250 mx\r\n",
		    "EHLO localhost\r\n", CAUSE_AUTH_NONE, STAGE_AUTH, 0 },
		{ "AUTH refused", "auth plain, user joe",
		    "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n535 5.7.8 no\r\n",
		    "EHLO localhost\r\nAUTH PLAIN AGpvZQBodW50ZXIy\r\nQUIT\r\n",
		    CAUSE_AUTH_REFUSED, STAGE_AUTH, 535 },
		{ "AUTH", "auth plain, user joe",
		    "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n235 welcome\r\n",
		    "EHLO localhost\r\nAUTH PLAIN AGpvZQBodW50ZXIy\r\nQUIT\r\n",
		    CAUSE_NONE, STAGE_LOCAL, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct secret password = { 0 };
		struct outcome o = { 0 };
		struct account *a;
		struct session s;
		struct server server;
		char *heard;
		bool ok;

		server_start(&server, cases[i].says);
		a = server_account(server.port);
		set_all(a, cases[i].settings);
		secret_set(&password, span_of("hunter2"));
		ok = session_open(&s, a, &password, NULL, &o);
		session_close(&s, ok || o.code != 0);
		heard = server_stop(&server);
		check_int(cases[i].label, ok, cases[i].cause == CAUSE_NONE);
		check_int(cases[i].label, o.cause, cases[i].cause);
		check_int(cases[i].label, o.stage, cases[i].stage);
		check_int(cases[i].label, o.code, cases[i].code);
		if (cases[i].heard != NULL)
			check_text(cases[i].label, heard, cases[i].heard);
		free(heard);
		secret_free(&password);
		account_free(a);
	}
}

/* Neither a yes nor a no: it isn't about the mail, and another try may do better. */
TEST(a_reply_that_fits_no_question_is_no_smtp)
{
	static const struct {
		const char *label, *settings, *says;
		enum stage stage;
	} cases[] = {
		{ "250 as a greeting", "", "250 hi\r\n", STAGE_GREETING },
		{ "354 as a greeting", "", "354 hi\r\n", STAGE_GREETING },
		{ "354 to EHLO", "", "220 mx\r\n354 go\r\n", STAGE_HELLO },
		{ "354 to HELO", "", "220 mx\r\n500 no\r\n354 go\r\n", STAGE_HELLO },
		{ "250 to STARTTLS", "tls on, tls_certcheck off",
		    "220 mx\r\n250-mx\r\n250 STARTTLS\r\n250 ok\r\n", STAGE_TLS },
		{ "354 to AUTH", "auth plain, user joe",
		    "220 mx\r\n250-mx\r\n250 AUTH PLAIN\r\n354 go\r\n", STAGE_AUTH },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct secret password = { 0 };
		struct outcome o;
		struct account *a;
		struct session s;
		struct server server;

		server_start(&server, cases[i].says);
		a = server_account(server.port);
		set_all(a, cases[i].settings);
		secret_set(&password, span_of("hunter2"));
		check(cases[i].label, !session_open(&s, a, &password, NULL, &o));
		session_close(&s, false);
		free(server_stop(&server));
		check_int(cases[i].label, o.cause, CAUSE_PROTOCOL);
		check_int(cases[i].label, o.stage, cases[i].stage);
		check_int(cases[i].label, outcome_verdict(&o), VERDICT_RETRY);
		secret_free(&password);
		account_free(a);
	}
}

TEST(what_the_server_can_do_is_known_in_the_end)
{
	struct secret none = { 0 };
	struct outcome o;
	struct account *a;
	struct session s;
	struct server server;

	server_start(&server, "220 mx\r\n250-mx\r\n250-SIZE 1000\r\n250 DSN\r\n");
	a = server_account(server.port);
	assert_true(session_open(&s, a, &none, NULL, &o));
	assert_int_equal(s.caps.set, CAP_SIZE | CAP_DSN);
	assert_true(s.caps.size == 1000);
	assert_string_equal(s.peer.peer, "127.0.0.1");
	session_close(&s, true);
	session_close(&s, false); /* nothing is left to close */
	free(server_stop(&server));
	account_free(a);
}

TEST(a_name_that_can_be_none_is_not_said)
{
	struct secret none = { 0 };
	struct outcome o;
	struct account *a;
	struct session s;
	struct server server;
	char *heard;

	server_start(&server, "220 mx\r\n250 mx\r\n");
	a = server_account(server.port);
	server_account_set(a, "domain", "\377\376");
	assert_false(session_open(&s, a, &none, NULL, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG);
	session_close(&s, false);
	heard = server_stop(&server);
	assert_string_equal(heard, "");
	free(heard);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_comes_as_far_as_the_server_lets_it),
		cmocka_unit_test(a_reply_that_fits_no_question_is_no_smtp),
		cmocka_unit_test(what_the_server_can_do_is_known_in_the_end),
		cmocka_unit_test(a_name_that_can_be_none_is_not_said),
	};

	return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
