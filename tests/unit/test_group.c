/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/clock.h"
#include "queue/group.h"

TEST(a_lane_is_added_for_many_mails_or_where_the_rest_would_take_long)
{
	static const struct {
		const char *label;
		size_t mails, settled;
		int64_t passed; /* milliseconds since the account was seen to work */
		unsigned started, allowed;
		bool works, stops, wants;
	} cases[] = {
		{ "an account of which nothing is known", 9999, 0, 0, 1, 4, false, false,
		    false },
		{ "few mails", 100, 0, 100, 1, 4, true, false, false },
		{ "many mails", 1000, 0, 100, 1, 4, true, false, true },
		{ "many mails, and all lanes", 1000, 0, 100, 4, 4, true, false, false },
		{ "many mails, and more lanes than there can be", 100000, 0, 100, 64, 100,
		    true, false, false },
		{ "many mails, and the last lane that there can be", 100000, 0, 100, 63,
		    100, true, false, true },
		{ "few mails, fast", 100, 90, 20, 1, 4, true, false, false },
		{ "few mails, slow", 100, 10, 200, 1, 4, true, false, true },
		{ "few mails, and no answer", 100, 0, 5000, 1, 4, true, false, true },
		{ "mails that a slow server took 20 ms each for", 600, 100, 400, 5, 10,
		    true, false, true },
		{ "nothing goes", 1000, 0, 5000, 1, 4, true, true, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account account = { .queue_lanes = (int)cases[i].allowed };
		struct group g = {
			.agent.account = &account,
			.n = cases[i].mails,
			.work = work_new(cases[i].mails),
			.since = clock_now() - cases[i].passed,
			.started = cases[i].started,
		};

		atomic_store(&g.work->works, cases[i].works);
		atomic_store(&g.work->stop, cases[i].stops);
		atomic_store(&g.work->settled, cases[i].settled);
		check_int(cases[i].label, group_wants_lane(&g), cases[i].wants);
		work_free(g.work);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_lane_is_added_for_many_mails_or_where_the_rest_would_take_long),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
