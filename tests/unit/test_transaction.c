/* SPDX-License-Identifier: ISC
 *
 * test_transaction.c - what becomes of a mail, by what the server says
 *
 * Most cases run twice, with and without PIPELINING, against a server that answers each
 * command when it has come: the same client code serves both, and what becomes of the
 * mail must be the same. The bytes that go out are test_wire.c's.
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "lib/delivery.h"
#include "lib/want.h"

#define PIPELINING "mx\nPIPELINING\n"

/* What a server says to each command in turn, and what becomes of two recipients. */
static const struct {
	const char *label;
	const char *mail, *a, *b, *data, *final;
	struct want want[2];
	bool sent;     /* the message left */
	bool lone_dot; /* an empty one, with pipelining */
} conversations[] = {
	{ "all is well", "250 ok", "250 ok", "251 forwards", "354 go", "250 ok",
	    { TAKEN, TAKEN }, true, false },
	{ "one is refused", "250 ok", "550 5.1.1 no", "250 ok", "354 go", "250 ok",
	    { SAID(550, RCPT), TAKEN }, true, false },
	{ "one is put off", "250 ok", "250 ok", "450 4.2.1 later", "354 go", "250 ok",
	    { TAKEN, SAID(450, RCPT) }, true, false },
	{ "both are refused", "250 ok", "550 no", "551 no", "554 no valid recipients", "",
	    { SAID(550, RCPT), SAID(551, RCPT) }, false, false },
	{ "both are refused, and yet it wants the message", "250 ok", "550 no", "551 no",
	    "354 go", "554 no valid recipients", { SAID(550, RCPT), SAID(551, RCPT) },
	    false, true },
	{ "both are refused, and yet it takes the message", "250 ok", "550 no", "551 no",
	    "354 go", "250 ok", { SAID(550, RCPT), SAID(551, RCPT) }, false, true },
	{ "the sender is refused", "550 5.7.1 not you", "503 no sender", "503 no sender",
	    "503 no sender", "", { NOT_AS(550), NOT_AS(550) }, false, false },
	{ "the sender is put off", "451 4.7.1 greylisted", "503 no sender",
	    "503 no sender", "503 no sender", "", { SAID(451, MAIL), SAID(451, MAIL) },
	    false, false },
	{ "the sender is refused, and the rest taken", "550 5.7.1 not you", "250 ok",
	    "250 ok", "354 go", "250 ok", { NOT_AS(550), NOT_AS(550) }, false, true },
	{ "the message isn't wanted", "250 ok", "250 ok", "250 ok", "552 full", "",
	    { SAID(552, DATA), SAID(552, DATA) }, false, false },
	{ "the message isn't wanted now, and one is refused", "250 ok", "250 ok",
	    "550 no", "452 full", "", { SAID(452, DATA), SAID(550, RCPT) }, false,
	    false },
	{ "the message is refused", "250 ok", "250 ok", "250 ok", "354 go",
	    "554 5.7.1 spam", { SAID(554, FINAL), SAID(554, FINAL) }, true, false },
	{ "the message is put off", "250 ok", "250 ok", "250 ok", "354 go",
	    "451 4.3.0 later", { SAID(451, FINAL), SAID(451, FINAL) }, true, false },
	{ "the message is refused, and one was before", "250 ok", "550 no", "250 ok",
	    "354 go", "554 5.7.1 spam", { SAID(550, RCPT), SAID(554, FINAL) }, true,
	    false },
};

static char *
line(const char *reply)
{
	return *reply != '\0' ? mem_printf("%s\r\n", reply) : mem_dup("");
}

TEST(every_conversation_ends_the_same_way_with_and_without_pipelining)
{
	for (size_t i = 0; i < COUNT(conversations); i++)
		for (int pipelining = 0; pipelining < 2; pipelining++) {
			const char *label = conversations[i].label;
			char *says[] = { line(conversations[i].mail),
				line(conversations[i].a), line(conversations[i].b),
				line(conversations[i].data),
				line(conversations[i].final) };
			const struct script_step steps[] = {
				{ "MAIL FROM:<s@x>\r\n", says[0] },
				{ "RCPT TO:<a@x>\r\n", says[1] },
				{ "RCPT TO:<b@x>\r\n", says[2] },
				{ "DATA\r\n", says[3] },
				{ ".\r\n", says[4] },
			};
			const struct delivery_setting setting = {
				.caps = pipelining ? PIPELINING : "mx",
				.end = SCRIPT_SILENT,
			};
			const char *heard;
			struct delivery r;

			delivery_run(&r, &setting, steps, COUNT(steps));
			heard = r.script.heard.data;
			check(label, r.ok);
			check_outcome(
			    label, &r.e.rcpt[0].outcome, conversations[i].want[0]);
			check_outcome(
			    label, &r.e.rcpt[1].outcome, conversations[i].want[1]);
			check_int(
			    label, strstr(heard, "hello") != NULL, conversations[i].sent);
			if (pipelining && conversations[i].lone_dot)
				check_part(label, heard, "\r\nDATA\r\n.\r\nQUIT\r\n");
			if (!pipelining && !conversations[i].sent)
				check(label, strstr(heard, "\r\n.\r\n") == NULL);
			delivery_end(&r);
			for (size_t k = 0; k < COUNT(says); k++)
				free(says[k]);
		}
}

TEST(a_local_part_that_the_server_cannot_take_costs_nobody_else_the_mail)
{
	for (int pipelining = 0; pipelining < 2; pipelining++) {
		const struct delivery_setting setting = {
			.caps = pipelining ? PIPELINING : "mx",
			.recipients = "a@x, m\303\274@x, b@x",
		};
		struct delivery r;

		delivery_said(
		    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
		assert_true(r.ok);
		check_outcome("a", &r.e.rcpt[0].outcome, (struct want)TAKEN);
		check_outcome(
		    "m", &r.e.rcpt[1].outcome, (struct want)BROKE(NO_SMTPUTF8, RCPT));
		check_outcome("b", &r.e.rcpt[2].outcome, (struct want)TAKEN);
		assert_null(strstr(r.script.heard.data, "\303\274"));
		delivery_end(&r);
	}
}

TEST(where_no_recipient_can_be_said_no_message_is)
{
	for (int pipelining = 0; pipelining < 2; pipelining++) {
		const struct delivery_setting setting = {
			.caps = pipelining ? PIPELINING : "mx",
			.recipients = "m\303\274@x, \303\266@x",
			.end = SCRIPT_SILENT,
		};
		struct delivery r;

		delivery_said(&r, &setting, "250 ok\r\n");
		assert_true(r.ok);
		assert_int_equal(r.e.rcpt[0].outcome.cause, CAUSE_NO_SMTPUTF8);
		assert_int_equal(r.e.rcpt[1].outcome.cause, CAUSE_NO_SMTPUTF8);
		assert_null(strstr(r.script.heard.data, "DATA"));
		delivery_end(&r);
	}
}

TEST(a_sender_that_the_server_cannot_take_stops_the_mail)
{
	const struct delivery_setting setting = {
		.caps = PIPELINING, .sender = "s\303\274@x", .end = SCRIPT_SILENT
	};
	struct delivery r;

	delivery_run(&r, &setting, NULL, 0);
	assert_true(r.ok);
	check_outcome("a", &r.e.rcpt[0].outcome, (struct want)BROKE(NO_SMTPUTF8, MAIL));
	assert_int_equal(r.script.heard.len, 0);
	delivery_end(&r);
}

TEST(notices_that_the_server_does_not_know_stop_the_mail)
{
	for (int i = 0; i < 3; i++) {
		const struct delivery_setting setting = { .caps = PIPELINING,
			.end = SCRIPT_SILENT };
		struct delivery r;

		delivery_prepare(&r, &setting, NULL, 0);
		if (i == 0)
			r.e.notify = NOTIFY_NEVER;
		else if (i == 1)
			r.e.ret = RET_FULL;
		else
			r.e.envid = mem_dup("id");
		delivery_go(&r);
		assert_true(r.ok);
		check_outcome(
		    "a", &r.e.rcpt[0].outcome, (struct want)BROKE(NO_DSN, MAIL));
		assert_int_equal(r.script.heard.len, 0);
		delivery_end(&r);
	}
}

/* RFC 2033, 4.2: a reply for each recipient that was accepted. */
TEST(in_lmtp_each_recipient_has_a_verdict_of_its_own)
{
	static const struct {
		const char *label, *says;
		struct want want[3];
		bool ok;
	} cases[] = {
		{ "all",
		    "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"
		    "250 1\r\n250 2\r\n250 3\r\n",
		    { TAKEN, TAKEN, TAKEN }, true },
		{ "mixed",
		    "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"
		    "250 1\r\n452 full\r\n550 3\r\n",
		    { TAKEN, SAID(452, FINAL), SAID(550, FINAL) }, true },
		{ "one refused before: two verdicts",
		    "250 ok\r\n250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n"
		    "552 1\r\n250 3\r\n",
		    { SAID(552, FINAL), SAID(550, RCPT), TAKEN }, true },
		{ "lost after the first",
		    "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 1\r\n",
		    { TAKEN, BROKE(MAYBE_SENT, FINAL), BROKE(MAYBE_SENT, FINAL) },
		    false },
		{ "none accepted, and yet it wants the message: no verdicts",
		    "250 ok\r\n550 1\r\n550 2\r\n550 3\r\n354 go\r\n",
		    { SAID(550, RCPT), SAID(550, RCPT), SAID(550, RCPT) }, true },
		{ "none accepted",
		    "250 ok\r\n550 1\r\n550 2\r\n550 3\r\n503 no recipients\r\n",
		    { SAID(550, RCPT), SAID(550, RCPT), SAID(550, RCPT) }, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct delivery_setting setting = {
			.caps = PIPELINING,
			.recipients = "a@x, b@x, c@x",
			.lmtp = true,
			.end = SCRIPT_CLOSES,
		};
		struct delivery r;

		delivery_said(&r, &setting, cases[i].says);
		check_int(cases[i].label, r.ok, cases[i].ok);
		for (size_t k = 0; k < 3; k++)
			check_outcome(
			    cases[i].label, &r.e.rcpt[k].outcome, cases[i].want[k]);
		delivery_end(&r);
	}
}

TEST(an_envelope_can_be_tried_again)
{
	const struct delivery_setting setting = { .caps = "mx" };
	struct delivery r;

	delivery_said(&r, &setting, "451 later\r\n");
	assert_int_equal(envelope_accepted(&r.e), 0);
	delivery_again(&r, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
	assert_true(r.ok);
	assert_int_equal(envelope_accepted(&r.e), 2);
	delivery_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_conversation_ends_the_same_way_with_and_without_pipelining),
		cmocka_unit_test(
		    a_local_part_that_the_server_cannot_take_costs_nobody_else_the_mail),
		cmocka_unit_test(where_no_recipient_can_be_said_no_message_is),
		cmocka_unit_test(a_sender_that_the_server_cannot_take_stops_the_mail),
		cmocka_unit_test(notices_that_the_server_does_not_know_stop_the_mail),
		cmocka_unit_test(in_lmtp_each_recipient_has_a_verdict_of_its_own),
		cmocka_unit_test(an_envelope_can_be_tried_again),
	};

	return cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
}
