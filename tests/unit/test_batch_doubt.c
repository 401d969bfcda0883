/* SPDX-License-Identifier: ISC
 *
 * test_batch_doubt.c - who can be sure of his mail where a session ends amid many, or
 * where the answers are out of step
 */
#include "lib/unit.h"

#include "lib/convoy.h"

/* After a goodbye nothing else was done: who wasn't answered can be sure. */
TEST(a_goodbye_leaves_no_doubt_about_what_is_behind_it)
{
	struct convoy c;

	convoy_begin(&c, BOTH, 12, CONVOY_TEXT);
	c.peer.mail_max = 7;
	convoy_go(&c, 8);
	assert_false(c.ok);
	for (size_t i = 0; i < c.given; i++) {
		const struct outcome *o = &c.e[i].rcpt[0].outcome;

		assert_int_equal(o->code, i < 7 ? 250 : 421);
		assert_int_equal(
		    outcome_verdict(o), i < 7 ? VERDICT_DONE : VERDICT_RETRY);
	}
	assert_int_equal(c.settled, c.given);
	assert_in_range(c.given, 8, 12);
	convoy_end(&c);
}

/* Where the line breaks: who may have got it is only who had it whole. */
TEST(a_lost_line_leaves_open_what_had_left)
{
	static const struct {
		const char *label, *caps;
		const char *command;
		int nth;
		size_t maybe, given; /* the first that may have been sent; how many */
	} cases[] = {
		{ "the answer to the first", BOTH, "BDAT", 1, 0, 1 },
		{ "the answer to one of a group", BOTH, "BDAT", 4, 3, 11 },
		{ "before the recipients of one", BOTH, "RCPT TO:<a4", 1, 4, 11 },
		{ "the answer to the dot", PIPELINING, ".", 3, 2, 4 },
		{ "before DATA", PIPELINING, "DATA", 3, 99, 3 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct peer_quirk quirk[] = {
			{ cases[i].command, cases[i].nth, NULL }, { 0 }
		};
		const char *label = cases[i].label;
		struct convoy c;

		convoy_begin(&c, cases[i].caps, 30, CONVOY_TEXT);
		c.peer.quirk = quirk;
		convoy_go(&c, 10);
		check(label, !c.ok);
		check_int(label, c.given, cases[i].given);
		check_int(label, c.settled, c.given);
		for (size_t k = 0; k < c.given; k++) {
			const struct outcome *o = &c.e[k].rcpt[0].outcome;
			bool had_left =
			    k >= cases[i].maybe &&
			    (cases[i].caps[13] != '\0' || k == cases[i].maybe);

			if (o->cause == CAUSE_NONE)
				check(label, k < cases[i].maybe);
			else
				check_int(label, o->cause,
				    had_left ? CAUSE_MAYBE_SENT : CAUSE_HANGUP);
		}
		convoy_end(&c);
	}
}

TEST(a_server_that_does_not_know_what_it_offers_has_not_taken_the_message)
{
	struct convoy c;

	convoy_begin(&c, BOTH, 12, CONVOY_TEXT);
	c.peer.knows_no_bdat = true;
	convoy_go(&c, 20);
	assert_false(c.ok);
	assert_true(c.b.no_chunking);
	assert_int_equal(c.settled, 1);
	assert_int_equal(c.e[0].rcpt[0].outcome.cause, CAUSE_PROTOCOL);
	assert_int_equal(outcome_verdict(&c.e[0].rcpt[0].outcome), VERDICT_RETRY);
	convoy_end(&c);
}

/* A refused chunk that the server reads as commands: what it says to RSET shows it, and
 * what it says to the next message isn't believed. */
TEST(replies_that_are_out_of_step_refuse_nobody)
{
	const struct peer_quirk quirk[] = { { "RSET", 3, "500 5.5.2 what?" },
		{ "MAIL FROM:<s4", 0, "500 5.5.2 what?" }, { 0 } };
	struct convoy c;

	convoy_begin(&c, BOTH, 12, CONVOY_TEXT);
	c.peer.quirk = quirk;
	convoy_go(&c, 6);
	assert_false(c.ok);
	assert_int_equal(c.o.cause, CAUSE_PROTOCOL);
	for (size_t i = 0; i < c.given; i++)
		assert_int_not_equal(
		    outcome_verdict(&c.e[i].rcpt[0].outcome), VERDICT_REJECT);
	assert_int_equal(c.e[4].rcpt[0].outcome.cause, CAUSE_MAYBE_SENT);
	convoy_end(&c);
}

TEST(an_answer_too_many_is_not_taken_for_that_to_the_message)
{
	const struct peer_quirk quirk[] = { { "RCPT TO:<a0", 0,
						"250 2.1.5 ok\r\n250 2.1.5 ok" },
		{ "BDAT", 0, "554 5.6.0 no" }, { 0 } };
	struct convoy c;

	convoy_begin(&c, BOTH, 1, CONVOY_TEXT);
	c.peer.quirk = quirk;
	assert_false(convoy_transact(&c));
	assert_int_equal(c.e[0].rcpt[0].outcome.cause, CAUSE_MAYBE_SENT);
	convoy_end(&c);
}

/* In the midst of many it would be seen only with the last of them. */
TEST(from_an_answer_too_many_on_nobody_can_be_sure)
{
	static const struct {
		const char *label, *command, *says;
		size_t sure; /* so many messages are */
	} cases[] = {
		{ "a recipient is answered twice", "RCPT TO:<a5",
		    "250 2.1.5 ok\r\n250 2.1.5 ok", 5 },
		{ "what nobody asked for", "RCPT TO:<b5",
		    "250 2.1.5 ok\r\n250 2.0.0 hello", 6 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct peer_quirk quirk[] = { { cases[i].command, 0,
							cases[i].says },
			{ "RCPT", 0, "250 2.1.5 ok" }, { "BDAT", 0, "250 2.0.0 kept" },
			{ 0 } };
		struct convoy c;

		convoy_begin(&c, BOTH, 12, CONVOY_TEXT);
		c.peer.quirk = quirk;
		convoy_go(&c, 20);
		check(cases[i].label, !c.ok);
		for (size_t k = 0; k < c.n; k++)
			check_int(cases[i].label, c.e[k].rcpt[0].outcome.cause,
			    k < cases[i].sure ? CAUSE_NONE : CAUSE_MAYBE_SENT);
		convoy_end(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_goodbye_leaves_no_doubt_about_what_is_behind_it),
		cmocka_unit_test(a_lost_line_leaves_open_what_had_left),
		cmocka_unit_test(
		    a_server_that_does_not_know_what_it_offers_has_not_taken_the_message),
		cmocka_unit_test(replies_that_are_out_of_step_refuse_nobody),
		cmocka_unit_test(an_answer_too_many_is_not_taken_for_that_to_the_message),
		cmocka_unit_test(from_an_answer_too_many_on_nobody_can_be_sure),
	};

	return cmocka_run_group_tests_name("batch: doubt", tests, NULL, NULL);
}
