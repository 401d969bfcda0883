/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/well_known.h"
#include "smtp/refusal.h"

static const char *
name_of(enum stage stage, int code, const char *text, const char *server)
{
	struct outcome o;

	(void)outcome_reply(&o, stage, code, text);
	refusal_explain(&o, server);
	return outcome_name(&o);
}

TEST(what_servers_say_has_a_cause)
{
	static const struct {
		enum stage stage;
		int code;
		const char *text, *server, *name;
	} cases[] = {
		{ STAGE_AUTH, 535, "5.7.8 wrong", "mx.example", "AUTH_REFUSED" },
		{ STAGE_AUTH, 504, "5.5.4 no such method", NULL, "AUTH_REFUSED" },
		{ STAGE_AUTH, 454, "4.7.0 later", NULL, "AUTH_REFUSED" },
		{ STAGE_AUTH, 534,
		    "5.7.9 Application-specific password required. For more information, "
		    "go to\n5.7.9  "
		    "https://support.google.com/mail/?p=InvalidSecondFactor",
		    NULL, "AUTH_APP_PASSWORD" },
		{ STAGE_AUTH, 534, "5.7.14 Please log in via your web browser",
		    "smtp.gmail.com", "AUTH_APP_PASSWORD" },
		{ STAGE_AUTH, 534, "5.7.14 Please log in", "gmail.com.example",
		    "AUTH_REFUSED" },
		{ STAGE_AUTH, 534, "5.7.14 Please log in", "notgmail.com",
		    "AUTH_REFUSED" },
		{ STAGE_AUTH, 535,
		    "5.7.8 Username and Password not accepted. For more information, go "
		    "to\n5.7.8 https://support.google.com/mail/?p=BadCredentials",
		    "smtp.gmail.com", "AUTH_REFUSED" },
		{ STAGE_AUTH, 535,
		    "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is "
		    "disabled for the Tenant.",
		    NULL, "AUTH_BASIC_OFF" },
		{ STAGE_AUTH, 535,
		    "5.7.139 Authentication unsuccessful, basic authentication is "
		    "disabled.",
		    NULL, "AUTH_BASIC_OFF" },
		{ STAGE_AUTH, 535,
		    "5.7.139 Authentication unsuccessful, the user credentials were "
		    "incorrect.",
		    NULL, "AUTH_REFUSED" },
		{ STAGE_AUTH, 550,
		    "5.7.30 Basic authentication is not supported for Client Submission.",
		    NULL, "AUTH_BASIC_OFF" },
		{ STAGE_MAIL, 550, "5.7.30 Basic authentication is not supported", NULL,
		    "AUTH_BASIC_OFF" },
		{ STAGE_AUTH, 535,
		    "Login fail. Account is abnormal, service is not open, password is "
		    "incorrect. More information at https://help.mail.qq.com/",
		    NULL, "AUTH_APP_PASSWORD" },
		{ STAGE_AUTH, 535, "Error", "smtp.exmail.qq.com", "AUTH_APP_PASSWORD" },
		{ STAGE_AUTH, 535, "Error: authentication failed", "smtp.163.com",
		    "AUTH_APP_PASSWORD" },
		{ STAGE_AUTH, 535, "use an app password", NULL, "AUTH_APP_PASSWORD" },
		{ STAGE_MAIL, 530, "5.7.0 Must issue a STARTTLS command first", NULL,
		    "TLS_WANTED" },
		{ STAGE_MAIL, 530, "5.7.0 Authentication Required", NULL, "AUTH_WANTED" },
		{ STAGE_MAIL, 553, "authentication is required,smtp4", NULL,
		    "AUTH_WANTED" },
		{ STAGE_MAIL, 553, "5.7.1 not owned by user ops", NULL,
		    "SENDER_REFUSED" },
		{ STAGE_RCPT, 553,
		    "5.7.1 <root@vm>: Sender address rejected: not owned by user ops",
		    NULL, "SENDER_REFUSED" },
		{ STAGE_FINAL, 554, "5.2.252 SendAsDenied; not allowed", NULL,
		    "SENDER_REFUSED" },
		{ STAGE_MAIL, 501, "mail from address must be same as authorization user",
		    NULL, "SENDER_REFUSED" },
		{ STAGE_MAIL, 451, "5.7.1 not now", NULL, "REFUSED" },
		{ STAGE_MAIL, 552, "5.2.2 your quota is used up", NULL, "REFUSED" },
		{ STAGE_FINAL, 550, "5.4.5 Daily user sending limit exceeded.", NULL,
		    "QUOTA" },
		{ STAGE_FINAL, 550, "Daily user sending quota exceeded.", NULL, "QUOTA" },
		{ STAGE_AUTH, 454, "Throttling failure: Daily message quota exceeded.",
		    NULL, "AUTH_REFUSED" },
		{ STAGE_FINAL, 454, "Throttling failure: Daily message quota exceeded.",
		    NULL, "QUOTA" },
		{ STAGE_RCPT, 550, "5.1.1 no such user", NULL, "REFUSED" },
		{ STAGE_FINAL, 554, "5.7.1 spam", NULL, "REFUSED" },
		{ STAGE_GREETING, 554, "5.7.1 go away", NULL, "REFUSED" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_text(cases[i].text,
		    name_of(
			cases[i].stage, cases[i].code, cases[i].text, cases[i].server),
		    cases[i].name);
}

TEST(a_provider_that_is_known_is_named_with_its_own_way_out)
{
	struct outcome o;

	(void)outcome_reply(&o, STAGE_AUTH, 534, "5.7.9 https://support.google.com/");
	refusal_explain(&o, NULL);
	check_part("Google", o.sentence, "Google");
	check_part("Google", outcome_hint(&o), "myaccount.google.com/apppasswords");
	(void)outcome_reply(&o, STAGE_AUTH, 535, "no");
	refusal_explain(&o, "smtp.qq.com");
	check_part("QQ", o.sentence, "QQ Mail");
	check_part("QQ", outcome_hint(&o), "mail.qq.com");
}

TEST(a_typing_error_in_the_name_of_a_server_is_noticed)
{
	assert_string_equal(well_known_near("smtp.gmial.com"), "smtp.gmail.com");
	assert_string_equal(well_known_near("smtp.ofice365.com"), "smtp.office365.com");
	assert_null(well_known_near("smtp.example.org"));
	assert_null(well_known_near("mail"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_servers_say_has_a_cause),
		cmocka_unit_test(a_provider_that_is_known_is_named_with_its_own_way_out),
		cmocka_unit_test(a_typing_error_in_the_name_of_a_server_is_noticed),
	};

	return cmocka_run_group_tests_name("refusal", tests, NULL, NULL);
}
