/* SPDX-License-Identifier: ISC
 *
 * test_batch_limits.c - more messages, or recipients, than a server takes at a time
 */
#include "lib/unit.h"

#include "lib/convoy.h"

TEST(more_recipients_than_the_server_takes_go_in_further_transactions)
{
	static const struct {
		const char *label, *caps;
		size_t n, max;
		int mails, rcpts; /* commands */
	} cases[] = {
		{ "the server says how many", BOTH "\nLIMITS RCPTMAX=100", 1050, 100, 11,
		    1050 },
		{ "the server refuses the rest", BOTH, 250, 100, 3, 400 },
		{ "without chunks", PIPELINING, 250, 100, 3, 400 },
		{ "without anything", "mx", 25, 10, 3, 26 },
		{ "very many, and no more are named than must be", BOTH, 10000, 1000, 10,
		    10499 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct convoy c;
		const char *at;
		int mails = 0;

		convoy_begin(&c, cases[i].caps, 1, CONVOY_TEXT);
		c.peer.rcpt_max = cases[i].max;
		convoy_address(&c, cases[i].n);
		check(cases[i].label, convoy_transact(&c));
		check_int(cases[i].label, envelope_accepted(&c.e[0]), cases[i].n);
		check_int(cases[i].label, c.peer.rcpts, cases[i].rcpts);
		for (at = c.peer.taken.data; (at = strchr(at, '\n')) != NULL; at++)
			mails++;
		check_int(cases[i].label, mails, cases[i].mails);
		convoy_end(&c);
	}
}

TEST(who_is_one_too_many_on_his_own_waits)
{
	const struct peer_quirk quirk[] = { { "RCPT TO:<r2@", 0, "452 4.5.3 not now" },
		{ 0 } };
	struct convoy c;

	convoy_begin(&c, PIPELINING, 1, CONVOY_TEXT);
	c.peer.quirk = quirk;
	convoy_address(&c, 3);
	assert_true(convoy_transact(&c));
	assert_int_equal(envelope_accepted(&c.e[0]), 2);
	assert_int_equal(c.e[0].rcpt[1].outcome.code, 452);
	assert_int_equal(c.peer.rcpts, 4);
	convoy_end(&c);
}

/* With a QUIT on its way there is no further transaction; but there may be a session. */
TEST(an_answer_about_one_recipient_is_not_about_their_number)
{
	static const struct {
		const char *says;
		int rcpts; /* commands for three recipients */
	} cases[] = {
		{ "452 4.5.3 too many", 4 },
		{ "452 too many", 4 },
		{ "552 5.5.3 too many", 4 },
		{ "552 too many", 4 },
		{ "452 4.2.2 mailbox full", 3 },
		{ "552 5.2.2 mailbox full", 3 },
		{ "450 4.5.3 later", 3 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct peer_quirk quirk[] = { { "RCPT TO:<r3@", 0, cases[i].says },
			{ 0 } };
		struct convoy c;

		convoy_begin(&c, PIPELINING, 1, CONVOY_TEXT);
		c.peer.quirk = quirk;
		convoy_address(&c, 3);
		check(cases[i].says, convoy_transact(&c));
		check_int(cases[i].says, c.peer.rcpts, cases[i].rcpts);
		convoy_end(&c);
	}
}

TEST(the_rest_can_go_in_another_session)
{
	struct convoy c;

	convoy_begin(&c, BOTH, 1, CONVOY_TEXT);
	c.peer.rcpt_max = 4;
	convoy_address(&c, 6);
	assert_true(convoy_transact(&c));
	assert_true(c.b.quit);
	assert_int_equal(envelope_accepted(&c.e[0]), 4);
	assert_true(batch_is_rest(&c.e[0].rcpt[5].outcome));
	channel_close(&c.channel);
	peer_free(&c.peer);
	peer_init(&c.peer);
	peer_channel(&c.peer, &c.channel);
	c.b = (struct batch){ .channel = &c.channel, .caps = &c.caps, .only_rest = true };
	assert_true(convoy_transact(&c));
	assert_string_equal(c.peer.taken.data, "s@x: r5@x r6@x (21)\n");
	assert_int_equal(envelope_accepted(&c.e[0]), 6);
	convoy_end(&c);
}

TEST(a_server_that_takes_so_many_messages_gets_no_more)
{
	struct convoy c;

	convoy_begin(&c, BOTH "\nLIMITS MAILMAX=7", 12, CONVOY_TEXT);
	c.peer.mail_max = 7;
	convoy_go(&c, 4);
	assert_true(c.ok);
	assert_true(c.b.full);
	assert_true(c.b.quit);
	assert_int_equal(c.settled, 7);
	assert_int_equal(c.given, 7);
	convoy_end(&c);
}

TEST(a_message_in_many_transactions_ends_where_the_session_is_full)
{
	struct convoy c;

	convoy_begin(&c, PIPELINING "\nLIMITS MAILMAX=2 RCPTMAX=10", 1, CONVOY_TEXT);
	convoy_address(&c, 25);
	assert_true(convoy_transact(&c));
	assert_int_equal(envelope_accepted(&c.e[0]), 20);
	assert_int_equal(c.e[0].rcpt[24].outcome.cause, CAUSE_SESSION_FULL);
	assert_int_equal(outcome_verdict(&c.e[0].rcpt[24].outcome), VERDICT_RETRY);
	convoy_end(&c);
}

TEST(a_server_that_has_enough_is_asked_no_more)
{
	const struct peer_quirk quirk[] = { { "MAIL", 3, "452 4.3.2 busy" }, { 0 } };
	struct convoy c;

	convoy_begin(&c, BOTH, 12, CONVOY_TEXT);
	c.peer.quirk = quirk;
	convoy_go(&c, 1);
	assert_true(c.ok);
	assert_true(c.b.full);
	assert_int_equal(c.settled, 3);
	convoy_end(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    more_recipients_than_the_server_takes_go_in_further_transactions),
		cmocka_unit_test(who_is_one_too_many_on_his_own_waits),
		cmocka_unit_test(an_answer_about_one_recipient_is_not_about_their_number),
		cmocka_unit_test(the_rest_can_go_in_another_session),
		cmocka_unit_test(a_server_that_takes_so_many_messages_gets_no_more),
		cmocka_unit_test(
		    a_message_in_many_transactions_ends_where_the_session_is_full),
		cmocka_unit_test(a_server_that_has_enough_is_asked_no_more),
	};

	return cmocka_run_group_tests_name("batch: limits", tests, NULL, NULL);
}
