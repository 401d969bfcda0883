/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/clock.h"
#include "serve/fault.h"

TEST(a_fault_is_a_stage_a_reply_and_how_often)
{
	static const struct {
		const char *text;
		bool ok;
		enum stage stage;
		int code, percent;
	} cases[] = {
		{ "rcpt:550:10%", true, STAGE_RCPT, 550, 10 },
		{ "rcpt:550:10", true, STAGE_RCPT, 550, 10 },
		{ "mail:451", true, STAGE_MAIL, 451, 100 },
		{ "data:drop:5%", true, STAGE_DATA, 0, 5 },
		{ "message:552", true, STAGE_FINAL, 552, 100 },
		{ "connect:554", true, STAGE_GREETING, 554, 100 },
		{ "auth:535", true, STAGE_AUTH, 535, 100 },
		{ "", false, 0, 0, 0 },
		{ "rcpt", false, 0, 0, 0 },
		{ "rcpt:", false, 0, 0, 0 },
		{ "rcpt:250", false, 0, 0, 0 },
		{ "rcpt:600", false, 0, 0, 0 },
		{ "rcpt:5500", false, 0, 0, 0 },
		{ "rcpt:550:0%", false, 0, 0, 0 },
		{ "rcpt:550:101%", false, 0, 0, 0 },
		{ "rcpt:550:x", false, 0, 0, 0 },
		{ "rcpt:550:10%:x", false, 0, 0, 0 },
		{ "rctp:550", false, 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct fault f;

		check_int(cases[i].text, fault_parse(&f, span_of(cases[i].text), &o),
		    cases[i].ok);
		if (!cases[i].ok) {
			check_int(cases[i].text, o.cause, CAUSE_USAGE);
			continue;
		}
		check_int(cases[i].text, f.stage, cases[i].stage);
		check_int(cases[i].text, f.code, cases[i].code);
		check_int(cases[i].text, f.percent, cases[i].percent);
	}
}

/* How often of so many times it happens. */
static int
count(uint64_t seed, int times, char *pattern)
{
	const struct fault f = { STAGE_RCPT, 550, 10 };
	int n = 0;

	for (int i = 0; i < times; i++) {
		struct outcome o;
		bool hit = !fault_spares(&f, STAGE_RCPT, &seed, &o);

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

TEST(a_fault_happens_at_its_stage_only)
{
	const struct fault f = { STAGE_MAIL, 452, 100 }, drop = { STAGE_DATA, 0, 100 };
	struct outcome o;
	uint64_t seed = 1;

	assert_true(fault_spares(&f, STAGE_RCPT, &seed, &o));
	assert_false(fault_spares(&f, STAGE_MAIL, &seed, &o));
	check_int("code", o.code, 452);
	assert_false(fault_spares(&drop, STAGE_DATA, &seed, &o));
	check_int("drop", o.cause, CAUSE_HANGUP);
}

TEST(some_recipients_always_fail)
{
	static const struct {
		const char *address;
		int code;
	} cases[] = {
		{ "bounce@x", 550 },
		{ "BOUNCE@x", 550 },
		{ "bounce", 550 },
		{ "tempfail@x.example", 451 },
		{ "full@x", 552 },
		{ "bouncer@x", 0 },
		{ "a@bounce", 0 },
		{ "slow-x@y", 0 },
		{ "slow-@y", 0 },
		{ "slow-0@y", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o = { 0 };

		check_int(cases[i].address, fault_spares_recipient(cases[i].address, &o),
		    cases[i].code == 0);
		check_int(cases[i].address, o.code, cases[i].code);
	}
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
		cmocka_unit_test(a_fault_is_a_stage_a_reply_and_how_often),
		cmocka_unit_test(one_in_ten_is_about_that_and_a_seed_repeats_it),
		cmocka_unit_test(a_fault_happens_at_its_stage_only),
		cmocka_unit_test(some_recipients_always_fail),
		cmocka_unit_test(a_slow_recipient_takes_its_time),
	};

	return cmocka_run_group_tests_name("fault", tests, NULL, NULL);
}
