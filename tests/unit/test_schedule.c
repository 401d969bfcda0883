/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "queue/schedule.h"

#define MINUTE 60
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

TEST(a_message_waits_longer_each_time_and_at_most_four_hours)
{
	static const struct {
		const char *label;
		unsigned tries;
		time_t pause;
	} cases[] = {
		{ "none, which can't be", 0, 5 * MINUTE },
		{ "first", 1, 5 * MINUTE },
		{ "second", 2, 15 * MINUTE },
		{ "third", 3, 30 * MINUTE },
		{ "fourth", 4, HOUR },
		{ "fifth", 5, 2 * HOUR },
		{ "sixth", 6, 4 * HOUR },
		{ "seventh", 7, 4 * HOUR },
		{ "ever", UINT32_MAX, 4 * HOUR },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].label, schedule_message_pause(cases[i].tries),
		    cases[i].pause);
}

TEST(an_account_is_probed_soon_and_then_each_half_hour)
{
	static const struct {
		const char *label;
		unsigned failures;
		time_t pause;
	} cases[] = {
		{ "first", 1, MINUTE },
		{ "second", 2, 2 * MINUTE },
		{ "third", 3, 5 * MINUTE },
		{ "fourth", 4, 10 * MINUTE },
		{ "fifth", 5, 20 * MINUTE },
		{ "sixth", 6, 30 * MINUTE },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (uint32_t random = 0; random < 3; random++)
			check_int(cases[i].label,
			    schedule_account_pause(cases[i].failures, random * 77777),
			    cases[i].pause);
}

TEST(late_probes_spread_over_a_fifth_to_either_side)
{
	static const struct {
		const char *label;
		unsigned failures;
		uint32_t random;
		time_t pause;
	} cases[] = {
		{ "least", 7, 0, 24 * MINUTE },
		{ "middle", 7, 6 * MINUTE, 30 * MINUTE },
		{ "most", 7, 12 * MINUTE, 36 * MINUTE },
		{ "around", 7, 12 * MINUTE + 1, 24 * MINUTE },
		{ "ever", UINT32_MAX, 0, 24 * MINUTE },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].label,
		    schedule_account_pause(cases[i].failures, cases[i].random),
		    cases[i].pause);
}

TEST(a_message_gets_late_and_then_too_old)
{
	static const struct {
		const char *label;
		time_t created, now, warn, lifetime;
		enum age age;
	} cases[] = {
		{ "new", 1000, 1000, 4 * HOUR, 5 * DAY, AGE_YOUNG },
		{ "almost late", 0, 4 * HOUR - 1, 4 * HOUR, 5 * DAY, AGE_YOUNG },
		{ "late", 0, 4 * HOUR, 4 * HOUR, 5 * DAY, AGE_LATE },
		{ "almost expired", 0, 5 * DAY - 1, 4 * HOUR, 5 * DAY, AGE_LATE },
		{ "expired", 0, 5 * DAY, 4 * HOUR, 5 * DAY, AGE_EXPIRED },
		{ "no warnings", 0, 5 * DAY - 1, 0, 5 * DAY, AGE_YOUNG },
		{ "for ever", 0, 500 * DAY, 4 * HOUR, 0, AGE_LATE },
		{ "neither", 0, 500 * DAY, 0, 0, AGE_YOUNG },
		{ "warned when it is too late for that", 0, 6 * DAY, 7 * DAY, 5 * DAY,
		    AGE_EXPIRED },
		{ "the clock was set back", 5 * DAY, 0, 4 * HOUR, DAY, AGE_YOUNG },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].label,
		    schedule_age(
			cases[i].created, cases[i].now, cases[i].warn, cases[i].lifetime),
		    cases[i].age);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_waits_longer_each_time_and_at_most_four_hours),
		cmocka_unit_test(an_account_is_probed_soon_and_then_each_half_hour),
		cmocka_unit_test(late_probes_spread_over_a_fifth_to_either_side),
		cmocka_unit_test(a_message_gets_late_and_then_too_old),
	};

	return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
