/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/script.h"
#include "smtp/flight.h"

#define UNTOUCHED 4711 /* a code that no server can say */

struct run {
	struct script script;
	struct channel channel;
	struct flight flight;
	struct outcome outcome[8];
	struct outcome o;
};

static void
begin(struct run *r, const struct script_step *steps, size_t n, bool pipelining,
    enum script_end end)
{
	*r = (struct run){ .o = { .code = UNTOUCHED } };
	for (size_t i = 0; i < COUNT(r->outcome); i++)
		r->outcome[i].code = UNTOUCHED;
	script_init(&r->script, steps, n, end);
	script_channel(&r->script, &r->channel, NULL);
	flight_init(&r->flight, &r->channel, pipelining);
}

static void
finish(struct run *r)
{
	flight_free(&r->flight);
	channel_close(&r->channel);
	script_free(&r->script);
}

static bool
noop(struct run *r, int i)
{
	return flight_command(&r->flight, "NOOP ", span_of("x"),
	    (struct expect){ STAGE_RCPT, 2, &r->outcome[i] }, &r->o);
}

TEST(with_pipelining_commands_leave_together_and_replies_are_matched_in_order)
{
	/* the server waits for the last of them */
	const struct script_step steps[] = { { "x\r\nNOOP x\r\nNOOP x\r\n",
	    "250 one\r\n550 two\r\n251 three\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps), true, SCRIPT_SILENT);
	for (int i = 0; i < 3; i++) {
		assert_true(noop(&r, i));
		assert_int_equal(r.outcome[i].code, UNTOUCHED);
	}
	assert_int_equal(r.script.writes, 0);
	assert_true(flight_land(&r.flight, &r.o));
	assert_int_equal(r.script.writes, 1);
	assert_int_equal(r.outcome[0].code, 250);
	assert_int_equal(r.outcome[0].cause, CAUSE_NONE);
	assert_int_equal(r.outcome[1].code, 550);
	assert_int_equal(r.outcome[1].cause, CAUSE_REPLY);
	assert_int_equal(r.outcome[1].stage, STAGE_RCPT);
	assert_string_equal(r.outcome[2].text, "three");
	assert_int_equal(r.outcome[3].code, UNTOUCHED);
	assert_int_equal(r.o.code, UNTOUCHED);
	assert_true(flight_land(&r.flight, &r.o)); /* nothing is owed any more */
	finish(&r);
}

TEST(without_pipelining_each_command_waits_for_its_reply)
{
	const struct script_step steps[] = { { "NOOP x\r\n", "250 one\r\n" },
		{ "NOOP x\r\n", "550 two\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps), false, SCRIPT_SILENT);
	assert_true(noop(&r, 0));
	assert_int_equal(r.outcome[0].code, 250);
	assert_int_equal(r.script.writes, 1);
	assert_true(noop(&r, 1));
	assert_int_equal(r.outcome[1].code, 550);
	assert_int_equal(r.script.writes, 2);
	assert_true(flight_land(&r.flight, &r.o));
	finish(&r);
}

TEST(a_reply_of_another_class_is_a_refusal_or_no_answer_at_all)
{
	static const struct {
		int yes;
		const char *says;
		bool ok;
		enum cause cause; /* of the outcome, else of the failure */
	} cases[] = {
		{ 2, "200 ok\r\n", true, CAUSE_NONE },
		{ 2, "299 ok\r\n", true, CAUSE_NONE },
		{ 2, "400 no\r\n", true, CAUSE_REPLY },
		{ 2, "599 no\r\n", true, CAUSE_REPLY },
		{ 2, "354 go\r\n", false, CAUSE_PROTOCOL },
		{ 3, "354 go\r\n", true, CAUSE_NONE },
		{ 3, "250 ok\r\n", false, CAUSE_PROTOCOL },
		{ 3, "550 no\r\n", true, CAUSE_REPLY },
		{ 2, "hello?\r\n", false, CAUSE_PROTOCOL },
		{ 2, "250-a\r\n550 b\r\n", false, CAUSE_PROTOCOL },
		{ 2, "", false, CAUSE_HANGUP },
		{ 2, "250 o", false, CAUSE_HANGUP },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { NULL, cases[i].says } };
		struct run r;
		bool ok;

		begin(&r, steps, COUNT(steps), true, SCRIPT_CLOSES);
		flight_expect(&r.flight,
		    (struct expect){ STAGE_DATA, cases[i].yes, &r.outcome[0] });
		ok = flight_land(&r.flight, &r.o);
		check_int(cases[i].says, ok, cases[i].ok);
		if (ok) {
			check_int(cases[i].says, r.outcome[0].cause, cases[i].cause);
			check_int(cases[i].says, r.outcome[0].stage, STAGE_DATA);
		} else {
			check_int(cases[i].says, r.o.cause, cases[i].cause);
			check_int(cases[i].says, r.outcome[0].code, UNTOUCHED);
		}
		finish(&r);
	}
}

TEST(trouble_with_a_reply_has_the_stage_of_its_command)
{
	static const char *const cases[] = { "354 go\r\n", "hello?\r\n", "" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { NULL, cases[i] } };
		struct run r;

		begin(&r, steps, COUNT(steps), true, SCRIPT_CLOSES);
		flight_expect(&r.flight, (struct expect){ STAGE_RCPT, 2, &r.outcome[0] });
		check(cases[i], !flight_land(&r.flight, &r.o));
		check_int(cases[i], r.o.stage, STAGE_RCPT);
		finish(&r);
	}
}

/* It is the answer to QUIT: who takes it for that to a message may lose the mail. */
TEST(a_goodbye_is_no_yes)
{
	const struct script_step steps[] = { { NULL, "221 bye\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps), true, SCRIPT_SILENT);
	assert_true(noop(&r, 0));
	assert_false(flight_land(&r.flight, &r.o));
	assert_int_equal(r.o.cause, CAUSE_PROTOCOL);
	assert_int_equal(r.outcome[0].code, UNTOUCHED);
	finish(&r);
}

TEST(an_outcome_that_several_commands_share_keeps_the_first_refusal)
{
	const struct script_step steps[] = { { NULL,
	    "250 one\r\n552 two\r\n503 three\r\n250 four\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps), true, SCRIPT_SILENT);
	r.outcome[0] = OUTCOME_OPEN;
	for (int i = 0; i < 4; i++)
		assert_true(noop(&r, 0));
	assert_true(flight_land(&r.flight, &r.o));
	assert_int_equal(r.outcome[0].code, 552);
	finish(&r);
}

TEST(a_flight_lands_as_far_as_it_must)
{
	const struct script_step steps[] = { { NULL, "250 one\r\n250 two\r\n" } };
	struct run r;
	size_t mark;

	begin(&r, steps, COUNT(steps), true, SCRIPT_SILENT);
	assert_true(noop(&r, 0) && noop(&r, 1));
	mark = flight_mark(&r.flight);
	assert_true(noop(&r, 2));
	assert_int_equal(flight_owed(&r.flight), 3);
	assert_true(flight_land_to(&r.flight, mark, &r.o));
	assert_int_equal(r.outcome[1].code, 250);
	assert_int_equal(flight_owed(&r.flight), 1);
	assert_true(flight_land_to(&r.flight, mark, &r.o)); /* it has */
	assert_false(flight_land(&r.flight, &r.o));
	finish(&r);
}

TEST(what_has_arrived_before_a_break_is_not_lost)
{
	const struct script_step steps[] = { { NULL, "250 one\r\n552 two\r\n25" } };
	struct run r;

	begin(&r, steps, COUNT(steps), true, SCRIPT_SILENT);
	r.script.deaf = true;
	assert_true(noop(&r, 0) && noop(&r, 1) && noop(&r, 2));
	flight_salvage(&r.flight);
	assert_int_equal(r.outcome[0].code, 250);
	assert_int_equal(r.outcome[1].code, 552);
	assert_int_equal(r.outcome[2].code, UNTOUCHED);
	assert_int_equal(flight_owed(&r.flight), 1);
	finish(&r);
}

TEST(after_a_break_the_outcomes_that_are_owed_stay_alone)
{
	const struct script_step steps[] = { { NULL, "250 one\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps), true, SCRIPT_CLOSES);
	assert_true(noop(&r, 0) && noop(&r, 1) && noop(&r, 2));
	assert_false(flight_land(&r.flight, &r.o));
	assert_int_equal(r.o.cause, CAUSE_HANGUP);
	assert_int_equal(r.outcome[0].code, 250);
	assert_int_equal(r.outcome[1].code, UNTOUCHED);
	assert_int_equal(r.outcome[2].code, UNTOUCHED);
	finish(&r);
}

/* RFC 5321, 3.8: a server may say 421 to any command, and go. */
TEST(a_server_that_said_421_has_not_just_vanished)
{
	const struct script_step steps[] = { { NULL,
	    "250 one\r\n421 4.3.2 going down\r\n" } };
	struct run r;

	begin(&r, steps, COUNT(steps), true, SCRIPT_CLOSES);
	assert_true(noop(&r, 0) && noop(&r, 1) && noop(&r, 2));
	assert_false(flight_land(&r.flight, &r.o));
	assert_int_equal(r.outcome[1].code, 421);
	assert_int_equal(outcome_verdict(&r.outcome[1]), VERDICT_RETRY);
	assert_int_equal(r.o.cause, CAUSE_REPLY);
	assert_int_equal(r.o.code, 421);
	assert_string_equal(r.o.status, "4.3.2");
	assert_string_equal(r.o.text, "4.3.2 going down");
	assert_int_equal(outcome_verdict(&r.o), VERDICT_RETRY);
	finish(&r);
}

TEST(so_many_commands_that_no_buffer_holds_the_replies_go_in_several_flights)
{
	enum { MANY = 1300 };
	struct script_step steps[MANY];
	static struct outcome outcomes[MANY];
	struct run r;

	for (int i = 0; i < MANY; i++)
		steps[i] = (struct script_step){ "NOOP x\r\n", "250 ok\r\n" };
	begin(&r, steps, COUNT(steps), true, SCRIPT_SILENT);
	for (int i = 0; i < MANY; i++)
		assert_true(flight_command(&r.flight, "NOOP ", span_of("x"),
		    (struct expect){ STAGE_RCPT, 2, &outcomes[i] }, &r.o));
	assert_in_range(r.script.writes, 1, 10);
	assert_true(flight_land(&r.flight, &r.o));
	for (int i = 0; i < MANY; i++)
		assert_int_equal(outcomes[i].code, 250);
	assert_true(script_is_over(&r.script));
	finish(&r);
}

TEST(a_command_that_cannot_be_said_is_not_sent)
{
	struct run r;

	begin(&r, NULL, 0, true, SCRIPT_SILENT);
	assert_false(flight_command(&r.flight, "NOOP ", span_of("a\nb"),
	    (struct expect){ STAGE_RCPT, 2, &r.outcome[0] }, &r.o));
	assert_int_equal(r.o.cause, CAUSE_ADDRESS);
	assert_int_equal(r.outcome[0].code, UNTOUCHED);
	assert_true(flight_land(&r.flight, &r.o));
	assert_int_equal(r.script.heard.len, 0);
	finish(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    with_pipelining_commands_leave_together_and_replies_are_matched_in_order),
		cmocka_unit_test(without_pipelining_each_command_waits_for_its_reply),
		cmocka_unit_test(
		    a_reply_of_another_class_is_a_refusal_or_no_answer_at_all),
		cmocka_unit_test(trouble_with_a_reply_has_the_stage_of_its_command),
		cmocka_unit_test(a_goodbye_is_no_yes),
		cmocka_unit_test(
		    an_outcome_that_several_commands_share_keeps_the_first_refusal),
		cmocka_unit_test(a_flight_lands_as_far_as_it_must),
		cmocka_unit_test(what_has_arrived_before_a_break_is_not_lost),
		cmocka_unit_test(after_a_break_the_outcomes_that_are_owed_stay_alone),
		cmocka_unit_test(a_server_that_said_421_has_not_just_vanished),
		cmocka_unit_test(
		    so_many_commands_that_no_buffer_holds_the_replies_go_in_several_flights),
		cmocka_unit_test(a_command_that_cannot_be_said_is_not_sent),
	};

	return cmocka_run_group_tests_name("flight", tests, NULL, NULL);
}
