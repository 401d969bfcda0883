/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "queue/trouble.h"

TEST(each_failure_is_somebodys_fault)
{
	static const struct {
		const char *label;
		enum cause cause;
		enum stage stage;
		int code;
		const char *said;
		enum trouble trouble;
	} cases[] = {
		{ "accepted", CAUSE_NONE, STAGE_FINAL, 0, NULL, TROUBLE_NONE },
		{ "refused", CAUSE_REPLY, STAGE_RCPT, 550, "5.1.1 no", TROUBLE_NONE },
		{ "greylisted", CAUSE_REPLY, STAGE_RCPT, 451, "4.7.1 wait",
		    TROUBLE_MESSAGE },
		{ "put off", CAUSE_REPLY, STAGE_FINAL, 451, "4.3.0 wait",
		    TROUBLE_MESSAGE },
		{ "maybe sent", CAUSE_MAYBE_SENT, STAGE_FINAL, 0, NULL, TROUBLE_MESSAGE },
		{ "hung up", CAUSE_HANGUP, STAGE_MAIL, 0, NULL, TROUBLE_SESSION },
		{ "no answer", CAUSE_TIMEOUT, STAGE_DATA, 0, NULL, TROUBLE_SESSION },
		{ "goodbye", CAUSE_REPLY, STAGE_MAIL, 421, "4.3.2 bye", TROUBLE_SESSION },
		{ "enough", CAUSE_REPLY, STAGE_MAIL, 452, "4.3.2 enough",
		    TROUBLE_SESSION },
		{ "not reached", CAUSE_CONNECT, STAGE_CONNECT, 0, NULL, TROUBLE_ACCOUNT },
		{ "busy", CAUSE_REPLY, STAGE_GREETING, 421, "4.3.2 busy",
		    TROUBLE_ACCOUNT },
		{ "sign-in put off", CAUSE_REPLY, STAGE_AUTH, 454, "4.7.0 later",
		    TROUBLE_ACCOUNT },
		{ "password refused", CAUSE_AUTH_REFUSED, STAGE_AUTH, 0, NULL,
		    TROUBLE_HELD },
		{ "certificate", CAUSE_CERT_NAME, STAGE_TLS, 0, NULL, TROUBLE_HELD },
		{ "configuration", CAUSE_CONFIG, STAGE_LOCAL, 0, NULL, TROUBLE_HELD },
		{ "quota", CAUSE_QUOTA, STAGE_MAIL, 0, NULL, TROUBLE_HELD },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o = { .cause = cases[i].cause, .stage = cases[i].stage };

		if (cases[i].code != 0)
			(void)outcome_reply(
			    &o, cases[i].stage, cases[i].code, cases[i].said);
		check_int(cases[i].label, trouble_of(&o), cases[i].trouble);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_is_somebodys_fault),
	};

	return cmocka_run_group_tests_name("trouble", tests, NULL, NULL);
}
