/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "serve/senders.h"

static const struct local local = { "box.lab.example", "lab.example", NULL };

static bool
allowed(const char *rules, long uid, const char *user, const char *sender)
{
	const struct visitor v = { .uid = uid, .user = user, .place = "there" };
	struct outcome o;

	if (senders_allow(rules, &local, &v, sender, &o))
		return true;
	check_int(sender, o.cause, CAUSE_NOT_YOURS);
	return false;
}

TEST(without_rules_nobody_sends_under_the_name_of_another_person_of_this_machine)
{
	static const struct {
		long uid;
		const char *user, *sender;
		bool ok;
	} cases[] = {
		{ 12345, NULL, "root@lab.example", false },
		{ 12345, NULL, "root@box.lab.example", false },
		{ 12345, NULL, "root@box", false },
		{ 12345, NULL, "root@localhost", false },
		{ 12345, NULL, "Root+cron@lab.example", false },
		{ 12345, NULL, "root", false },
		{ 12345, NULL, "root@elsewhere.example", true },
		{ 12345, NULL, "shop@lab.example", true },
		{ 12345, NULL, "daemon@lab.example", true }, /* no person's */
		{ 12345, NULL, "", true },
		{ 0, NULL, "root@lab.example", true },
		{ -1, NULL, "root@lab.example", true }, /* by TCP: nobody can tell */
		{ 12345, "ops", "root@lab.example", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].sender,
		    allowed(NULL, cases[i].uid, cases[i].user, cases[i].sender),
		    cases[i].ok);
}

TEST(who_has_rules_needs_one_that_fits)
{
	static const char rules[] =
	    "daemon,4711 *@shop.example, news@lab.example\n"
	    "* %U@lab.example, %U-*@lab.example, %U*@list.example\n"
	    "ops *";
	static const struct {
		long uid;
		const char *user, *sender;
		bool ok;
	} cases[] = {
		{ 1, NULL, "any@shop.example", true },
		{ 1, NULL, "NEWS@lab.example", true },
		{ 1, NULL, "daemon@lab.example", true },
		{ 1, NULL, "daemon+x@lab.example", true },
		{ 1, NULL, "root@lab.example", false },
		{ 1, NULL, "daemon@other.example", false },
		{ 4711, NULL, "any@shop.example", true },
		{ 4711, NULL, "x@lab.example", false }, /* it has no name */
		{ 4711, NULL, "@lab.example", false },
		{ 4711, NULL, "any@list.example", false },
		{ -1, NULL, "any@list.example", false },
		{ -1, "we*", "-x@lab.example", false },
		{ 1, NULL, "daemon-x@lab.example", true },
		{ 1, NULL, "daemons@list.example", true },
		{ 4712, NULL, "any@shop.example", false }, { 4712, NULL, "", true },
		{ 0, NULL, "any@where.example", true },
		{ -1, NULL, "any@where.example", false },
		{ -1, "ops", "any@where.example", true },
		{ -1, "daemon", "any@shop.example", true },
		{ 0, "web", "any@where.example", false },
		{ -1, "we*", "weird@lab.example", false }, /* a name is no pattern */
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].sender,
		    allowed(rules, cases[i].uid, cases[i].user, cases[i].sender),
		    cases[i].ok);
}

TEST(who_has_no_rule_keeps_the_default)
{
	static const char rules[] = "1 root@lab.example\n"
				    "4711 default, root@lab.example";
	static const struct {
		long uid;
		const char *sender;
		bool ok;
	} cases[] = {
		{ 12345, "shop@lab.example", true },
		{ 12345, "root@lab.example", false },
		{ -1, "root@lab.example", true },        /* by TCP */
		{ 1, "root@lab.example", true },         /* by its rule */
		{ 1, "shop@lab.example", false },        /* which is all that it has */
		{ 4711, "root@lab.example", true },      /* by its rule */
		{ 4711, "shop@lab.example", true },      /* by the default */
		{ 4711, "root@box.lab.example", false }, /* by neither */
		{ 4711, "default@lab.example", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].sender,
		    allowed(rules, cases[i].uid, NULL, cases[i].sender), cases[i].ok);
}

TEST(the_line_that_a_refusal_offers_lets_them_and_takes_nothing_from_anybody)
{
	static const char *const rules[] = { NULL, "1 *", "4711 *@x.example",
		"* %U@lab.example" };
	const struct visitor v = { .uid = 4711, .place = "there" };

	for (size_t i = 0; i < COUNT(rules); i++) {
		const char *before = rules[i] != NULL ? rules[i] : "", *line;
		bool could = allowed(rules[i], 4711, NULL, "shop@lab.example"),
		     others = allowed(rules[i], 4712, NULL, "shop@lab.example");
		struct outcome o;
		char *after;

		assert_false(senders_allow(rules[i], &local, &v, "root@box", &o));
		line = strstr(o.text, "listen_sender ");
		assert_non_null(line);
		after = mem_printf("%s\n%s", before, line + strlen("listen_sender "));
		check_int(before, allowed(after, 4711, NULL, "root@box"), true);
		check_int(before, allowed(after, 4711, NULL, "shop@lab.example"), could);
		check_int(before, allowed(after, 4712, NULL, "shop@lab.example"), others);
		free(after);
	}
}

TEST(a_refusal_names_both_and_the_setting_that_would_help)
{
	static const struct {
		long uid;
		const char *user, *words;
	} cases[] = {
		{ 1, NULL,
		    "uid 1 (daemon) as a@x.example; whoever runs the service can let "
		    "them, by the setting: listen_sender daemon a@x.example" },
		{ 4711, NULL,
		    "uid 4711 as a@x.example; whoever runs the service can let them, by "
		    "the setting: listen_sender 4711 a@x.example" },
		{ -1, "ops",
		    "ops as a@x.example; whoever runs the service can let them, by the "
		    "setting: listen_sender ops a@x.example" },
		{ -1, NULL,
		    "there as a@x.example; whoever runs the service can let them, by the "
		    "setting: listen_sender * a@x.example" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct visitor v = {
			.uid = cases[i].uid, .user = cases[i].user, .place = "there"
		};
		struct outcome o;

		assert_false(senders_allow("* y@z", &local, &v, "a@x.example", &o));
		check_text("words", o.text, cases[i].words);
	}
}

TEST(each_client_has_a_name_to_be_counted_by)
{
	static const struct {
		struct visitor v;
		const char *name;
	} cases[] = {
		{ { .uid = 1000, .place = "uid 1000" }, "uid 1000" },
		{ { .uid = -1, .address = "192.0.2.1", .place = "192.0.2.1:4711" },
		    "192.0.2.1" },
		{ { .uid = 1000, .place = "uid 1000", .user = "ops" }, "ops" },
		{ { .uid = -1, .place = "stdin" }, "stdin" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char name[SENDERS_NAME_MAX];

		visitor_name(&cases[i].v, name);
		check_text("name", name, cases[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    without_rules_nobody_sends_under_the_name_of_another_person_of_this_machine),
		cmocka_unit_test(who_has_rules_needs_one_that_fits),
		cmocka_unit_test(who_has_no_rule_keeps_the_default),
		cmocka_unit_test(
		    the_line_that_a_refusal_offers_lets_them_and_takes_nothing_from_anybody),
		cmocka_unit_test(a_refusal_names_both_and_the_setting_that_would_help),
		cmocka_unit_test(each_client_has_a_name_to_be_counted_by),
	};

	return cmocka_run_group_tests_name("senders", tests, NULL, NULL);
}
