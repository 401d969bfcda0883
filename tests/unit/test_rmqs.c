/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <sysexits.h>

#include "lib/server.h"
#include "probe/rmqs.h"

#define HELLO "220 mx\r\n250-mx\r\n250 ETRN\r\n"

TEST(a_queue_is_started_or_the_server_says_why_not)
{
	static const struct {
		const char *label, *queue, *says, *heard;
		enum cause cause;
		int sysexit;
	} cases[] = {
		{ "250", "x.example", HELLO "250 started\r\n", "ETRN x.example\r\n",
		    CAUSE_NONE, EX_OK },
		{ "251", "@x.example", HELLO "251 no messages\r\n", "ETRN @x.example\r\n",
		    CAUSE_NONE, EX_OK },
		{ "252", "#night", HELLO "252 pending\r\n", "ETRN #night\r\n", CAUSE_NONE,
		    EX_OK },
		{ "253", "x", HELLO "253 7 pending\r\n", "ETRN x\r\n", CAUSE_NONE,
		    EX_OK },
		{ "in ASCII", "m\303\274ller.example", HELLO "250 ok\r\n",
		    "ETRN xn--mller-kva.example\r\n", CAUSE_NONE, EX_OK },
		{ "a domain in ASCII", "@m\303\274ller.example", HELLO "250 ok\r\n",
		    "ETRN @xn--mller-kva.example\r\n", CAUSE_NONE, EX_OK },
		{ "458", "x", HELLO "458 not now\r\n", "ETRN x\r\n", CAUSE_REPLY,
		    EX_TEMPFAIL },
		{ "459", "x", HELLO "459 not allowed\r\n", "ETRN x\r\n", CAUSE_REPLY,
		    EX_TEMPFAIL },
		{ "500", "x", HELLO "500 what?\r\n", "ETRN x\r\n", CAUSE_QUEUE_NAME,
		    EX_DATAERR },
		{ "501", "x", HELLO "501 what?\r\n", "ETRN x\r\n", CAUSE_QUEUE_NAME,
		    EX_DATAERR },
		{ "502", "x", HELLO "502 off\r\n", "ETRN x\r\n", CAUSE_REPLY,
		    EX_UNAVAILABLE },
		{ "530", "x", HELLO "530 sign in\r\n", "ETRN x\r\n", CAUSE_AUTH_WANTED,
		    EX_NOPERM },
		{ "354", "x", HELLO "354 go\r\n", "ETRN x\r\n", CAUSE_PROTOCOL,
		    EX_PROTOCOL },
		{ "no ETRN", "x", "220 mx\r\n250 mx\r\n", "", CAUSE_NO_ETRN,
		    EX_UNAVAILABLE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o = { 0 };
		struct server server;
		struct account *a;
		char *heard;
		bool ok;

		server_start(&server, cases[i].says);
		a = server_account(server.port);
		ok = rmqs_start(a, cases[i].queue, NULL, &o);
		heard = server_stop(&server);
		check_int(cases[i].label, ok, cases[i].cause == CAUSE_NONE);
		check_int(cases[i].label, o.cause, cases[i].cause);
		check_int(cases[i].label, outcome_sysexit(&o), cases[i].sysexit);
		check_int(cases[i].label, o.stage, ok ? STAGE_LOCAL : STAGE_QUEUE);
		check(cases[i].label, strncmp(heard, "EHLO localhost\r\n", 16) == 0);
		check(cases[i].label,
		    strncmp(heard + 16, cases[i].heard, strlen(cases[i].heard)) == 0);
		if (cases[i].cause != CAUSE_PROTOCOL)
			check_text(cases[i].label, heard + 16 + strlen(cases[i].heard),
			    "QUIT\r\n");
		free(heard);
		account_free(a);
	}
}

TEST(what_can_be_no_queue_reaches_nobody)
{
	static const char *const queues[] = { "", "@", "#", "a b", "a\tb",
		"a\r\nMAIL FROM:<x>", "#a\nb", "@a\rb", "#m\303\274ller", "\377\376",
		"m\303\274ller.example\r\n", "\357\274\236.example" };
	struct account *a = server_account(1); /* nobody listens there */

	for (size_t i = 0; i < COUNT(queues); i++) {
		struct outcome o = { 0 };

		check(queues[i], !rmqs_start(a, queues[i], NULL, &o));
		check_int(queues[i], o.cause, CAUSE_ADDRESS);
		check_int(queues[i], outcome_sysexit(&o), EX_DATAERR);
	}
	account_free(a);
}

TEST(who_signs_in_does_so_before)
{
	struct outcome o = { 0 };
	struct server server;
	struct account *a;
	char *heard;

	server_start(&server, "220 mx\r\n250-mx\r\n250-AUTH PLAIN\r\n250 ETRN\r\n"
			      "235 welcome\r\n250 started\r\n");
	a = server_account(server.port);
	server_account_set(a, "auth", "plain");
	server_account_set(a, "user", "joe");
	server_account_set(a, "password", "hunter2");
	assert_true(rmqs_start(a, "x", NULL, &o));
	heard = server_stop(&server);
	assert_string_equal(
	    heard, "EHLO localhost\r\nAUTH PLAIN AGpvZQBodW50ZXIy\r\nETRN x\r\nQUIT\r\n");
	free(heard);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_queue_is_started_or_the_server_says_why_not),
		cmocka_unit_test(what_can_be_no_queue_reaches_nobody),
		cmocka_unit_test(who_signs_in_does_so_before),
	};

	return cmocka_run_group_tests_name("rmqs", tests, NULL, NULL);
}
