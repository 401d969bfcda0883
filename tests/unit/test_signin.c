/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <sysexits.h>

#include "conf/option.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "smtp/session.h"
#include "smtp/signin.h"

static void
note_said(void *arg, char who, struct span line)
{
	buf_printf(arg, "%c:%.*s|", who, (int)line.n, line.p);
}

static void
note_warning(void *arg, const char *words)
{
	buf_printf(arg, "!:%s|", words);
}

struct run {
	struct script script;
	struct session session;
	struct account *account;
	struct secret password;
	struct observer observer;
	struct buf seen;
	struct outcome o;
	bool ok;
};

static void
set(struct account *a, const char *name, const char *value)
{
	const struct origin here = { "test", 1, true };
	struct outcome o;

	assert_true(option_set(
	    a, option_find(span_of(name)), span_of(value), here, CAUSE_CONFIG, &o));
}

/* A session in the clear, greeted already, whose server offers `offered`. */
static void
run_as(struct run *r, const char *user, const char *auth, const char *offered,
    const char *password, const struct script_step *steps, size_t n, enum script_end end)
{
	*r = (struct run){ .account = account_new("test") };
	set(r->account, "host", "mx.example");
	set(r->account, "port", "587");
	set(r->account, "auth", auth);
	set(r->account, "user", user);
	secret_set(&r->password, span_of(password));
	buf_init(&r->seen, SAMPLE_MAX);
	r->observer =
	    (struct observer){ .said = note_said, .warn = note_warning, .arg = &r->seen };
	r->session.account = r->account;
	r->session.password = &r->password;
	caps_parse(&r->session.caps, span_of(offered));
	script_init(&r->script, steps, n, end);
	script_channel(&r->script, &r->session.channel, &r->observer);
	r->ok = sign_in(&r->session, &r->o);
}

static void
run(struct run *r, const char *auth, const char *offered, const char *password,
    const struct script_step *steps, size_t n, enum script_end end)
{
	run_as(r, "joe", auth, offered, password, steps, n, end);
}

static void
end(struct run *r)
{
	channel_close(&r->session.channel);
	buf_free_secret(&r->session.proof);
	script_free(&r->script);
	account_free(r->account);
	secret_free(&r->password);
	buf_free(&r->seen);
}

TEST(an_initial_response_goes_with_the_command)
{
	const struct script_step steps[] = { { "AUTH PLAIN AGpvZQBodW50ZXIy\r\n",
	    "235 2.7.0 welcome\r\n" } };
	struct run r;

	run(&r, "plain", "mx\nAUTH PLAIN", "hunter2", steps, COUNT(steps), SCRIPT_SILENT);
	assert_true(r.ok);
	assert_string_equal(r.script.heard.data, "AUTH PLAIN AGpvZQBodW50ZXIy\r\n");
	end(&r);
}

TEST(questions_are_answered_one_by_one)
{
	const struct script_step steps[] = {
		{ "AUTH LOGIN\r\n", "334 VXNlcm5hbWU6\r\n" },
		{ "am9l\r\n", "334 UGFzc3dvcmQ6\r\n" },
		{ "aHVudGVyMg==\r\n", "235 welcome\r\n" },
	};
	struct run r;

	run(&r, "login", "mx\nAUTH LOGIN", "hunter2", steps, COUNT(steps), SCRIPT_SILENT);
	assert_true(r.ok);
	assert_string_equal(
	    r.script.heard.data, "AUTH LOGIN\r\nam9l\r\naHVudGVyMg==\r\n");
	end(&r);
}

TEST(a_challenge_is_answered)
{
	const struct script_step steps[] = {
		{ "AUTH CRAM-MD5\r\n", "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVz"
				       "dG9uLm1jaS5uZXQ+\r\n" },
		{ "\r\n", "235 welcome\r\n" },
	};
	struct run r;

	run(&r, "cram-md5", "mx\nAUTH CRAM-MD5", "tanstaaftanstaaf", steps, COUNT(steps),
	    SCRIPT_SILENT);
	assert_true(r.ok);
	/* "joe " and the keyed digest, in base64 */
	check_part("answer", r.script.heard.data, "AUTH CRAM-MD5\r\nam9lI");
	end(&r);
}

/* RFC 4954, 4: an initial response of no bytes is "=". */
TEST(an_empty_initial_response_is_an_equals_sign)
{
	static const struct {
		const char *user, *hears;
	} cases[] = {
		{ "", "AUTH EXTERNAL =\r\n" },
		{ "joe", "AUTH EXTERNAL am9l\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { cases[i].hears,
		    "235 welcome\r\n" } };
		struct run r;

		run_as(&r, cases[i].user, "external", "mx\nAUTH EXTERNAL", "", steps,
		    COUNT(steps), SCRIPT_SILENT);
		check(cases[i].hears, r.ok);
		end(&r);
	}
}

/* The whole command may have 12288 bytes, and no server must take more. */
TEST(an_initial_response_too_long_for_the_command_goes_when_it_is_asked_for)
{
	static const struct {
		size_t token;
		bool along;
	} cases[] = { { 100, true }, { 9000, true }, { 9300, false }, { 20000, false } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step along[] = { { "\r\n", "235 welcome\r\n" } };
		const struct script_step asked[] = {
			{ "AUTH XOAUTH2\r\n", "334 \r\n" },
			{ "\r\n", "235 welcome\r\n" },
		};
		struct buf token;
		struct run r;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu bytes", cases[i].token);
		buf_init(&token, SAMPLE_MAX);
		sample_repeat(&token, "x", cases[i].token);
		if (cases[i].along)
			run(&r, "xoauth2", "mx\nAUTH XOAUTH2", token.data, along,
			    COUNT(along), SCRIPT_SILENT);
		else
			run(&r, "xoauth2", "mx\nAUTH XOAUTH2", token.data, asked,
			    COUNT(asked), SCRIPT_SILENT);
		check(label, r.ok);
		check(label, script_is_over(&r.script));
		check(label, r.script.heard.len > cases[i].token * 4 / 3);
		end(&r);
		buf_free(&token);
	}
}

TEST(no_secret_is_ever_shown)
{
	static const struct {
		const char *auth, *seen;
	} cases[] = {
		{ "plain", "!:signing in with PLAIN without TLS: anybody on the way can "
			   "read the password|C:AUTH PLAIN ****|S:235 ok|" },
		{ "xoauth2",
		    "!:signing in with XOAUTH2 without TLS: anybody on the way can "
		    "read the password|C:AUTH XOAUTH2 ****|S:235 ok|" },
		{ "login", "!:signing in with LOGIN without TLS: anybody on the way can "
			   "read the password|C:AUTH LOGIN|S:334 ****|C:****|S:334 "
			   "****|C:****|S:235 ok|" },
		{ "cram-md5", "C:AUTH CRAM-MD5|S:334 ****|C:****|S:235 ok|" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step one[] = { { "\r\n", "235 ok\r\n" } };
		const struct script_step two[] = { { "\r\n", "334 QQ==\r\n" },
			{ "\r\n", "235 ok\r\n" } };
		const struct script_step three[] = { { "\r\n", "334 QQ==\r\n" },
			{ "\r\n", "334 QQ==\r\n" }, { "\r\n", "235 ok\r\n" } };
		const struct script_step *steps = i < 2 ? one : i == 2 ? three : two;
		size_t n = i < 2 ? 1 : i == 2 ? 3 : 2;
		struct run r;

		run(&r, cases[i].auth, "mx\nAUTH PLAIN LOGIN XOAUTH2 CRAM-MD5", "hunter2",
		    steps, n, SCRIPT_SILENT);
		check(cases[i].auth, r.ok);
		check_text(cases[i].auth, r.seen.data, cases[i].seen);
		end(&r);
	}
}

/* A server that doesn't understand may quote what it heard. */
TEST(a_secret_that_the_server_quotes_is_masked)
{
	const struct script_step steps[] = { { "\r\n",
	    "500 what is \"AUTH PLAIN AGpvZQBodW50ZXIy\"? hunter2?\r\n" } };
	struct run r;

	run(&r, "plain", "mx\nAUTH PLAIN", "hunter2", steps, COUNT(steps), SCRIPT_SILENT);
	assert_false(r.ok);
	assert_null(strstr(r.o.text, "hunter2"));
	assert_null(strstr(r.o.text, "AGpvZQBodW50ZXIy"));
	assert_null(strstr(r.seen.data, "hunter2"));
	assert_null(strstr(r.seen.data, "AGpvZQBodW50ZXIy"));
	check_part("the rest", r.o.text, "what is \"AUTH PLAIN ****");
	end(&r);
}

TEST(a_refusal_is_about_user_or_password_unless_it_passes)
{
	static const struct {
		const char *says, *status;
		int code, sysexit;
		enum verdict verdict;
	} cases[] = {
		{ "535 5.7.8 bad credentials\r\n", "5.7.8", 535, EX_NOPERM,
		    VERDICT_HOLD },
		{ "535 bad credentials\r\n", "5.0.0", 535, EX_NOPERM, VERDICT_HOLD },
		{ "454 4.7.0 try later\r\n", "4.7.0", 454, EX_TEMPFAIL, VERDICT_RETRY },
		{ "421 4.3.2 bye\r\n", "4.3.2", 421, EX_TEMPFAIL, VERDICT_RETRY },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { "\r\n", cases[i].says } };
		struct run r;

		run(&r, "plain", "mx\nAUTH PLAIN", "hunter2", steps, COUNT(steps),
		    SCRIPT_CLOSES);
		check(cases[i].says, !r.ok);
		check_int(cases[i].says, r.o.cause, CAUSE_AUTH_REFUSED);
		check_int(cases[i].says, r.o.stage, STAGE_AUTH);
		check_int(cases[i].says, r.o.code, cases[i].code);
		check_text(cases[i].says, r.o.status, cases[i].status);
		check_int(cases[i].says, outcome_sysexit(&r.o), cases[i].sysexit);
		check_int(cases[i].says, outcome_verdict(&r.o), cases[i].verdict);
		end(&r);
	}
}

TEST(the_reason_of_an_oauth_refusal_is_answered_and_told)
{
	static const struct {
		const char *auth, *answer;
	} cases[] = { { "xoauth2", "\r\n\r\n" }, { "oauthbearer", "\r\nAQ==\r\n" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = {
			{ "\r\n", "334 eyJzdGF0dXMiOiI0MDEifQ==\r\n" },
			{ "\r\n", "535 5.7.8 no\r\n" },
		};
		struct run r;

		run(&r, cases[i].auth, "mx\nAUTH XOAUTH2 OAUTHBEARER", "token", steps,
		    COUNT(steps), SCRIPT_SILENT);
		check(cases[i].auth, !r.ok);
		check_int(cases[i].auth, r.o.cause, CAUSE_AUTH_REFUSED);
		check_text(cases[i].auth, r.o.text, "5.7.8 no\n{\"status\":\"401\"}");
		check_part(cases[i].auth, r.script.heard.data, cases[i].answer);
		end(&r);
	}
}

/* RFC 4954, 4: a client that gives up says "*", and gets a 501. */
TEST(a_challenge_that_cannot_be_answered_is_cancelled)
{
	static const struct {
		const char *auth, *says;
	} cases[] = {
		{ "cram-md5", "334 !!!\r\n" }, /* no base64 */
		{ "cram-md5", "334-QQ==\r\n334 QQ==\r\n" },
		{ "scram-sha-256", "334 QQ==\r\n" }, /* no challenge of SCRAM's */
		{ "plain", "334 QQ==\r\n" },         /* all has been said */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { "\r\n", cases[i].says },
			{ "*\r\n", "501 cancelled\r\n" } };
		struct run r;

		run(&r, cases[i].auth, "mx\nAUTH PLAIN CRAM-MD5 SCRAM-SHA-256", "hunter2",
		    steps, COUNT(steps), SCRIPT_SILENT);
		check(cases[i].says, !r.ok);
		check_int(cases[i].says, r.o.cause, CAUSE_AUTH_FAILED);
		check_int(cases[i].says, r.o.stage, STAGE_AUTH);
		check(cases[i].says, script_is_over(&r.script));
		end(&r);
	}
}

TEST(a_yes_from_a_server_that_has_proved_nothing_is_not_believed)
{
	static const char *const scrams[] = { "scram-sha-1", "scram-sha-256" };

	for (size_t i = 0; i < COUNT(scrams); i++) {
		const struct script_step steps[] = { { "\r\n", "235 welcome\r\n" } };
		struct run r;

		run(&r, scrams[i], "mx\nAUTH SCRAM-SHA-1 SCRAM-SHA-256", "hunter2", steps,
		    COUNT(steps), SCRIPT_SILENT);
		check(scrams[i], !r.ok);
		check_int(scrams[i], r.o.cause, CAUSE_AUTH_SERVER);
		check_int(scrams[i], r.o.stage, STAGE_AUTH);
		check_int(scrams[i], outcome_verdict(&r.o), VERDICT_HOLD);
		end(&r);
	}
}

TEST(a_server_that_asks_for_ever_is_left)
{
	struct script_step steps[100];
	struct run r;

	for (size_t i = 0; i < COUNT(steps); i++)
		steps[i] = (struct script_step){ "\r\n", "334 e30=\r\n" };
	run(&r, "xoauth2", "mx\nAUTH XOAUTH2", "token", steps, COUNT(steps),
	    SCRIPT_SILENT);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_AUTH_FAILED);
	assert_true(r.script.writes < 30);
	end(&r);
}

TEST(without_an_offer_there_is_no_sign_in)
{
	static const struct {
		const char *auth, *offered;
		enum cause cause;
	} cases[] = {
		{ "on", "mx\nSIZE", CAUSE_AUTH_NONE },
		{ "plain", "mx\nSIZE", CAUSE_AUTH_NONE },
		{ "plain", "mx\nAUTH LOGIN", CAUSE_AUTH_METHOD },
		{ "on", "mx\nAUTH", CAUSE_AUTH_METHOD },
		{ "on", "mx\nAUTH PLAIN LOGIN", CAUSE_AUTH_CLEAR },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].auth, cases[i].offered, "hunter2", NULL, 0,
		    SCRIPT_SILENT);
		check(cases[i].offered, !r.ok);
		check_int(cases[i].offered, r.o.cause, cases[i].cause);
		check_int(cases[i].offered, r.o.stage, STAGE_AUTH);
		check_int(cases[i].offered, r.script.heard.len, 0);
		end(&r);
	}
}

TEST(a_lost_line_is_no_refusal)
{
	static const struct {
		enum script_end end;
		const char *says;
		enum cause cause;
	} cases[] = {
		{ SCRIPT_CLOSES, "", CAUSE_HANGUP },
		{ SCRIPT_SILENT, "", CAUSE_TIMEOUT },
		{ SCRIPT_CLOSES, "235", CAUSE_HANGUP },
		{ SCRIPT_CLOSES, "huh?\r\n", CAUSE_PROTOCOL },
		{ SCRIPT_CLOSES, "334 QQ==\r\n", CAUSE_HANGUP },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { NULL, cases[i].says } };
		struct run r;

		run(&r, "login", "mx\nAUTH LOGIN", "hunter2", steps, COUNT(steps),
		    cases[i].end);
		check(cases[i].says, !r.ok);
		check_int(cases[i].says, r.o.cause, cases[i].cause);
		check_int(cases[i].says, r.o.stage, STAGE_AUTH);
		check_int(cases[i].says, outcome_verdict(&r.o), VERDICT_RETRY);
		end(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_initial_response_goes_with_the_command),
		cmocka_unit_test(questions_are_answered_one_by_one),
		cmocka_unit_test(a_challenge_is_answered),
		cmocka_unit_test(an_empty_initial_response_is_an_equals_sign),
		cmocka_unit_test(
		    an_initial_response_too_long_for_the_command_goes_when_it_is_asked_for),
		cmocka_unit_test(no_secret_is_ever_shown),
		cmocka_unit_test(a_secret_that_the_server_quotes_is_masked),
		cmocka_unit_test(a_refusal_is_about_user_or_password_unless_it_passes),
		cmocka_unit_test(the_reason_of_an_oauth_refusal_is_answered_and_told),
		cmocka_unit_test(a_challenge_that_cannot_be_answered_is_cancelled),
		cmocka_unit_test(
		    a_yes_from_a_server_that_has_proved_nothing_is_not_believed),
		cmocka_unit_test(a_server_that_asks_for_ever_is_left),
		cmocka_unit_test(without_an_offer_there_is_no_sign_in),
		cmocka_unit_test(a_lost_line_is_no_refusal),
	};

	return cmocka_run_group_tests_name("signin", tests, NULL, NULL);
}
