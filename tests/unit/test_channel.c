/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/clock.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "smtp/channel.h"

/* Writes down what an observer is shown: "C:line|" or "S:line|", and warnings as "!". */
static void
note_said(void *arg, char who, struct span line)
{
	buf_printf(arg, "%c:%.*s|", who, (int)line.n, line.p);
}

static void
note_warning(void *arg, const char *words)
{
	buf_printf(arg, "!:%s|", words);
}

struct run {
	struct script script;
	struct channel channel;
	struct observer observer;
	struct buf seen;
	struct outcome o;
};

static void
begin(struct run *r, const struct script_step *steps, size_t n)
{
	script_init(&r->script, steps, n, SCRIPT_SILENT);
	buf_init(&r->seen, SAMPLE_MAX);
	r->observer =
	    (struct observer){ .said = note_said, .warn = note_warning, .arg = &r->seen };
	script_channel(&r->script, &r->channel, &r->observer);
}

static void
end(struct run *r)
{
	channel_close(&r->channel);
	script_free(&r->script);
	buf_free(&r->seen);
}

TEST(a_command_and_its_reply_are_sent_read_and_shown)
{
	const struct script_step steps[] = { { "EHLO me\r\n",
	    "250-mx hello\r\n250 DSN\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps));
	assert_true(channel_ask(&r.channel, STAGE_HELLO, "EHLO ", span_of("me"), &r.o));
	assert_int_equal(r.channel.reply.code, 250);
	assert_string_equal(r.channel.reply.text.data, "mx hello\nDSN");
	assert_string_equal(r.seen.data, "C:EHLO me|S:250-mx hello|S:250 DSN|");
	assert_int_equal(r.script.writes, 1);
	end(&r);
}

TEST(commands_gather_until_a_reply_is_wanted)
{
	const struct script_step steps[] = { { "DATA\r\n", "250 ok\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps));
	assert_true(channel_command(
	    &r.channel, STAGE_MAIL, "MAIL FROM:", span_of("<a@x>"), &r.o));
	assert_true(channel_command(&r.channel, STAGE_DATA, "DATA", span_of(""), &r.o));
	assert_int_equal(r.script.writes, 0);
	assert_true(channel_reply(&r.channel, STAGE_MAIL, &r.o));
	assert_int_equal(r.script.writes, 1);
	assert_string_equal(r.script.heard.data, "MAIL FROM:<a@x>\r\nDATA\r\n");
	end(&r);
}

/* An address or a setting with a line end would be a command of its own. */
TEST(control_characters_never_get_onto_the_wire)
{
	for (int c = 0; c < 256; c++) {
		char arg[] = { '<', 'a', (char)c, 'b', '>' }, label[16];
		bool control = c < 0x20 || c == 0x7f, ok;
		struct run r;

		(void)snprintf(label, sizeof label, "0x%02x", (unsigned)c);
		begin(&r, NULL, 0);
		ok = channel_command(&r.channel, STAGE_RCPT,
		    "RCPT TO:", span_bytes(arg, sizeof arg), &r.o);
		check_int(label, ok, !control);
		if (control) {
			check_int(label, r.o.cause, CAUSE_ADDRESS);
			check_int(label, r.o.stage, STAGE_RCPT);
			check_part(label, r.o.text, "RCPT TO:");
		}
		check_int(label, r.channel.stream.out.len,
		    control ? 0 : strlen("RCPT TO:") + sizeof arg + 2);
		check_int(label, r.seen.len > 0, !control);
		end(&r);
	}
}

TEST(a_secret_with_a_control_character_is_not_sent_either)
{
	struct run r;

	begin(&r, NULL, 0);
	assert_false(channel_secret(&r.channel, "", span_of("a\r\nb"), &r.o));
	assert_int_equal(r.script.heard.len, 0);
	assert_string_equal(r.seen.data, "");
	end(&r);
}

TEST(a_command_of_absurd_length_is_refused)
{
	struct buf arg;
	struct run r;

	buf_init(&arg, SAMPLE_MAX);
	sample_repeat(&arg, "x", 96 * 1024);
	begin(&r, NULL, 0);
	assert_true(
	    channel_command(&r.channel, STAGE_RCPT, "RCPT TO:", buf_span(&arg), &r.o));
	end(&r);
	buf_addc(&arg, 'x');
	begin(&r, NULL, 0);
	assert_false(
	    channel_command(&r.channel, STAGE_RCPT, "RCPT TO:", buf_span(&arg), &r.o));
	assert_int_equal(r.o.cause, CAUSE_ADDRESS);
	assert_int_equal(r.channel.stream.out.len, 0);
	end(&r);
	buf_free(&arg);
}

TEST(a_secret_is_starred_sent_at_once_and_forgotten)
{
	const struct script_step steps[] = { { "c2VjcmV0\r\n", "235 ok\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps));
	assert_true(channel_secret(&r.channel, "AUTH PLAIN ", span_of("c2VjcmV0"), &r.o));
	assert_string_equal(r.script.heard.data, "AUTH PLAIN c2VjcmV0\r\n");
	assert_string_equal(r.seen.data, "C:AUTH PLAIN ****|");
	assert_int_equal(r.channel.stream.out.len, 0);
	for (size_t i = 0; i < 21; i++)
		assert_int_equal(r.channel.stream.out.data[i], 0);
	end(&r);
}

TEST(an_empty_answer_needs_no_stars)
{
	struct run r;

	begin(&r, NULL, 0);
	assert_true(channel_secret(&r.channel, "", span_of(""), &r.o));
	assert_string_equal(r.script.heard.data, "\r\n");
	assert_string_equal(r.seen.data, "C:|");
	end(&r);
}

TEST(a_secret_is_forgotten_even_when_it_cannot_be_sent)
{
	struct run r;

	begin(&r, NULL, 0);
	r.script.dies_after = 1;
	assert_false(channel_secret(&r.channel, "", span_of("c2VjcmV0"), &r.o));
	assert_int_equal(r.o.cause, CAUSE_HANGUP);
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(r.channel.stream.out.data[i], 0);
	assert_string_equal(r.seen.data, "");
	end(&r);
}

TEST(challenges_are_starred_and_refusals_are_not)
{
	static const struct {
		const char *says, *seen;
		enum stage stage;
	} cases[] = {
		{ "334 bm9uY2U=\r\n", "S:334 ****|", STAGE_AUTH },
		{ "334 \r\n", "S:334 |", STAGE_AUTH },
		{ "235 2.7.0 welcome\r\n", "S:235 2.7.0 welcome|", STAGE_AUTH },
		{ "535 5.7.8 no\r\n", "S:535 5.7.8 no|", STAGE_AUTH },
		{ "354 go on\r\n", "S:354 go on|", STAGE_DATA },
		{ "250\r\n", "S:250 |", STAGE_MAIL },
		{ "250-a\r\n250-\r\n250 c\r\n", "S:250-a|S:250-|S:250 c|", STAGE_MAIL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { NULL, cases[i].says } };
		struct run r;

		begin(&r, steps, COUNT(steps));
		check(cases[i].says, channel_reply(&r.channel, cases[i].stage, &r.o));
		check_text(cases[i].says, r.seen.data, cases[i].seen);
		end(&r);
	}
}

/* 530 is about what should have come before: RFC 3207, 4 and RFC 4954, 6. */
TEST(a_refusal_is_about_the_command_unless_its_code_is_530)
{
	static const struct {
		const char *says;
		enum cause cause;
		enum verdict verdict;
	} cases[] = {
		{ "550 5.1.1 no\r\n", CAUSE_REPLY, VERDICT_REJECT },
		{ "450 4.2.1 later\r\n", CAUSE_REPLY, VERDICT_RETRY },
		{ "530 5.7.0 Must issue a STARTTLS command first\r\n", CAUSE_TLS_WANTED,
		    VERDICT_HOLD },
		{ "530 tls please\r\n", CAUSE_TLS_WANTED, VERDICT_HOLD },
		{ "530 5.7.0 Authentication required\r\n", CAUSE_AUTH_WANTED,
		    VERDICT_HOLD },
		{ "530\r\n", CAUSE_AUTH_WANTED, VERDICT_HOLD },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { NULL, cases[i].says } };
		struct run r;

		begin(&r, steps, COUNT(steps));
		check(cases[i].says, channel_reply(&r.channel, STAGE_RCPT, &r.o));
		check(cases[i].says, !channel_refused(&r.channel, STAGE_RCPT, &r.o));
		check_int(cases[i].says, r.o.cause, cases[i].cause);
		check_int(cases[i].says, r.o.stage, STAGE_RCPT);
		check_int(cases[i].says, r.o.code, r.channel.reply.code);
		check_int(cases[i].says, outcome_verdict(&r.o), cases[i].verdict);
		end(&r);
	}
}

TEST(trouble_has_the_stage_where_it_came)
{
	for (int stage = STAGE_CONNECT; stage < STAGE_LAST; stage++) {
		struct run r;

		begin(&r, NULL, 0);
		assert_false(channel_reply(&r.channel, (enum stage)stage, &r.o));
		assert_int_equal(r.o.cause, CAUSE_TIMEOUT);
		assert_int_equal(r.o.stage, stage);
		end(&r);
	}
}

/* RFC 5321, 4.5.3.2, in seconds; and what is ours. */
TEST(every_stage_has_its_limit_which_the_account_may_change)
{
	static const struct {
		enum stage stage;
		int seconds;
	} cases[] = {
		{ STAGE_CONNECT, 10 },
		{ STAGE_GREETING, 30 },
		{ STAGE_HELLO, 300 },
		{ STAGE_TLS, 30 },
		{ STAGE_AUTH, 300 },
		{ STAGE_MAIL, 300 },
		{ STAGE_RCPT, 300 },
		{ STAGE_DATA, 300 },
		{ STAGE_FINAL, 600 },
		{ STAGE_QUEUE, 300 },
	};
	static const struct timeouts short_ones = { .any = 7 },
				     long_ones = { .any = 99999 };
	static const struct timeouts own = { .connect = 20, .data = 40, .command = 60 };
	struct channel c;

	for (size_t i = 0; i < COUNT(cases); i++) {
		int64_t usual = (int64_t)cases[i].seconds * 1000;

		channel_init(&c, NULL, NULL);
		assert_in_range(channel_deadline(&c, cases[i].stage) - clock_now(),
		    usual - 5000, usual);
		channel_init(&c, NULL, &short_ones);
		assert_in_range(
		    channel_deadline(&c, cases[i].stage) - clock_now(), 2000, 7000);
		channel_init(&c, NULL, &long_ones);
		assert_in_range(channel_deadline(&c, cases[i].stage) - clock_now(),
		    usual - 5000, usual);
	}
	assert_in_range(channel_block_deadline(&c) - clock_now(), 175000, 180000);
	channel_init(&c, NULL, &short_ones);
	assert_in_range(channel_block_deadline(&c) - clock_now(), 2000, 7000);
	channel_init(&c, NULL, &own);
	assert_in_range(channel_block_deadline(&c) - clock_now(), 35000, 40000);
	assert_in_range(channel_deadline(&c, STAGE_CONNECT) - clock_now(), 15000, 20000);
	assert_in_range(channel_deadline(&c, STAGE_MAIL) - clock_now(), 55000, 60000);
}

TEST(no_wait_is_longer_than_what_is_left_of_the_time_for_all)
{
	const struct timeouts all = { .command = 60, .until = clock_in(5000) };
	struct channel c;

	channel_init(&c, NULL, &all);
	assert_in_range(channel_deadline(&c, STAGE_MAIL) - clock_now(), 1, 5000);
	assert_in_range(channel_block_deadline(&c) - clock_now(), 1, 5000);
}

TEST(without_an_observer_nothing_is_shown)
{
	const struct observer deaf = { .said = NULL };
	const struct observer *const observers[] = { NULL, &deaf };

	for (size_t i = 0; i < COUNT(observers); i++) {
		const struct script_step steps[] = { { NULL, "250 ok\r\n" } };
		struct channel c;
		struct script s;
		struct outcome o;

		script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
		script_channel(&s, &c, observers[i]);
		channel_warn(&c, "careful");
		channel_note(&c, '*', "note");
		assert_true(channel_ask(&c, STAGE_MAIL, "NOOP", span_of(""), &o));
		channel_close(&c);
		script_free(&s);
	}
}

TEST(notes_and_warnings_reach_the_observer)
{
	struct run r;

	begin(&r, NULL, 0);
	channel_note(&r.channel, '*', "connected");
	channel_warn(&r.channel, "careful");
	assert_string_equal(r.seen.data, "*:connected|!:careful|");
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_and_its_reply_are_sent_read_and_shown),
		cmocka_unit_test(commands_gather_until_a_reply_is_wanted),
		cmocka_unit_test(control_characters_never_get_onto_the_wire),
		cmocka_unit_test(a_secret_with_a_control_character_is_not_sent_either),
		cmocka_unit_test(a_command_of_absurd_length_is_refused),
		cmocka_unit_test(a_secret_is_starred_sent_at_once_and_forgotten),
		cmocka_unit_test(an_empty_answer_needs_no_stars),
		cmocka_unit_test(a_secret_is_forgotten_even_when_it_cannot_be_sent),
		cmocka_unit_test(challenges_are_starred_and_refusals_are_not),
		cmocka_unit_test(a_refusal_is_about_the_command_unless_its_code_is_530),
		cmocka_unit_test(trouble_has_the_stage_where_it_came),
		cmocka_unit_test(every_stage_has_its_limit_which_the_account_may_change),
		cmocka_unit_test(no_wait_is_longer_than_what_is_left_of_the_time_for_all),
		cmocka_unit_test(without_an_observer_nothing_is_shown),
		cmocka_unit_test(notes_and_warnings_reach_the_observer),
	};

	return cmocka_run_group_tests_name("channel", tests, NULL, NULL);
}
