/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "cmd/queue_wish.h"

TEST(an_interval_is_numbers_with_units)
{
	static const struct {
		const char *text;
		int seconds;
	} cases[] = {
		{ "30", 1800 },
		{ "30m", 1800 },
		{ "1h30m", 5400 },
		{ "45s", 45 },
		{ "1d", 86400 },
		{ "2w", 1209600 },
		{ "", 0 },
		{ "0", 0 },
		{ "m", 0 },
		{ "1x", 0 },
		{ "-1", 0 },
		{ "1 h", 0 },
		{ "99999999999999999999", 0 },
		{ "60w", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(
		    cases[i].text, queue_wish_interval(cases[i].text), cases[i].seconds);
}

TEST(each_value_asks_for_its_run)
{
	static const struct {
		const char *value;
		bool ok, all, forced, stays;
		int interval;
		const char *id, *recipient, *sender;
	} cases[] = {
		{ "", true, true, false, false, 0, NULL, NULL, NULL },
		{ "f", true, true, false, false, 0, NULL, NULL, NULL },
		{ "due", true, false, false, false, 0, NULL, NULL, NULL },
		{ "30m", true, false, false, true, 1800, NULL, NULL, NULL },
		{ "p5m", true, false, false, true, 300, NULL, NULL, NULL },
		{ "I0f", true, true, true, false, 0, "0f", NULL, NULL },
		{ "R@b.example", true, true, true, false, 0, NULL, "@b.example", NULL },
		{ "Sme", true, true, true, false, 0, NULL, NULL, "me" },
		{ "I", false, true, false, false, 0, NULL, NULL, NULL },
		{ "nonsense", false, true, false, false, 0, NULL, NULL, NULL },
		{ "p", false, true, false, false, 0, NULL, NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct drain_wish w = { .all = false };
		struct outcome o;

		check_int(
		    cases[i].value, queue_wish_read(&w, cases[i].value, &o), cases[i].ok);
		check_int(cases[i].value, w.all, cases[i].all);
		check_int(cases[i].value, w.forced, cases[i].forced);
		check_int(cases[i].value, w.stays, cases[i].stays);
		check_int(cases[i].value, w.interval, cases[i].interval);
		check_text(cases[i].value, w.selection.id, cases[i].id);
		check_text(cases[i].value, w.selection.recipient, cases[i].recipient);
		check_text(cases[i].value, w.selection.sender, cases[i].sender);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_interval_is_numbers_with_units),
		cmocka_unit_test(each_value_asks_for_its_run),
	};

	return cmocka_run_group_tests_name("queue_wish", tests, NULL, NULL);
}
