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
#include "lib/sample.h"

#define PIPELINING "mx\nPIPELINING\n"

/* How it ended for one recipient. */
struct want {
	enum cause cause;
	int code;
	enum stage stage;
};

/* clang-format off */
#define TAKEN { CAUSE_NONE, 250, STAGE_FINAL }
#define SAID(code, stage) { CAUSE_REPLY, code, STAGE_##stage }
#define NOT_AS(code) { CAUSE_SENDER, code, STAGE_MAIL }
#define BROKE(cause, stage) { CAUSE_##cause, 0, STAGE_##stage }
/* clang-format on */

static void
check_outcome(const char *label, const struct outcome *o, struct want want)
{
	check_int(label, o->cause, want.cause);
	check_int(label, o->code, want.code);
	check_int(label, o->stage, want.stage);
}

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

/* Where the connection breaks, or stops making sense: after so many replies. */
TEST(a_lost_line_is_told_by_how_far_the_mail_had_come)
{
	static const struct {
		const char *label, *says;
		enum script_end end;
		struct want want[2];
	} cases[] = {
		{ "at once", "", SCRIPT_CLOSES,
		    { BROKE(HANGUP, MAIL), BROKE(HANGUP, MAIL) } },
		{ "reset at once", "", SCRIPT_RESETS,
		    { BROKE(HANGUP, MAIL), BROKE(HANGUP, MAIL) } },
		{ "silent from the start", "", SCRIPT_SILENT,
		    { BROKE(TIMEOUT, MAIL), BROKE(TIMEOUT, MAIL) } },
		{ "within a reply", "250", SCRIPT_CLOSES,
		    { BROKE(HANGUP, MAIL), BROKE(HANGUP, MAIL) } },
		{ "after MAIL", "250 ok\r\n", SCRIPT_CLOSES,
		    { BROKE(HANGUP, RCPT), BROKE(HANGUP, RCPT) } },
		{ "after the first is refused", "250 ok\r\n550 no\r\n", SCRIPT_CLOSES,
		    { SAID(550, RCPT), BROKE(HANGUP, RCPT) } },
		{ "after the first is taken", "250 ok\r\n250 ok\r\n", SCRIPT_CLOSES,
		    { BROKE(HANGUP, RCPT), BROKE(HANGUP, RCPT) } },
		{ "before 354", "250 ok\r\n250 ok\r\n250 ok\r\n", SCRIPT_CLOSES,
		    { BROKE(HANGUP, DATA), BROKE(HANGUP, DATA) } },
		{ "silent before 354", "250 ok\r\n250 ok\r\n250 ok\r\n", SCRIPT_SILENT,
		    { BROKE(TIMEOUT, DATA), BROKE(TIMEOUT, DATA) } },

		/* From the final dot on, nobody knows */
		{ "after the dot", "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
		    SCRIPT_CLOSES,
		    { BROKE(MAYBE_SENT, FINAL), BROKE(MAYBE_SENT, FINAL) } },
		{ "reset after the dot", "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
		    SCRIPT_RESETS,
		    { BROKE(MAYBE_SENT, FINAL), BROKE(MAYBE_SENT, FINAL) } },
		{ "silent after the dot", "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n",
		    SCRIPT_SILENT,
		    { BROKE(MAYBE_SENT, FINAL), BROKE(MAYBE_SENT, FINAL) } },
		{ "within the last reply",
		    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 o", SCRIPT_CLOSES,
		    { BROKE(MAYBE_SENT, FINAL), BROKE(MAYBE_SENT, FINAL) } },
		{ "after the dot, one refused before",
		    "250 ok\r\n550 no\r\n250 ok\r\n354 go\r\n", SCRIPT_CLOSES,
		    { SAID(550, RCPT), BROKE(MAYBE_SENT, FINAL) } },

		/* And after the last word nothing can change it */
		{ "after the verdict",
		    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n", SCRIPT_RESETS,
		    { TAKEN, TAKEN } },
		{ "garbage after the verdict",
		    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\nhuh?\r\n",
		    SCRIPT_CLOSES, { TAKEN, TAKEN } },

		/* 421, and gone: RFC 5321, 3.8 */
		{ "421 to MAIL", "421 bye\r\n", SCRIPT_CLOSES,
		    { SAID(421, MAIL), SAID(421, MAIL) } },
		{ "421 to the first", "250 ok\r\n421 bye\r\n", SCRIPT_CLOSES,
		    { SAID(421, RCPT), SAID(421, RCPT) } },
		{ "421 to the second", "250 ok\r\n250 ok\r\n421 bye\r\n", SCRIPT_CLOSES,
		    { SAID(421, DATA), SAID(421, RCPT) } },
		{ "421 to DATA", "250 ok\r\n250 ok\r\n250 ok\r\n421 bye\r\n",
		    SCRIPT_CLOSES, { SAID(421, DATA), SAID(421, DATA) } },
		{ "421 to the message",
		    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n421 bye\r\n", SCRIPT_CLOSES,
		    { SAID(421, FINAL), SAID(421, FINAL) } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct delivery_setting setting = { .caps = PIPELINING,
			.end = cases[i].end };
		struct delivery r;

		delivery_said(&r, &setting, cases[i].says);
		check_outcome(cases[i].label, &r.e.rcpt[0].outcome, cases[i].want[0]);
		check_outcome(cases[i].label, &r.e.rcpt[1].outcome, cases[i].want[1]);
		for (size_t k = 0; k < 2; k++) {
			const struct outcome *o = &r.e.rcpt[k].outcome;

			if (o->cause != CAUSE_NONE && o->code != 550)
				check_int(
				    cases[i].label, outcome_verdict(o), VERDICT_RETRY);
		}
		delivery_end(&r);
	}
}

/* With pipelining, skipping or guessing a line would shift every reply behind it. */
TEST(what_is_no_reply_ends_the_conversation)
{
	static const char *const garbage[] = { "hello?\r\n", "\r\n", "250-a\r\n251 b\r\n",
		"25\r\n", "600 six\r\n", "354 too early\r\n", "220-\r\nx\r\n" };
	static const char before[][40] = { "", "250 ok\r\n", "250 ok\r\n250 ok\r\n" };

	for (size_t i = 0; i < COUNT(garbage); i++)
		for (size_t k = 0; k < COUNT(before); k++) {
			char says[200];
			const struct delivery_setting setting = { .caps = PIPELINING };
			struct delivery r;

			(void)snprintf(says, sizeof says,
			    "%s%s250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n",
			    before[k], garbage[i]);
			delivery_said(&r, &setting, says);
			check(says, !r.ok);
			check_int(says, r.o.cause, CAUSE_PROTOCOL);
			check_int(says, r.e.rcpt[0].outcome.cause, CAUSE_PROTOCOL);
			check_int(says, r.e.rcpt[1].outcome.cause, CAUSE_PROTOCOL);
			check(says, strstr(r.script.heard.data, "hello") == NULL);
			delivery_end(&r);
		}
}

TEST(what_is_no_reply_after_the_dot_leaves_it_open)
{
	const struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	delivery_said(
	    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\nhuh?\r\n250 ok\r\n");
	assert_false(r.ok);
	assert_int_equal(r.e.rcpt[0].outcome.cause, CAUSE_MAYBE_SENT);
	check_part("words", r.e.rcpt[0].outcome.text, "huh?");
	delivery_end(&r);
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

/* It can't be about the message: who believes it may lose the mail. */
TEST(a_yes_that_comes_before_the_message_has_ended_is_not_believed)
{
	const struct script_step steps[] = { { NULL,
	    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n" } };
	const struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	delivery_run(&r, &setting, steps, COUNT(steps));
	assert_false(r.ok);
	check_outcome("a", &r.e.rcpt[0].outcome, (struct want)BROKE(PROTOCOL, DATA));
	check_outcome("b", &r.e.rcpt[1].outcome, (struct want)BROKE(PROTOCOL, DATA));
	assert_null(strstr(r.script.heard.data, "\r\n.\r\n"));
	delivery_end(&r);
}

/* The words of a server that refuses half-way through the message, whether it closes or
 * not. */
TEST(a_refusal_while_the_message_is_on_its_way_is_heeded)
{
	const struct script_step steps[] = {
		{ "DATA\r\n", "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n" },
		{ "xxxx", "552 5.3.4 too much\r\n" },
	};
	struct buf text;
	struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "A: b\r\n\r\n");
	for (int i = 0; i < 20000; i++)
		buf_puts(&text, "xxxxxxxxxxxxxxxxxx\r\n");
	setting.message = text.data;
	for (int closes = 0; closes < 2; closes++) {
		delivery_prepare(&r, &setting, steps, COUNT(steps));
		r.script.dies_after = closes ? 100000 : 0;
		delivery_go(&r);
		assert_false(r.ok);
		check_outcome("a", &r.e.rcpt[0].outcome, (struct want)SAID(552, FINAL));
		assert_int_equal(outcome_verdict(&r.e.rcpt[0].outcome), VERDICT_REJECT);
		assert_null(strstr(r.script.heard.data, "\r\n.\r\n"));
		delivery_end(&r);
	}
	buf_free(&text);
}

/* The same in one flight: what counts is whether the last byte has left. */
TEST(a_connection_that_breaks_within_a_chunk_leaves_no_doubt)
{
	struct delivery_setting setting = { .caps = PIPELINING "CHUNKING\n",
		.end = SCRIPT_RESETS };
	static const struct {
		size_t size, dies_after;
		struct want want;
	} cases[] = {
		{ 200, 1, BROKE(HANGUP, MAIL) },
		{ 200, 200, BROKE(HANGUP, MAIL) },
		{ 200000, 1, BROKE(HANGUP, DATA) },
		{ 200000, 100000, BROKE(HANGUP, DATA) },
		{ 200000, 200000 + 80, BROKE(MAYBE_SENT, FINAL) },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char label[32];
		struct delivery r;
		struct buf text;

		(void)snprintf(label, sizeof label, "%zu of %zu", cases[i].dies_after,
		    cases[i].size);
		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "A: b\r\n\r\n");
		while (text.len < cases[i].size)
			buf_puts(&text, "xxxxxxxxxxxxxxxxxx\r\n");
		setting.message = text.data;
		delivery_prepare(&r, &setting, NULL, 0);
		r.script.dies_after = cases[i].dies_after;
		delivery_go(&r);
		check(label, !r.ok);
		check_outcome(label, &r.e.rcpt[0].outcome, cases[i].want);
		check_outcome(label, &r.e.rcpt[1].outcome, cases[i].want);
		delivery_end(&r);
		buf_free(&text);
	}
}

/* It would be taken for the answer to the sender, and so on to the message. */
TEST(an_answer_that_nobody_asked_for_comes_before_no_chunk)
{
	const struct script_step steps[] = { { NULL, "220 hi\r\n250 extra\r\n" } };
	const struct delivery_setting setting = { .caps = PIPELINING "CHUNKING\n" };
	struct delivery r;

	delivery_prepare(&r, &setting, steps, COUNT(steps));
	assert_true(channel_reply(&r.channel, STAGE_GREETING, &r.o));
	delivery_go(&r);
	assert_false(r.ok);
	check_outcome("a", &r.e.rcpt[0].outcome, (struct want)BROKE(PROTOCOL, MAIL));
	assert_int_equal(r.script.heard.len, 0);
	delivery_end(&r);
}

TEST(a_connection_that_breaks_within_the_message_leaves_no_doubt)
{
	const struct script_step steps[] = { { "DATA\r\n",
	    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n" } };
	struct buf text;
	struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "A: b\r\n\r\n");
	for (int i = 0; i < 20000; i++)
		buf_puts(&text, "xxxxxxxxxxxxxxxxxx\r\n");
	setting.message = text.data;
	delivery_prepare(&r, &setting, steps, COUNT(steps));
	r.script.dies_after = 100000;
	delivery_go(&r);
	assert_false(r.ok);
	check_outcome("a", &r.e.rcpt[0].outcome, (struct want)BROKE(HANGUP, DATA));
	assert_null(strstr(r.script.heard.data, "\r\n.\r\n"));
	delivery_end(&r);
	buf_free(&text);
}

/* The message itself can't be read back: no dot may make the torso a message. */
TEST(a_message_that_cannot_be_read_is_not_ended)
{
	const struct script_step steps[] = { { "DATA\r\n",
	    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n" } };
	const struct delivery_setting setting = { .caps = PIPELINING,
		.end = SCRIPT_SILENT };
	struct delivery r;

	delivery_prepare(&r, &setting, steps, COUNT(steps));
	r.m.fd = 1000; /* no such descriptor */
	delivery_go(&r);
	r.m.fd = -1;
	assert_false(r.ok);
	check_outcome("a", &r.e.rcpt[0].outcome, (struct want)BROKE(STORE, DATA));
	assert_null(strstr(r.script.heard.data, "DATA\r\n."));
	assert_null(strstr(r.script.heard.data, "QUIT"));
	delivery_end(&r);
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
		cmocka_unit_test(a_lost_line_is_told_by_how_far_the_mail_had_come),
		cmocka_unit_test(what_is_no_reply_ends_the_conversation),
		cmocka_unit_test(what_is_no_reply_after_the_dot_leaves_it_open),
		cmocka_unit_test(
		    a_local_part_that_the_server_cannot_take_costs_nobody_else_the_mail),
		cmocka_unit_test(where_no_recipient_can_be_said_no_message_is),
		cmocka_unit_test(a_sender_that_the_server_cannot_take_stops_the_mail),
		cmocka_unit_test(notices_that_the_server_does_not_know_stop_the_mail),
		cmocka_unit_test(in_lmtp_each_recipient_has_a_verdict_of_its_own),
		cmocka_unit_test(
		    a_yes_that_comes_before_the_message_has_ended_is_not_believed),
		cmocka_unit_test(a_refusal_while_the_message_is_on_its_way_is_heeded),
		cmocka_unit_test(a_connection_that_breaks_within_a_chunk_leaves_no_doubt),
		cmocka_unit_test(an_answer_that_nobody_asked_for_comes_before_no_chunk),
		cmocka_unit_test(
		    a_connection_that_breaks_within_the_message_leaves_no_doubt),
		cmocka_unit_test(a_message_that_cannot_be_read_is_not_ended),
		cmocka_unit_test(an_envelope_can_be_tried_again),
	};

	return cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
}
