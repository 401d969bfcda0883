/* SPDX-License-Identifier: ISC
 *
 * test_batch.c - many messages in one session, and one in many transactions: how many
 * turns they take, and what becomes of each when something goes wrong
 */
#include "lib/unit.h"

#include "base/clock.h"
#include "lib/peer.h"
#include "lib/sample.h"
#include "smtp/batch.h"

#define MANY 40

#define BOTH "mx\nPIPELINING\nCHUNKING"
#define PIPELINING "mx\nPIPELINING"
#define CHUNKING "mx\nCHUNKING"

/* A session, and the messages that go through it. */
struct run {
	struct peer peer;
	struct channel channel;
	struct caps caps;
	struct batch b;
	struct envelope e[MANY];
	struct source m;
	size_t n;     /* messages */
	size_t given; /* so many were asked for */
	size_t settled;
	size_t place[MANY]; /* the how-manieth of those settled */
	struct outcome o;
	bool ok;
};

static void
begin(struct run *r, const char *caps, size_t n, const char *text)
{
	*r = (struct run){ .n = n };
	peer_init(&r->peer);
	peer_channel(&r->peer, &r->channel);
	caps_parse(&r->caps, span_of(caps));
	r->b = (struct batch){ .channel = &r->channel, .caps = &r->caps };
	sample_source(&r->m, span_of(text));
	for (size_t i = 0; i < n; i++) {
		char sender[32], to[64];

		(void)snprintf(sender, sizeof sender, "s%zu@x", i);
		(void)snprintf(to, sizeof to, "a%zu@x, b%zu@x", i, i);
		sample_envelope(&r->e[i], sender, to);
	}
}

static void
end(struct run *r)
{
	channel_close(&r->channel);
	peer_free(&r->peer);
	for (size_t i = 0; i < r->n; i++)
		envelope_free(&r->e[i]);
	source_free(&r->m);
}

static bool
next(void *arg, struct envelope **e, struct source **m)
{
	struct run *r = arg;

	if (r->given == r->n)
		return false;
	*e = &r->e[r->given++];
	*m = &r->m;
	return true;
}

static void
settled(void *arg, struct envelope *e, struct source *m)
{
	struct run *r = arg;

	assert_ptr_equal(m, &r->m);
	r->place[e - r->e] = ++r->settled;
	for (size_t i = 0; i < e->n; i++)
		assert_in_range(e->rcpt[i].outcome.cause, 0, CAUSE_LAST - 1);
}

static void
go(struct run *r, unsigned depth)
{
	const struct supply supply = { next, settled, r };

	r->b.depth = depth;
	r->ok = batch_run(&r->b, &supply, &r->o);
}

#define TEXT "Subject: x\r\n\r\nhello\r\n"

/* As many recipients as this, r1@x, r2@x, ... */
static void
recipients(struct envelope *e, size_t n)
{
	char spec[32];

	envelope_free(e);
	envelope_set_sender(e, "s@x");
	for (size_t i = 1; i <= n; i++) {
		(void)snprintf(spec, sizeof spec, "r%zu@x", i);
		envelope_add(e, spec);
	}
}

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
			struct run r;

			(void)snprintf(label, sizeof label, "case %zu, %zu recipients", i,
			    counts[k]);
			begin(&r, cases[i].caps, 1, TEXT);
			r.peer.lmtp = r.b.lmtp = cases[i].lmtp;
			recipients(&r.e[0], counts[k]);
			check(label, transact(&r.b, &r.e[0], &r.m, &r.o));
			check_int(label, envelope_accepted(&r.e[0]), counts[k]);
			check_int(label, r.peer.turns,
			    cases[i].turns + cases[i].each * (int)counts[k]);
			check_int(label, r.peer.writes, r.peer.turns);
			check_int(label, r.b.quit, pipelining);
			check_int(label, strstr(r.peer.heard.data, "BDAT") != NULL,
			    strstr(cases[i].caps, "CHUNKING") != NULL && !cases[i].lmtp);
			end(&r);
		}
}

/* The envelope went before, command by command. */
TEST(a_message_whose_envelope_was_asked_goes_alone)
{
	static const struct {
		const char *caps, *heard;
		bool lmtp;
	} cases[] = {
		{ BOTH, "BDAT 21 LAST\r\n" TEXT, false },
		{ PIPELINING, "DATA\r\n" TEXT ".\r\n", false },
		{ "mx\nPIPELINING\nLIMITS RCPTMAX=1", "DATA\r\n" TEXT ".\r\n", false },
		{ BOTH, "DATA\r\n" TEXT ".\r\n", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;
		struct span asked =
		    span_of("MAIL FROM:<s0@x>\r\nRCPT TO:<a0@x>\r\nRCPT TO:<b0@x>\r\n");

		begin(&r, cases[i].caps, 1, TEXT);
		r.peer.lmtp = r.b.lmtp = cases[i].lmtp;
		r.b.asked = r.b.stays = true;
		assert_true(stream_write(&r.channel.stream, asked, clock_in(1000), &r.o));
		for (int k = 0; k < 3; k++)
			assert_true(channel_reply(&r.channel, STAGE_MAIL, &r.o));
		check(cases[i].caps, transact(&r.b, &r.e[0], &r.m, &r.o));
		check_int(cases[i].caps, envelope_accepted(&r.e[0]), 2);
		assert_string_equal(r.peer.heard.data + asked.n, cases[i].heard);
		check_int(cases[i].caps, r.b.quit, false);
		end(&r);
	}
}

TEST(an_asked_message_that_gets_lost_got_to_nobody)
{
	static const struct peer_quirk closes[] = { { "DATA", 0, NULL },
		{ NULL, 0, NULL } };
	struct run r;

	begin(&r, PIPELINING, 1, TEXT);
	r.peer.quirk = closes;
	r.b.asked = r.b.stays = true;
	assert_false(transact(&r.b, &r.e[0], &r.m, &r.o));
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(r.e[0].rcpt[i].outcome.cause, CAUSE_HANGUP);
	end(&r);
}

TEST(a_mail_that_goes_in_a_chunk_is_not_changed)
{
	static const char text[] = "A: b\r\n\r\n.\r\n..x\r\n\r\n";
	struct run r;

	begin(&r, BOTH, 1, text);
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_string_equal(r.peer.heard.data,
	    "MAIL FROM:<s0@x>\r\nRCPT TO:<a0@x>\r\nRCPT TO:<b0@x>\r\nBDAT 18 LAST\r\n"
	    "A: b\r\n\r\n.\r\n..x\r\n\r\nQUIT\r\n");
	assert_int_equal(r.e[0].rcpt[1].outcome.stage, STAGE_FINAL);
	end(&r);
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
		{ BOTH, 1, MANY, false },
		{ BOTH, 0, MANY, false },
		/* each begins with the end of the one before, but for the second */
		{ PIPELINING, 20, MANY + 2, false },
		{ PIPELINING, 2, MANY + 2, false },
		{ PIPELINING, 1, 2 * MANY, false },
		{ "mx", 20, 5 * MANY, false },
		{ BOTH, 20, 2 * MANY, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char label[32];
		struct run r;

		(void)snprintf(label, sizeof label, "case %zu", i);
		begin(&r, cases[i].caps, MANY, TEXT);
		r.peer.lmtp = r.b.lmtp = cases[i].lmtp;
		go(&r, cases[i].depth);
		check(label, r.ok);
		check_int(label, r.settled, MANY);
		check_int(label, r.peer.turns, cases[i].turns);
		for (size_t k = 0; k < MANY; k++) {
			check_int(label, r.place[k], k + 1);
			check_int(label, envelope_accepted(&r.e[k]), 2);
		}
		check_part(label, r.peer.taken.data, "s0@x: a0@x b0@x (21)\ns1@x: ");
		end(&r);
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
		struct run r;

		begin(&r, i < 4 ? BOTH : PIPELINING, 12, TEXT);
		r.peer.quirk = cases[i].quirk;
		go(&r, 20);
		check(cases[i].label, r.ok);
		check_int(cases[i].label, r.settled, 12);
		for (size_t k = 0; k < 12; k++) {
			const struct outcome *o = &r.e[k].rcpt[0].outcome;

			check_int(cases[i].label, o->code, k == 5 ? cases[i].code : 250);
			check_int(
			    cases[i].label, envelope_accepted(&r.e[k]), k == 5 ? 0 : 2);
		}
		check(cases[i].label, strstr(r.peer.taken.data, "s5@") == NULL);
		check_part(cases[i].label, r.peer.taken.data, "\ns6@x: a6@x b6@x (21)\n");
		end(&r);
	}
}

TEST(behind_a_refusal_a_message_goes_alone)
{
	const struct peer_quirk quirk[] = { { "RCPT TO:<a", 1, "550 5.1.1 no" }, { 0 } };
	struct run r;

	begin(&r, BOTH, 3, TEXT);
	r.peer.quirk = quirk;
	go(&r, 20);
	assert_true(r.ok);
	assert_int_equal(r.peer.turns, 3);
	end(&r);
}

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
		struct run r;
		const char *at;
		int mails = 0;

		begin(&r, cases[i].caps, 1, TEXT);
		r.peer.rcpt_max = cases[i].max;
		recipients(&r.e[0], cases[i].n);
		check(cases[i].label, transact(&r.b, &r.e[0], &r.m, &r.o));
		check_int(cases[i].label, envelope_accepted(&r.e[0]), cases[i].n);
		check_int(cases[i].label, r.peer.rcpts, cases[i].rcpts);
		for (at = r.peer.taken.data; (at = strchr(at, '\n')) != NULL; at++)
			mails++;
		check_int(cases[i].label, mails, cases[i].mails);
		end(&r);
	}
}

TEST(who_is_one_too_many_on_his_own_waits)
{
	const struct peer_quirk quirk[] = { { "RCPT TO:<r2@", 0, "452 4.5.3 not now" },
		{ 0 } };
	struct run r;

	begin(&r, PIPELINING, 1, TEXT);
	r.peer.quirk = quirk;
	recipients(&r.e[0], 3);
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_int_equal(envelope_accepted(&r.e[0]), 2);
	assert_int_equal(r.e[0].rcpt[1].outcome.code, 452);
	assert_int_equal(r.peer.rcpts, 4);
	end(&r);
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
		struct run r;

		begin(&r, PIPELINING, 1, TEXT);
		r.peer.quirk = quirk;
		recipients(&r.e[0], 3);
		check(cases[i].says, transact(&r.b, &r.e[0], &r.m, &r.o));
		check_int(cases[i].says, r.peer.rcpts, cases[i].rcpts);
		end(&r);
	}
}

TEST(the_rest_can_go_in_another_session)
{
	struct run r;

	begin(&r, BOTH, 1, TEXT);
	r.peer.rcpt_max = 4;
	recipients(&r.e[0], 6);
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_true(r.b.quit);
	assert_int_equal(envelope_accepted(&r.e[0]), 4);
	assert_true(batch_is_rest(&r.e[0].rcpt[5].outcome));
	channel_close(&r.channel);
	peer_free(&r.peer);
	peer_init(&r.peer);
	peer_channel(&r.peer, &r.channel);
	r.b = (struct batch){ .channel = &r.channel, .caps = &r.caps, .only_rest = true };
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_string_equal(r.peer.taken.data, "s@x: r5@x r6@x (21)\n");
	assert_int_equal(envelope_accepted(&r.e[0]), 6);
	end(&r);
}

TEST(a_server_that_takes_so_many_messages_gets_no_more)
{
	struct run r;

	begin(&r, BOTH "\nLIMITS MAILMAX=7", 12, TEXT);
	r.peer.mail_max = 7;
	go(&r, 4);
	assert_true(r.ok);
	assert_true(r.b.full);
	assert_true(r.b.quit);
	assert_int_equal(r.settled, 7);
	assert_int_equal(r.given, 7);
	end(&r);
}

TEST(a_message_in_many_transactions_ends_where_the_session_is_full)
{
	struct run r;

	begin(&r, PIPELINING "\nLIMITS MAILMAX=2 RCPTMAX=10", 1, TEXT);
	recipients(&r.e[0], 25);
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_int_equal(envelope_accepted(&r.e[0]), 20);
	assert_int_equal(r.e[0].rcpt[24].outcome.cause, CAUSE_SESSION_FULL);
	assert_int_equal(outcome_verdict(&r.e[0].rcpt[24].outcome), VERDICT_RETRY);
	end(&r);
}

/* After a goodbye nothing else was done: who wasn't answered can be sure. */
TEST(a_goodbye_leaves_no_doubt_about_what_is_behind_it)
{
	struct run r;

	begin(&r, BOTH, 12, TEXT);
	r.peer.mail_max = 7;
	go(&r, 8);
	assert_false(r.ok);
	for (size_t i = 0; i < r.given; i++) {
		const struct outcome *o = &r.e[i].rcpt[0].outcome;

		assert_int_equal(o->code, i < 7 ? 250 : 421);
		assert_int_equal(
		    outcome_verdict(o), i < 7 ? VERDICT_DONE : VERDICT_RETRY);
	}
	assert_int_equal(r.settled, r.given);
	assert_in_range(r.given, 8, 12);
	end(&r);
}

TEST(a_server_that_has_enough_is_asked_no_more)
{
	const struct peer_quirk quirk[] = { { "MAIL", 3, "452 4.3.2 busy" }, { 0 } };
	struct run r;

	begin(&r, BOTH, 12, TEXT);
	r.peer.quirk = quirk;
	go(&r, 1);
	assert_true(r.ok);
	assert_true(r.b.full);
	assert_int_equal(r.settled, 3);
	end(&r);
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
		struct run r;

		begin(&r, cases[i].caps, 30, TEXT);
		r.peer.quirk = quirk;
		go(&r, 10);
		check(label, !r.ok);
		check_int(label, r.given, cases[i].given);
		check_int(label, r.settled, r.given);
		for (size_t k = 0; k < r.given; k++) {
			const struct outcome *o = &r.e[k].rcpt[0].outcome;
			bool had_left =
			    k >= cases[i].maybe &&
			    (cases[i].caps[13] != '\0' || k == cases[i].maybe);

			if (o->cause == CAUSE_NONE)
				check(label, k < cases[i].maybe);
			else
				check_int(label, o->cause,
				    had_left ? CAUSE_MAYBE_SENT : CAUSE_HANGUP);
		}
		end(&r);
	}
}

TEST(a_server_that_does_not_know_what_it_offers_has_not_taken_the_message)
{
	struct run r;

	begin(&r, BOTH, 12, TEXT);
	r.peer.knows_no_bdat = true;
	go(&r, 20);
	assert_false(r.ok);
	assert_true(r.b.no_chunking);
	assert_int_equal(r.settled, 1);
	assert_int_equal(r.e[0].rcpt[0].outcome.cause, CAUSE_PROTOCOL);
	assert_int_equal(outcome_verdict(&r.e[0].rcpt[0].outcome), VERDICT_RETRY);
	end(&r);
}

/* A refused chunk that the server reads as commands: what it says to RSET shows it, and
 * what it says to the next message isn't believed. */
TEST(replies_that_are_out_of_step_refuse_nobody)
{
	const struct peer_quirk quirk[] = { { "RSET", 3, "500 5.5.2 what?" },
		{ "MAIL FROM:<s4", 0, "500 5.5.2 what?" }, { 0 } };
	struct run r;

	begin(&r, BOTH, 12, TEXT);
	r.peer.quirk = quirk;
	go(&r, 6);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_PROTOCOL);
	for (size_t i = 0; i < r.given; i++)
		assert_int_not_equal(
		    outcome_verdict(&r.e[i].rcpt[0].outcome), VERDICT_REJECT);
	assert_int_equal(r.e[4].rcpt[0].outcome.cause, CAUSE_MAYBE_SENT);
	end(&r);
}

TEST(an_answer_too_many_is_not_taken_for_that_to_the_message)
{
	const struct peer_quirk quirk[] = { { "RCPT TO:<a0", 0,
						"250 2.1.5 ok\r\n250 2.1.5 ok" },
		{ "BDAT", 0, "554 5.6.0 no" }, { 0 } };
	struct run r;

	begin(&r, BOTH, 1, TEXT);
	r.peer.quirk = quirk;
	assert_false(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_int_equal(r.e[0].rcpt[0].outcome.cause, CAUSE_MAYBE_SENT);
	end(&r);
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
		struct run r;

		begin(&r, BOTH, 12, TEXT);
		r.peer.quirk = quirk;
		go(&r, 20);
		check(cases[i].label, !r.ok);
		for (size_t k = 0; k < r.n; k++)
			check_int(cases[i].label, r.e[k].rcpt[0].outcome.cause,
			    k < cases[i].sure ? CAUSE_NONE : CAUSE_MAYBE_SENT);
		end(&r);
	}
}

static void
begin_large(struct run *r, const char *caps, struct buf *text, size_t n)
{
	buf_init(text, SAMPLE_MAX);
	buf_puts(text, "A: b\r\n\r\n");
	while (text->len < n)
		buf_puts(text, ".23456789012345678901234567890\r\n");
	begin(r, caps, 1, text->data);
}

TEST(a_large_mail_waits_until_somebody_will_have_it)
{
	const struct peer_quirk quirk[] = { { "RCPT", 0, "550 5.1.1 no" }, { 0 } };
	static const char *const caps[] = { BOTH, CHUNKING };

	for (size_t i = 0; i < COUNT(caps); i++) {
		struct buf text;
		struct run r;

		begin_large(&r, caps[i], &text, 300000);
		r.peer.quirk = quirk;
		check(caps[i], transact(&r.b, &r.e[0], &r.m, &r.o));
		check_int(caps[i], r.e[0].rcpt[0].outcome.code, 550);
		check(caps[i], strstr(r.peer.heard.data, "BDAT") == NULL);
		end(&r);
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
		struct run r;
		int chunks = 0;
		char line[64];

		begin_large(&r, cases[i].caps, &text, 3500000);
		check(cases[i].caps, transact(&r.b, &r.e[0], &r.m, &r.o));
		check_int(cases[i].caps, envelope_accepted(&r.e[0]), 2);
		(void)snprintf(line, sizeof line, "s0@x: a0@x b0@x (%zu)\n", text.len);
		check_text(cases[i].caps, r.peer.taken.data, line);
		for (at = r.peer.heard.data; (at = strstr(at, "BDAT ")) != NULL; at++)
			chunks++;
		check_int(cases[i].caps, chunks, cases[i].chunks);
		end(&r);
		buf_free(&text);
	}
}

TEST(a_large_mail_is_not_sent_on_once_a_chunk_was_refused)
{
	const struct peer_quirk quirk[] = { { "BDAT", 2, "552 5.3.4 too much" }, { 0 } };
	struct buf text;
	struct run r;

	begin_large(&r, BOTH, &text, 9000000);
	r.peer.quirk = quirk;
	r.b.stays = true;
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_int_equal(r.e[0].rcpt[0].outcome.code, 552);
	assert_int_equal(r.e[0].rcpt[0].outcome.stage, STAGE_FINAL);
	assert_null(strstr(r.peer.heard.data, "LAST"));
	assert_in_range(r.peer.heard.len, 2000000, 4000000);

	/* and the next one finds the server as if nothing had been */
	recipients(&r.e[0], 1);
	source_free(&r.m);
	sample_source(&r.m, span_of(TEXT));
	assert_true(transact(&r.b, &r.e[0], &r.m, &r.o));
	assert_string_equal(r.peer.taken.data, "s@x: r1@x (21)\n");
	end(&r);
	buf_free(&text);
}

TEST(a_message_that_the_server_cannot_take_is_settled_in_its_turn)
{
	struct run r;

	begin(&r, BOTH "\nSIZE 20", 5, TEXT);
	go(&r, 20);
	assert_true(r.ok);
	assert_int_equal(r.settled, 5);
	assert_int_equal(r.e[4].rcpt[0].outcome.cause, CAUSE_TOO_LARGE);
	assert_int_equal(r.peer.heard.len, 0);
	end(&r);
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
		    more_recipients_than_the_server_takes_go_in_further_transactions),
		cmocka_unit_test(who_is_one_too_many_on_his_own_waits),
		cmocka_unit_test(an_answer_about_one_recipient_is_not_about_their_number),
		cmocka_unit_test(the_rest_can_go_in_another_session),
		cmocka_unit_test(a_server_that_takes_so_many_messages_gets_no_more),
		cmocka_unit_test(
		    a_message_in_many_transactions_ends_where_the_session_is_full),
		cmocka_unit_test(a_goodbye_leaves_no_doubt_about_what_is_behind_it),
		cmocka_unit_test(a_server_that_has_enough_is_asked_no_more),
		cmocka_unit_test(a_lost_line_leaves_open_what_had_left),
		cmocka_unit_test(
		    a_server_that_does_not_know_what_it_offers_has_not_taken_the_message),
		cmocka_unit_test(replies_that_are_out_of_step_refuse_nobody),
		cmocka_unit_test(an_answer_too_many_is_not_taken_for_that_to_the_message),
		cmocka_unit_test(from_an_answer_too_many_on_nobody_can_be_sure),
		cmocka_unit_test(a_large_mail_waits_until_somebody_will_have_it),
		cmocka_unit_test(a_large_mail_arrives_as_it_is_in_chunks_of_a_megabyte),
		cmocka_unit_test(a_large_mail_is_not_sent_on_once_a_chunk_was_refused),
		cmocka_unit_test(
		    a_message_that_the_server_cannot_take_is_settled_in_its_turn),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
