/* SPDX-License-Identifier: ISC
 *
 * test_auth.c - what we say to sign in, against vectors
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/prover.h"
#include "lib/sample.h"

static void
check_said(const char *label, const struct prover *p, const char *want, size_t n)
{
	check_int(label, p->said.len, n);
	check(label, memcmp(p->said.data, want, n) == 0);
}

TEST(plain_is_said_in_one_message)
{
	struct prover p;

	prover_begin(&p, "PLAIN", "joe", "hunter2");
	assert_true(prover_step(&p, span_of("")));
	check_said("PLAIN", &p, "\0joe\0hunter2", 12);
	assert_true(prover_is_sure(&p));
	/* and then there is nothing more to say */
	assert_false(prover_step(&p, span_of("again?")));
	assert_int_equal(p.o.cause, CAUSE_AUTH_FAILED);
	prover_end(&p);
}

TEST(login_answers_two_questions_however_they_are_put)
{
	static const char *const questions[][2] = {
		{ "Username:", "Password:" },
		{ "User Name", "Password" },
		{ "", "" },
		{ "wer?", "und wie?" },
	};

	for (size_t i = 0; i < COUNT(questions); i++) {
		struct prover p;

		prover_begin(&p, "LOGIN", "joe", "hunter2");
		assert_true(prover_step(&p, span_of(questions[i][0])));
		check_said(questions[i][0], &p, "joe", 3);
		assert_false(prover_is_sure(&p));
		assert_true(prover_step(&p, span_of(questions[i][1])));
		check_said(questions[i][1], &p, "hunter2", 7);
		assert_true(prover_is_sure(&p));
		prover_end(&p);
	}
}

/* RFC 2195, 2 */
TEST(cram_md5_gives_the_answer_of_its_standard)
{
	struct prover p;

	prover_begin(&p, "CRAM-MD5", "tim", "tanstaaftanstaaf");
	assert_true(
	    prover_step(&p, span_of("<1896.697170952@postoffice.reston.mci.net>")));
	check_said("RFC 2195", &p, "tim b913a602c7eda7a495b4e6e7334d3890", 36);
	assert_true(prover_is_sure(&p));
	prover_end(&p);
}

TEST(external_says_who_to_act_as_where_there_is_a_user)
{
	static const char *const users[] = { NULL, "ops@x" };

	for (size_t i = 0; i < COUNT(users); i++) {
		const char *said = users[i] != NULL ? users[i] : "";
		struct prover p;

		prover_begin(&p, "EXTERNAL", users[i], "");
		assert_true(prover_step(&p, span_of("")));
		check_said("EXTERNAL", &p, said, strlen(said));
		assert_true(prover_is_sure(&p));
		prover_end(&p);
	}
}

/* The first message of NTLM has the domain in it: [MS-NLMP], 2.2.1.1. */
TEST(ntlm_says_the_domain)
{
	static const char *const domains[] = { "WORKS", NULL };

	for (size_t i = 0; i < COUNT(domains); i++) {
		struct prover p;
		bool said;

		prover_begin(&p, "NTLM", "joe", "hunter2");
		p.request.domain = domains[i];
		prover_again(&p, "NTLM");
		assert_true(prover_step(&p, span_of("")));
		assert_true(p.said.len > 8 && memcmp(p.said.data, "NTLMSSP", 8) == 0);
		said = memmem(p.said.data, p.said.len, "WORKS", 5) != NULL;
		check_int("domain", said, domains[i] != NULL);
		prover_end(&p);
	}
}

/* RFC 7628, 4.1, with our host and port */
TEST(oauthbearer_is_said_to_the_byte)
{
	static const struct {
		const char *user, *token, *want;
	} cases[] = {
		{ "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
		    "n,a=user@example.com,\001host=server.example.com\001port=587\001"
		    "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\001\001" },
		{ "a,b=c", "t",
		    "n,a=a=2Cb=3Dc,\001host=server.example.com\001port=587\001"
		    "auth=Bearer t\001\001" },
		{ NULL, "t",
		    "n,,\001host=server.example.com\001port=587\001auth=Bearer "
		    "t\001\001" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prover p;

		prover_begin(&p, "OAUTHBEARER", cases[i].user, cases[i].token);
		assert_true(prover_step(&p, span_of("")));
		check_text(cases[i].token, p.said.data, cases[i].want);
		assert_true(prover_is_sure(&p));
		assert_null(auth_remark(&p.auth));
		prover_end(&p);
	}
}

TEST(xoauth2_is_said_to_the_byte)
{
	struct prover p;

	prover_begin(
	    &p, "XOAUTH2", "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHR");
	assert_true(prover_step(&p, span_of("")));
	assert_string_equal(p.said.data, "user=someuser@example.com\001auth=Bearer "
					 "ya29.vF9dft4qmTc2Nvb3RlckBhdHR\001\001");
	assert_true(prover_is_sure(&p));
	prover_end(&p);
}

/* RFC 7628, 3.2.3: to the reason of a refusal the client says "\001", so that it gets the
 * refusal; XOAUTH2 wants an empty line. */
TEST(the_reason_of_an_oauth_refusal_is_kept_and_answered)
{
	static const struct {
		const char *mechanism, *answer;
	} cases[] = { { "OAUTHBEARER", "\001" }, { "XOAUTH2", "" } };
	static const char json[] = "{\"status\":\"400\",\"schemes\":\"Bearer\"}";

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct prover p;

		prover_begin(&p, cases[i].mechanism, "joe", "token");
		assert_true(prover_step(&p, span_of("")));
		assert_true(prover_step(&p, span_of(json)));
		check_text(cases[i].mechanism, p.said.data, cases[i].answer);
		check_text(cases[i].mechanism, auth_remark(&p.auth), json);
		prover_end(&p);
	}
}

TEST(a_server_that_did_not_take_the_initial_response_gets_it_again)
{
	struct prover p;
	char *first;

	prover_begin(&p, "XOAUTH2", "joe", "token");
	assert_true(prover_step(&p, span_of("")));
	first = buf_take(&p.said);
	assert_true(prover_step(&p, span_of("")));
	assert_string_equal(p.said.data, first);
	free(first);
	prover_end(&p);
}

TEST(a_very_long_reason_is_cut)
{
	struct buf json;
	struct prover p;

	buf_init(&json, SAMPLE_MAX);
	sample_repeat(&json, "x", 5000);
	prover_begin(&p, "XOAUTH2", "joe", "token");
	assert_true(prover_step(&p, span_of("")));
	assert_true(prover_step(&p, buf_span(&json)));
	assert_int_equal(strlen(auth_remark(&p.auth)), 300);
	prover_end(&p);
	buf_free(&json);
}

TEST(a_token_of_several_kilobytes_is_said_whole)
{
	struct buf token;
	struct prover p;

	buf_init(&token, SAMPLE_MAX);
	sample_repeat(&token, "x", 8000);
	prover_begin(&p, "XOAUTH2", "joe", token.data);
	assert_true(prover_step(&p, span_of("")));
	assert_int_equal(p.said.len, strlen("user=joe\001auth=Bearer \001\001") + 8000);
	prover_end(&p);
	buf_free(&token);
}

TEST(an_answer_that_would_be_too_long_is_an_error)
{
	struct buf token;
	struct prover p;

	buf_init(&token, SAMPLE_MAX);
	sample_repeat(&token, "x", SECRET_MAX);
	prover_begin(&p, "XOAUTH2", "joe", token.data);
	assert_false(prover_step(&p, span_of("")));
	assert_int_equal(p.o.cause, CAUSE_AUTH_FAILED);
	prover_end(&p);
	buf_free(&token);
}

TEST(a_server_that_asks_for_ever_is_left)
{
	struct prover p;
	int steps = 0;

	prover_begin(&p, "XOAUTH2", "joe", "token");
	while (steps < 100 && prover_step(&p, span_of("{}")))
		steps++;
	assert_in_range(steps, 2, 20);
	assert_int_equal(p.o.cause, CAUSE_AUTH_FAILED);
	prover_end(&p);
}

TEST(a_sign_in_can_be_ended_at_any_time)
{
	struct auth nothing = { 0 };
	struct prover p;

	auth_end(&nothing);
	prover_begin(&p, "SCRAM-SHA-256", "joe", "pencil");
	auth_end(&p.auth);
	auth_end(&p.auth);
	assert_null(auth_remark(&p.auth));
	prover_end(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_is_said_in_one_message),
		cmocka_unit_test(login_answers_two_questions_however_they_are_put),
		cmocka_unit_test(cram_md5_gives_the_answer_of_its_standard),
		cmocka_unit_test(external_says_who_to_act_as_where_there_is_a_user),
		cmocka_unit_test(ntlm_says_the_domain),
		cmocka_unit_test(oauthbearer_is_said_to_the_byte),
		cmocka_unit_test(xoauth2_is_said_to_the_byte),
		cmocka_unit_test(the_reason_of_an_oauth_refusal_is_kept_and_answered),
		cmocka_unit_test(
		    a_server_that_did_not_take_the_initial_response_gets_it_again),
		cmocka_unit_test(a_very_long_reason_is_cut),
		cmocka_unit_test(a_token_of_several_kilobytes_is_said_whole),
		cmocka_unit_test(an_answer_that_would_be_too_long_is_an_error),
		cmocka_unit_test(a_server_that_asks_for_ever_is_left),
		cmocka_unit_test(a_sign_in_can_be_ended_at_any_time),
	};

	return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
