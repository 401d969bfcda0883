/* SPDX-License-Identifier: ISC
 *
 * test_batch.c - many messages in one session, and one large message: how many
 * turns they take, and in which form they go
 */
#include "lib/unit.h"

#include "base/clock.h"
#include "lib/convoy.h"
#include "lib/sample.h"

/* The fewest that the rules allow: with CHUNKING a mail takes one turn, without it two,
 * and without PIPELINING each command takes one. QUIT never takes another. */
TEST(a_mail_takes_the_fewest_turns_that_the_server_lets_it)
{
	static const struct {
		const char *caps;
		bool lmtp;
		int turns, each; /* and for each recipient */
	} cases[] = {
		{ BOTH, false, 1, 0 },
		{ PIPELINING, false, 2, 0 },
		{ CHUNKING, false, 2, 1 },
		{ "mx", false, 3, 1 },
		{ BOTH, true, 2, 0 },
		{ PIPELINING, true, 2, 0 },
		{ "mx", true, 3, 1 },
	};
	static const size_t counts[] = { 1, 10, 100 };

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; k < COUNT(counts); k++) {
			const bool pipelining = cases[i].each == 0;
			char label[64];
			struct convoy c;

			(void)snprintf(label, sizeof label, "case %zu, %zu recipients", i,
			    counts[k]);
			convoy_begin(&c, cases[i].caps, 1, CONVOY_TEXT);
			c.peer.lmtp = c.b.lmtp = cases[i].lmtp;
			convoy_address(&c, counts[k]);
			check(label, convoy_transact(&c));
			check_int(label, envelope_accepted(&c.e[0]), counts[k]);
			check_int(label, c.peer.turns,
			    cases[i].turns + cases[i].each * (int)counts[k]);
			check_int(label, c.peer.writes, c.peer.turns);
			check_int(label, c.b.quit, pipelining);
			check_int(label, strstr(c.peer.heard.data, "BDAT") != NULL,
			    strstr(cases[i].caps, "CHUNKING") != NULL && !cases[i].lmtp);
			convoy_end(&c);
		}
}

/* The envelope went before, command by command. */
TEST(a_message_whose_envelope_was_asked_goes_alone)
{
	static const struct {
		const char *caps, *heard;
		bool lmtp;
	} cases[] = {
		{ BOTH, "BDAT 21 LAST\r\n" CONVOY_TEXT, false },
		{ PIPELINING, "DATA\r\n" CONVOY_TEXT ".\r\n", false },
		{ "mx\nPIPELINING\nLIMITS RCPTMAX=1", "DATA\r\n" CONVOY_TEXT ".\r\n",
		    false },
		{ BOTH, "DATA\r\n" CONVOY_TEXT ".\r\n", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct convoy c;
		struct span asked =
		    span_of("MAIL FROM:<s0@x>\r\nRCPT TO:<a0@x>\r\nRCPT TO:<b0@x>\r\n");

		convoy_begin(&c, cases[i].caps, 1, CONVOY_TEXT);
		c.peer.lmtp = c.b.lmtp = cases[i].lmtp;
		c.b.asked = c.b.stays = true;
		assert_true(stream_write(&c.channel.stream, asked, clock_in(1000), &c.o));
		for (int k = 0; k < 3; k++)
			assert_true(channel_reply(&c.channel, STAGE_MAIL, &c.o));
		check(cases[i].caps, convoy_transact(&c));
		check_int(cases[i].caps, envelope_accepted(&c.e[0]), 2);
		assert_string_equal(c.peer.heard.data + asked.n, cases[i].heard);
		check_int(cases[i].caps, c.b.quit, false);
		convoy_end(&c);
	}
}

TEST(an_asked_message_that_gets_lost_got_to_nobody)
{
	static const struct peer_quirk closes[] = { { "DATA", 0, NULL },
		{ NULL, 0, NULL } };
	struct convoy c;

	convoy_begin(&c, PIPELINING, 1, CONVOY_TEXT);
	c.peer.quirk = closes;
	c.b.asked = c.b.stays = true;
	assert_false(convoy_transact(&c));
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(c.e[0].rcpt[i].outcome.cause, CAUSE_HANGUP);
	convoy_end(&c);
}

TEST(a_mail_that_goes_in_a_chunk_is_not_changed)
{
	static const char text[] = "A: b\r\n\r\n.\r\n..x\r\n\r\n";
	struct convoy c;

	convoy_begin(&c, BOTH, 1, text);
	assert_true(convoy_transact(&c));
	assert_string_equal(c.peer.heard.data,
	    "MAIL FROM:<s0@x>\r\nRCPT TO:<a0@x>\r\nRCPT TO:<b0@x>\r\nBDAT 18 LAST\r\n"
	    "A: b\r\n\r\n.\r\n..x\r\n\r\nQUIT\r\n");
	assert_int_equal(c.e[0].rcpt[1].outcome.stage, STAGE_FINAL);
	convoy_end(&c);
}

/* So many messages of two recipients each. */
TEST(many_mails_take_fewer_turns_than_there_are)
{
	static const struct {
		const char *caps;
		unsigned depth;
		int turns;
		bool lmtp;
	} cases[] = {
		/* the first goes alone, and the others in groups of up to 20 */
		{ BOTH, 20, 3, false },
		{ BOTH, 1, CONVOY_MAX, false },
		{ BOTH, 0, CONVOY_MAX, false },
		/* each begins with the end of the one before, but for the second */
		{ PIPELINING, 20, CONVOY_MAX + 2, false },
		{ PIPELINING, 2, CONVOY_MAX + 2, false },
		{ PIPELINING, 1, 2 * CONVOY_MAX, false },
		{ "mx", 20, 5 * CONVOY_MAX, false },
		{ BOTH, 20, 2 * CONVOY_MAX, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char label[32];
		struct convoy c;

		(void)snprintf(label, sizeof label, "case %zu", i);
		convoy_begin(&c, cases[i].caps, CONVOY_MAX, CONVOY_TEXT);
		c.peer.lmtp = c.b.lmtp = cases[i].lmtp;
		convoy_go(&c, cases[i].depth);
		check(label, c.ok);
		check_int(label, c.settled, CONVOY_MAX);
		check_int(label, c.peer.turns, cases[i].turns);
		for (size_t k = 0; k < CONVOY_MAX; k++) {
			check_int(label, c.place[k], k + 1);
			check_int(label, envelope_accepted(&c.e[k]), 2);
		}
		check_part(label, c.peer.taken.data, "s0@x: a0@x b0@x (21)\ns1@x: ");
		convoy_end(&c);
	}
}

/* The server forgets the sender and whom it has accepted only with RSET. */
TEST(a_refusal_costs_no_other_message_anything)
{
	static const struct {
		const char *label;
		struct peer_quirk quirk[3];
		int code; /* what a5@x and b5@x get */
	} cases[] = {
		{ "the sender", { { "MAIL FROM:<s5@", 0, "550 5.7.1 no" }, { 0 } }, 550 },
		{ "both recipients",
		    { { "RCPT TO:<a5@", 0, "550 5.1.1 no" },
			{ "RCPT TO:<b5@", 0, "550 5.1.1 no" }, { 0 } },
		    550 },
		{ "the message", { { "BDAT", 6, "554 5.6.0 no" }, { 0 } }, 554 },
		{ "the message, for now", { { "BDAT", 6, "451 4.3.0 later" }, { 0 } },
		    451 },
		{ "a message without BDAT", { { ".", 6, "554 5.6.0 no" }, { 0 } }, 554 },
		{ "DATA", { { "DATA", 6, "554 5.6.0 no" }, { 0 } }, 554 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct convoy c;

		convoy_begin(&c, i < 4 ? BOTH : PIPELINING, 12, CONVOY_TEXT);
		c.peer.quirk = cases[i].quirk;
		convoy_go(&c, 20);
		check(cases[i].label, c.ok);
		check_int(cases[i].label, c.settled, 12);
		for (size_t k = 0; k < 12; k++) {
			const struct outcome *o = &c.e[k].rcpt[0].outcome;

			check_int(cases[i].label, o->code, k == 5 ? cases[i].code : 250);
			check_int(
			    cases[i].label, envelope_accepted(&c.e[k]), k == 5 ? 0 : 2);
		}
		check(cases[i].label, strstr(c.peer.taken.data, "s5@") == NULL);
		check_part(cases[i].label, c.peer.taken.data, "\ns6@x: a6@x b6@x (21)\n");
		convoy_end(&c);
	}
}

TEST(behind_a_refusal_a_message_goes_alone)
{
	const struct peer_quirk quirk[] = { { "RCPT TO:<a", 1, "550 5.1.1 no" }, { 0 } };
	struct convoy c;

	convoy_begin(&c, BOTH, 3, CONVOY_TEXT);
	c.peer.quirk = quirk;
	convoy_go(&c, 20);
	assert_true(c.ok);
	assert_int_equal(c.peer.turns, 3);
	convoy_end(&c);
}

TEST(a_message_that_the_server_cannot_take_is_settled_in_its_turn)
{
	struct convoy c;

	convoy_begin(&c, BOTH "\nSIZE 20", 5, CONVOY_TEXT);
	convoy_go(&c, 20);
	assert_true(c.ok);
	assert_int_equal(c.settled, 5);
	assert_int_equal(c.e[4].rcpt[0].outcome.cause, CAUSE_TOO_LARGE);
	assert_int_equal(c.peer.heard.len, 0);
	convoy_end(&c);
}

static void
begin_large(struct convoy *c, const char *caps, struct buf *text, size_t n)
{
	buf_init(text, SAMPLE_MAX);
	buf_puts(text, "A: b\r\n\r\n");
	while (text->len < n)
		buf_puts(text, ".23456789012345678901234567890\r\n");
	convoy_begin(c, caps, 1, text->data);
}

TEST(a_large_mail_waits_until_somebody_will_have_it)
{
	const struct peer_quirk quirk[] = { { "RCPT", 0, "550 5.1.1 no" }, { 0 } };
	static const char *const caps[] = { BOTH, CHUNKING };

	for (size_t i = 0; i < COUNT(caps); i++) {
		struct buf text;
		struct convoy c;

		begin_large(&c, caps[i], &text, 300000);
		c.peer.quirk = quirk;
		check(caps[i], convoy_transact(&c));
		check_int(caps[i], c.e[0].rcpt[0].outcome.code, 550);
		check(caps[i], strstr(c.peer.heard.data, "BDAT") == NULL);
		convoy_end(&c);
		buf_free(&text);
	}
}

TEST(a_large_mail_arrives_as_it_is_in_chunks_of_a_megabyte)
{
	static const struct {
		const char *caps;
		int chunks;
	} cases[] = { { BOTH, 4 }, { CHUNKING, 1 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *at;
		struct buf text;
		struct convoy c;
		int chunks = 0;
		char line[64];

		begin_large(&c, cases[i].caps, &text, 3500000);
		check(cases[i].caps, convoy_transact(&c));
		check_int(cases[i].caps, envelope_accepted(&c.e[0]), 2);
		(void)snprintf(line, sizeof line, "s0@x: a0@x b0@x (%zu)\n", text.len);
		check_text(cases[i].caps, c.peer.taken.data, line);
		for (at = c.peer.heard.data; (at = strstr(at, "BDAT ")) != NULL; at++)
			chunks++;
		check_int(cases[i].caps, chunks, cases[i].chunks);
		convoy_end(&c);
		buf_free(&text);
	}
}

TEST(a_large_mail_is_not_sent_on_once_a_chunk_was_refused)
{
	const struct peer_quirk quirk[] = { { "BDAT", 2, "552 5.3.4 too much" }, { 0 } };
	struct buf text;
	struct convoy c;

	begin_large(&c, BOTH, &text, 9000000);
	c.peer.quirk = quirk;
	c.b.stays = true;
	assert_true(convoy_transact(&c));
	assert_int_equal(c.e[0].rcpt[0].outcome.code, 552);
	assert_int_equal(c.e[0].rcpt[0].outcome.stage, STAGE_FINAL);
	assert_null(strstr(c.peer.heard.data, "LAST"));
	assert_in_range(c.peer.heard.len, 2000000, 4000000);

	/* and the next one finds the server as if nothing had been */
	convoy_address(&c, 1);
	source_free(&c.m);
	sample_source(&c.m, span_of(CONVOY_TEXT));
	assert_true(convoy_transact(&c));
	assert_string_equal(c.peer.taken.data, "s@x: r1@x (21)\n");
	convoy_end(&c);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_takes_the_fewest_turns_that_the_server_lets_it),
		cmocka_unit_test(a_message_whose_envelope_was_asked_goes_alone),
		cmocka_unit_test(an_asked_message_that_gets_lost_got_to_nobody),
		cmocka_unit_test(a_mail_that_goes_in_a_chunk_is_not_changed),
		cmocka_unit_test(many_mails_take_fewer_turns_than_there_are),
		cmocka_unit_test(a_refusal_costs_no_other_message_anything),
		cmocka_unit_test(behind_a_refusal_a_message_goes_alone),
		cmocka_unit_test(
		    a_message_that_the_server_cannot_take_is_settled_in_its_turn),
		cmocka_unit_test(a_large_mail_waits_until_somebody_will_have_it),
		cmocka_unit_test(a_large_mail_arrives_as_it_is_in_chunks_of_a_megabyte),
		cmocka_unit_test(a_large_mail_is_not_sent_on_once_a_chunk_was_refused),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
