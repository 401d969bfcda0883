/* SPDX-License-Identifier: ISC
 *
 * test_transaction_broken.c - what becomes of a mail where the line breaks, or the server
 * says what no server should
 */
#include "lib/unit.h"

#include "lib/delivery.h"
#include "lib/sample.h"
#include "lib/want.h"

#define PIPELINING "mx\nPIPELINING\n"

/* Of at least so many bytes; buf_free() frees it. */
static void
message_make(struct buf *text, size_t size)
{
	buf_init(text, SAMPLE_MAX);
	buf_puts(text, "A: b\r\n\r\n");
	while (text->len < size)
		buf_puts(text, "xxxxxxxxxxxxxxxxxx\r\n");
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

	message_make(&text, 400000);
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
		message_make(&text, cases[i].size);
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

	message_make(&text, 400000);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_line_is_told_by_how_far_the_mail_had_come),
		cmocka_unit_test(what_is_no_reply_ends_the_conversation),
		cmocka_unit_test(what_is_no_reply_after_the_dot_leaves_it_open),
		cmocka_unit_test(
		    a_yes_that_comes_before_the_message_has_ended_is_not_believed),
		cmocka_unit_test(a_refusal_while_the_message_is_on_its_way_is_heeded),
		cmocka_unit_test(a_connection_that_breaks_within_a_chunk_leaves_no_doubt),
		cmocka_unit_test(an_answer_that_nobody_asked_for_comes_before_no_chunk),
		cmocka_unit_test(
		    a_connection_that_breaks_within_the_message_leaves_no_doubt),
		cmocka_unit_test(a_message_that_cannot_be_read_is_not_ended),
	};

	return cmocka_run_group_tests_name("transaction: broken", tests, NULL, NULL);
}
