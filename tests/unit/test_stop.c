/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "base/stop.h"

static volatile sig_atomic_t heard; /* by who was there before */

static void
hear(int number)
{
	heard = number;
}

TEST(who_is_asked_to_end_hears_it_where_it_waits)
{
	static const struct {
		const char *label;
		int number;
		bool asks;
	} cases[] = {
		{ "SIGTERM", SIGTERM, true },
		{ "SIGINT", SIGINT, true },
		{ "SIGCHLD", SIGCHLD, false },
	};
	const struct timespec long_enough = { 20, 0 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct stop s;

		stop_catch(&s);
		check(cases[i].label, !stop_is_asked());
		assert_int_equal(kill(getpid(), cases[i].number), 0);
		check(cases[i].label, !stop_is_asked());
		check_int(cases[i].label, ppoll(NULL, 0, &long_enough, &s.mask), -1);
		check_int(cases[i].label, stop_is_asked(), cases[i].asks);
		stop_release(&s);
	}
}

TEST(afterwards_all_is_as_it_was)
{
	struct stop s;

	assert_true(signal(SIGTERM, hear) != SIG_ERR);
	stop_catch(&s);
	stop_release(&s);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	assert_int_equal(heard, SIGTERM);
	assert_false(stop_is_asked());
	assert_true(signal(SIGTERM, SIG_DFL) == hear);
}

TEST(what_comes_before_a_child_catches_them_too_is_not_lost)
{
	const struct timespec long_enough = { 20, 0 };
	struct stop parents, own;

	stop_catch(&parents);
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	stop_catch(&own);
	assert_false(stop_is_asked());
	assert_int_equal(ppoll(NULL, 0, &long_enough, &own.mask), -1);
	assert_true(stop_is_asked());
	stop_release(&own);
	stop_release(&parents);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_asked_to_end_hears_it_where_it_waits),
		cmocka_unit_test(afterwards_all_is_as_it_was),
		cmocka_unit_test(what_comes_before_a_child_catches_them_too_is_not_lost),
	};

	return cmocka_run_group_tests_name("stop", tests, NULL, NULL);
}
