/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/clock.h"
#include "serve/fault.h"

TEST(a_fault_is_a_stage_what_happens_and_when)
{
	static const struct {
		const char *text;
		struct fault is;
	} cases[] = {
		{ "rcpt:550:10%", { .stage = STAGE_RCPT, .code = 550, .percent = 10 } },
		{ "rcpt:550:10", { .stage = STAGE_RCPT, .code = 550, .percent = 10 } },
		{ "mail:451", { .stage = STAGE_MAIL, .code = 451 } },
		{ "data:drop:5%",
		    { .stage = STAGE_DATA, .kind = FAULT_DROP, .percent = 5 } },
		{ "message:552", { .stage = STAGE_FINAL, .code = 552 } },
		{ "connect:554", { .stage = STAGE_GREETING, .code = 554 } },
		{ "auth:535", { .stage = STAGE_AUTH, .code = 535 } },
		{ "tls:454", { .stage = STAGE_TLS, .code = 454 } },
		{ "mail:421:after:3", { .stage = STAGE_MAIL, .code = 421, .after = 3 } },
		{ "rcpt:451:first:2:50%",
		    { .stage = STAGE_RCPT, .code = 451, .first = 2, .percent = 50 } },
		{ "connect:421:over:5/s",
		    { .stage = STAGE_GREETING, .code = 421, .most = 5, .period = 1000 } },
		{ "mail:450:over:100/h", { .stage = STAGE_MAIL,
					     .code = 450,
					     .most = 100,
					     .period = 3600000 } },
		{ "data:delay:2s:50%", { .stage = STAGE_DATA,
					   .kind = FAULT_DELAY,
					   .milliseconds = 2000,
					   .percent = 50 } },
		{ "data:delay:2",
		    { .stage = STAGE_DATA, .kind = FAULT_DELAY, .milliseconds = 2000 } },
		{ "hello:delay:300ms",
		    { .stage = STAGE_HELLO, .kind = FAULT_DELAY, .milliseconds = 300 } },
		{ "data:delay:10m", { .stage = STAGE_DATA,
					.kind = FAULT_DELAY,
					.milliseconds = 600000 } },
		{ "data:slow:500",
		    { .stage = STAGE_DATA, .kind = FAULT_SLOW, .bytes = 500 } },
		{ "connect:slow:10k",
		    { .stage = STAGE_GREETING, .kind = FAULT_SLOW, .bytes = 10240 } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct fault *is = &cases[i].is;
		const char *text = cases[i].text;
		struct outcome o;
		struct fault f;

		check(text, fault_parse(&f, span_of(text), &o));
		check_int(text, f.stage, is->stage);
		check_int(text, f.kind, is->kind);
		check_int(text, f.code, is->code);
		check_int(text, f.milliseconds, is->milliseconds);
		check_int(text, f.bytes, is->bytes);
		check_int(text, f.percent, is->percent);
		check_int(text, f.first, is->first);
		check_int(text, f.after, is->after);
		check_int(text, f.most, is->most);
		check_int(text, f.period, is->period);
	}
}

TEST(what_is_no_fault_is_told)
{
	static const char *const cases[] = { "", "rcpt", "rcpt:", "rcpt:250", "rcpt:600",
		"rcpt:5500", "rcpt:550:0%", "rcpt:550:101%", "rcpt:550:x",
		"rcpt:550:10%:x", "rctp:550", "rcpt:delay", "rcpt:delay:", "rcpt:delay:0",
		"rcpt:delay:2h", "rcpt:delay:601s", "rcpt:delay:11m",
		"rcpt:delay:99999999s", "data:slow:0", "data:slow:1M", "rcpt:550:first",
		"rcpt:550:first:0", "rcpt:550:after:x", "rcpt:550:over:5",
		"rcpt:550:over:0/s", "rcpt:550:over:5/d" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct fault f;

		check(cases[i], !fault_parse(&f, span_of(cases[i]), &o));
		check_int(cases[i], o.cause, CAUSE_USAGE);
	}
}

/* How often of so many times it happens. */
static int
count(uint64_t seed, int times, char *pattern)
{
	const struct fault f = { .code = 550, .percent = 10 };
	struct fault_memory m = { 0 };
	int n = 0;

	for (int i = 0; i < times; i++) {
		bool hit = fault_happens(&f, i + 1, &m, &seed);

		n += hit;
		pattern[i] = hit ? 'x' : '.';
	}
	pattern[times] = '\0';
	return n;
}

TEST(one_in_ten_is_about_that_and_a_seed_repeats_it)
{
	char one[1001], again[1001], other[1001];
	int n = count(42, 1000, one);

	check("one in ten", n > 60 && n < 140);
	(void)count(42, 1000, again);
	(void)count(43, 1000, other);
	check_text("the same seed", again, one);
	check("another seed", strcmp(one, other) != 0);
}

TEST(it_happens_first_or_after_or_over_so_many_times)
{
	static const struct {
		const char *name;
		struct fault f;
		const char *sessions[2]; /* what happens in each */
	} cases[] = {
		{ "always", { .code = 550 }, { "xxxx", "xxxx" } },
		{ "first", { .code = 550, .first = 5 }, { "xxxx", "x..." } },
		{ "after", { .code = 550, .after = 3 }, { "...x", "...x" } },
		{ "over", { .code = 550, .most = 6, .period = 3600000 },
		    { "....", "..xx" } },
		{ "after and first", { .code = 550, .after = 1, .first = 4 },
		    { ".xxx", ".x.." } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fault_memory m = { 0 };
		uint64_t seed = 1;

		for (int session = 0; session < 2; session++) {
			char got[5] = "....";

			for (int n = 0; n < 4; n++)
				if (fault_happens(&cases[i].f, n + 1, &m, &seed))
					got[n] = 'x';
			check_text(cases[i].name, got, cases[i].sessions[session]);
		}
	}
}

TEST(what_is_over_so_many_in_a_time_is_so_no_longer_after_it)
{
	const struct fault f = { .code = 450, .most = 1, .period = 1 };
	struct fault_memory m = { 0 };
	uint64_t seed = 1;

	(void)fault_happens(&f, 1, &m, &seed);
	clock_pause(2);
	assert_false(fault_happens(&f, 2, &m, &seed));
}

TEST(a_fault_does_what_it_says)
{
	const struct fault reply = { .text = { "mail:452", 8 }, .code = 452 },
			   goodbye = { .code = 421 }, drop = { .kind = FAULT_DROP },
			   delay = { .kind = FAULT_DELAY, .milliseconds = 30 },
			   slow = { .kind = FAULT_SLOW, .bytes = 10 };
	struct manner m = { .wait = 0 };
	struct outcome o;

	assert_false(fault_spares(&reply, &m, &o));
	check_int("code", o.code, 452);
	check_part("words", o.text, "--fail mail:452");
	assert_false(fault_spares(&goodbye, &m, &o));
	check_int("a goodbye of its own", o.stage, STAGE_LOCAL);
	assert_false(fault_spares(&drop, &m, &o));
	check_int("drop", o.cause, CAUSE_HANGUP);
	assert_true(fault_spares(&delay, &m, &o) && fault_spares(&delay, &m, &o));
	check_int("two delays", m.wait, 60);
	assert_true(fault_spares(&slow, &m, &o));
	check_int("slow", m.pace, 10);
}

TEST(some_recipients_say_what_happens)
{
	static const struct {
		const char *address;
		int code, late;
	} cases[] = {
		{ "bounce@x", 550, 0 },
		{ "BOUNCE@x", 550, 0 },
		{ "bounce", 550, 0 },
		{ "tempfail@x.example", 451, 0 },
		{ "full@x", 552, 0 },
		{ "fail-553@x", 553, 0 },
		{ "Fail-421@x", 421, 0 },
		{ "fail-250@x", 0, 0 },
		{ "fail-5500@x", 0, 0 },
		{ "late-554@x", 0, 554 },
		{ "late-x@y", 0, 0 },
		{ "bouncer@x", 0, 0 },
		{ "a@bounce", 0, 0 },
		{ "slow-x@y", 0, 0 },
		{ "slow-@y", 0, 0 },
		{ "slow-0@y", 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *address = cases[i].address;
		struct outcome o = { 0 }, late = { 0 };

		check_int(
		    address, fault_spares_recipient(address, &o), cases[i].code == 0);
		check_int(address, o.code, cases[i].code);
		check_int(address, fault_spares_late(address, &late), cases[i].late == 0);
		check_int(address, late.code, cases[i].late);
	}
}

TEST(a_recipient_may_hang_up)
{
	struct outcome o;

	assert_false(fault_spares_recipient("drop@x", &o));
	check_int("cause", o.cause, CAUSE_HANGUP);
}

TEST(a_slow_recipient_takes_its_time)
{
	int64_t before = clock_now();
	struct outcome o;

	assert_true(fault_spares_recipient("slow-1@x", &o));
	check("a second", clock_now() - before >= 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_is_a_stage_what_happens_and_when),
		cmocka_unit_test(what_is_no_fault_is_told),
		cmocka_unit_test(one_in_ten_is_about_that_and_a_seed_repeats_it),
		cmocka_unit_test(it_happens_first_or_after_or_over_so_many_times),
		cmocka_unit_test(what_is_over_so_many_in_a_time_is_so_no_longer_after_it),
		cmocka_unit_test(a_fault_does_what_it_says),
		cmocka_unit_test(some_recipients_say_what_happens),
		cmocka_unit_test(a_recipient_may_hang_up),
		cmocka_unit_test(a_slow_recipient_takes_its_time),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
