/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "serve/answer.h"

TEST(what_a_server_said_about_the_mail_passes_as_it_is)
{
	static const struct {
		const char *label;
		enum stage stage;
		int code;
		const char *said;
		int want;
		const char *status, *text;
	} cases[] = {
		{ "no such user", STAGE_RCPT, 550, "5.1.1 no such user", 550, "5.1.1",
		    "no such user" },
		{ "two lines", STAGE_FINAL, 554, "5.7.1 spam\nsays the filter", 554,
		    "5.7.1", "spam\nsays the filter" },
		{ "no status", STAGE_RCPT, 450, "later", 450, "4.0.0", "later" },
		{ "it goes away", STAGE_DATA, 421, "4.3.2 down", 451, "4.3.2", "down" },
		{ "about us", STAGE_AUTH, 535, "5.7.8 wrong", 451, "4.7.8",
		    "the server refused the sign-in: 535 5.7.8 wrong" },
		{ "about us, at once", STAGE_GREETING, 554, "go away", 451, "4.0.0",
		    "the server refused the connection: 554 go away" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct answer a;

		(void)outcome_reply(&o, cases[i].stage, cases[i].code, cases[i].said);
		answer_make(&a, &o, false);
		check_int(cases[i].label, a.code, cases[i].want);
		check_text(cases[i].label, a.status, cases[i].status);
		check_text(cases[i].label, a.text, cases[i].text);
	}
}

TEST(what_was_never_said_is_put_off_unless_it_can_never_work)
{
	static const struct {
		enum cause cause;
		int code;
		const char *status;
	} cases[] = {
		{ CAUSE_CONNECT, 451, "4.4.1" },
		{ CAUSE_TIMEOUT, 451, "4.4.2" },
		{ CAUSE_CONFIG, 451, "4.3.5" },
		{ CAUSE_AUTH_REFUSED, 451, "4.7.8" },
		{ CAUSE_CERT_EXPIRED, 451, "4.7.5" },
		{ CAUSE_STORE, 452, "4.3.1" },
		{ CAUSE_TOO_LARGE, 552, "5.3.4" },
		{ CAUSE_ADDRESS, 553, "5.1.3" },
		{ CAUSE_MESSAGE, 554, "5.6.0" },
		{ CAUSE_MAYBE_SENT, 451, "4.4.2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct answer a;

		(void)outcome_fail(&o, cases[i].cause, "so it is");
		answer_make(&a, &o, false);
		check_int(outcome_name(&o), a.code, cases[i].code);
		check_text(outcome_name(&o), a.status, cases[i].status);
		check_part(outcome_name(&o), a.text, "so it is");
	}
}

TEST(who_asks_from_elsewhere_hears_nothing_of_our_files_and_servers)
{
	static const struct {
		enum cause cause;
		const char *seen;
		bool told;
	} cases[] = {
		{ CAUSE_CONFIG, "/etc/mailchute/config:7: unknown command", false },
		{ CAUSE_CONNECT, "cannot connect to 10.0.0.1, port 25", false },
		{ CAUSE_QUEUE, "/var/spool/mailchute: no space left", false },
		{ CAUSE_AUTH_REFUSED, "user joe", false },
		{ CAUSE_MESSAGE, "it goes round in a circle", true },
		{ CAUSE_NOT_YOURS, "ops as root@x", true },
		{ CAUSE_TOO_MUCH, "try again in 3 minutes", true },
	};
	struct outcome o;
	struct answer a;

	for (size_t i = 0; i < COUNT(cases); i++) {
		(void)outcome_fail(&o, cases[i].cause, "%s", cases[i].seen);
		answer_make(&a, &o, true);
		check_int(
		    cases[i].seen, strstr(a.text, cases[i].seen) != NULL, cases[i].told);
		check(cases[i].seen, strlen(a.text) > 10);
	}
	(void)outcome_reply(&o, STAGE_AUTH, 535, "5.7.8 joe is wrong");
	answer_make(&a, &o, true);
	assert_null(strstr(a.text, "joe"));
}

TEST(no_answer_has_a_class_that_its_code_does_not_have)
{
	for (enum cause cause = CAUSE_NONE; cause < CAUSE_LAST; cause++) {
		struct outcome o;
		struct answer a;

		(void)outcome_fail(&o, cause, "x");
		answer_make(&a, &o, false);
		check(outcome_name(&o), a.status[0] == '0' + a.code / 100);
		check(outcome_name(&o),
		    (a.code == 250) == (cause == CAUSE_NONE || cause == CAUSE_QUEUED));
	}
}

TEST(one_answer_stands_for_all_recipients)
{
	static const struct {
		const char *label;
		int codes[2];
		int want;
	} cases[] = {
		{ "all well", { 250, 250 }, 250 },
		{ "one is refused", { 550, 250 }, 250 },
		{ "one is put off", { 250, 451 }, 250 },
		{ "one is put off, one refused", { 550, 451 }, 451 },
		{ "both are refused", { 551, 550 }, 551 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct envelope e = { 0 };

		sample_envelope(&e, "s@x", "a@x, b@x");
		for (size_t k = 0; k < 2; k++) {
			struct outcome *o = &e.rcpt[k].outcome;

			if (cases[i].codes[k] == 250)
				outcome_accept(o, STAGE_FINAL, 250, "ok");
			else
				(void)outcome_reply(
				    o, STAGE_FINAL, cases[i].codes[k], "no");
		}
		check_int(cases[i].label, answer_for_all(&e)->code, cases[i].want);
		envelope_free(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_said_about_the_mail_passes_as_it_is),
		cmocka_unit_test(what_was_never_said_is_put_off_unless_it_can_never_work),
		cmocka_unit_test(
		    who_asks_from_elsewhere_hears_nothing_of_our_files_and_servers),
		cmocka_unit_test(no_answer_has_a_class_that_its_code_does_not_have),
		cmocka_unit_test(one_answer_stands_for_all_recipients),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
