/* SPDX-License-Identifier: ISC
 *
 * test_auth.c - sign-ins against vectors, and against libgsasl's own server
 */
#include "lib/unit.h"

#include <gsasl.h>
#include <stdlib.h>

#include "auth/auth.h"
#include "lib/sample.h"

static const struct mechanism *
named(const char *name)
{
	for (const struct mechanism *m = mechanisms; m->name != NULL; m++)
		if (strcmp(m->name, name) == 0)
			return m;
	fail_msg("no mechanism %s", name);
	return NULL;
}

/* Our side of one sign-in. */
struct client {
	struct secret password;
	struct auth_request request;
	struct auth auth;
	struct buf said; /* the last response */
	struct outcome o;
};

static void
begin(struct client *c, const char *mechanism, const char *user, const char *password)
{
	*c = (struct client){ .request = {
				  .user = user,
				  .service = "smtp",
				  .host = "server.example.com",
				  .port = 587,
			      } };
	secret_set(&c->password, span_of(password));
	c->request.password = &c->password;
	buf_init(&c->said, AUTH_MESSAGE_MAX);
	assert_true(auth_begin(&c->auth, named(mechanism), &c->request, &c->o));
}

static bool
step(struct client *c, struct span challenge)
{
	buf_clear(&c->said);
	return auth_step(&c->auth, challenge, &c->said, &c->o);
}

static void
end(struct client *c)
{
	auth_end(&c->auth);
	secret_free(&c->password);
	buf_free(&c->said);
}

static void
check_said(const char *label, const struct client *c, const char *want, size_t n)
{
	check_int(label, c->said.len, n);
	check(label, memcmp(c->said.data, want, n) == 0);
}

TEST(plain_is_said_in_one_message)
{
	struct client c;

	begin(&c, "PLAIN", "joe", "hunter2");
	assert_true(step(&c, span_of("")));
	check_said("PLAIN", &c, "\0joe\0hunter2", 12);
	assert_true(auth_accepted(&c.auth, &c.o));
	/* and then there is nothing more to say */
	assert_false(step(&c, span_of("again?")));
	assert_int_equal(c.o.cause, CAUSE_AUTH_FAILED);
	end(&c);
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
		struct client c;

		begin(&c, "LOGIN", "joe", "hunter2");
		assert_true(step(&c, span_of(questions[i][0])));
		check_said(questions[i][0], &c, "joe", 3);
		assert_false(auth_accepted(&c.auth, &c.o));
		assert_true(step(&c, span_of(questions[i][1])));
		check_said(questions[i][1], &c, "hunter2", 7);
		assert_true(auth_accepted(&c.auth, &c.o));
		end(&c);
	}
}

/* RFC 2195, 2 */
TEST(cram_md5_gives_the_answer_of_its_standard)
{
	struct client c;

	begin(&c, "CRAM-MD5", "tim", "tanstaaftanstaaf");
	assert_true(step(&c, span_of("<1896.697170952@postoffice.reston.mci.net>")));
	check_said("RFC 2195", &c, "tim b913a602c7eda7a495b4e6e7334d3890", 36);
	assert_true(auth_accepted(&c.auth, &c.o));
	end(&c);
}

TEST(external_says_who_to_act_as_where_there_is_a_user)
{
	static const char *const users[] = { NULL, "ops@x" };

	for (size_t i = 0; i < COUNT(users); i++) {
		const char *said = users[i] != NULL ? users[i] : "";
		struct client c;

		begin(&c, "EXTERNAL", users[i], "");
		assert_true(step(&c, span_of("")));
		check_said("EXTERNAL", &c, said, strlen(said));
		assert_true(auth_accepted(&c.auth, &c.o));
		end(&c);
	}
}

/* The first message of NTLM has the domain in it: [MS-NLMP], 2.2.1.1. */
TEST(ntlm_says_the_domain)
{
	static const char *const domains[] = { "WORKS", NULL };

	for (size_t i = 0; i < COUNT(domains); i++) {
		struct client c;
		bool said;

		begin(&c, "NTLM", "joe", "hunter2");
		auth_end(&c.auth);
		c.request.domain = domains[i];
		assert_true(auth_begin(&c.auth, named("NTLM"), &c.request, &c.o));
		assert_true(step(&c, span_of("")));
		assert_true(c.said.len > 8 && memcmp(c.said.data, "NTLMSSP", 8) == 0);
		said = memmem(c.said.data, c.said.len, "WORKS", 5) != NULL;
		check_int("domain", said, domains[i] != NULL);
		end(&c);
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
		struct client c;

		begin(&c, "OAUTHBEARER", cases[i].user, cases[i].token);
		assert_true(step(&c, span_of("")));
		check_text(cases[i].token, c.said.data, cases[i].want);
		assert_true(auth_accepted(&c.auth, &c.o));
		assert_null(auth_remark(&c.auth));
		end(&c);
	}
}

TEST(xoauth2_is_said_to_the_byte)
{
	struct client c;

	begin(&c, "XOAUTH2", "someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHR");
	assert_true(step(&c, span_of("")));
	assert_string_equal(c.said.data, "user=someuser@example.com\001auth=Bearer "
					 "ya29.vF9dft4qmTc2Nvb3RlckBhdHR\001\001");
	assert_true(auth_accepted(&c.auth, &c.o));
	end(&c);
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
		struct client c;

		begin(&c, cases[i].mechanism, "joe", "token");
		assert_true(step(&c, span_of("")));
		assert_true(step(&c, span_of(json)));
		check_text(cases[i].mechanism, c.said.data, cases[i].answer);
		check_text(cases[i].mechanism, auth_remark(&c.auth), json);
		end(&c);
	}
}

TEST(a_server_that_did_not_take_the_initial_response_gets_it_again)
{
	struct client c;
	char *first;

	begin(&c, "XOAUTH2", "joe", "token");
	assert_true(step(&c, span_of("")));
	first = buf_take(&c.said);
	assert_true(step(&c, span_of("")));
	assert_string_equal(c.said.data, first);
	free(first);
	end(&c);
}

TEST(a_very_long_reason_is_cut)
{
	struct buf json;
	struct client c;

	buf_init(&json, SAMPLE_MAX);
	sample_repeat(&json, "x", 5000);
	begin(&c, "XOAUTH2", "joe", "token");
	assert_true(step(&c, span_of("")));
	assert_true(step(&c, buf_span(&json)));
	assert_int_equal(strlen(auth_remark(&c.auth)), 300);
	end(&c);
	buf_free(&json);
}

TEST(a_token_of_several_kilobytes_is_said_whole)
{
	struct buf token;
	struct client c;

	buf_init(&token, SAMPLE_MAX);
	sample_repeat(&token, "x", 8000);
	begin(&c, "XOAUTH2", "joe", token.data);
	assert_true(step(&c, span_of("")));
	assert_int_equal(c.said.len, strlen("user=joe\001auth=Bearer \001\001") + 8000);
	end(&c);
	buf_free(&token);
}

TEST(an_answer_that_would_be_too_long_is_an_error)
{
	struct buf token;
	struct client c;

	buf_init(&token, SAMPLE_MAX);
	sample_repeat(&token, "x", SECRET_MAX);
	begin(&c, "XOAUTH2", "joe", token.data);
	assert_false(step(&c, span_of("")));
	assert_int_equal(c.o.cause, CAUSE_AUTH_FAILED);
	end(&c);
	buf_free(&token);
}

TEST(a_server_that_asks_for_ever_is_left)
{
	struct client c;
	int steps = 0;

	begin(&c, "XOAUTH2", "joe", "token");
	while (steps < 100 && step(&c, span_of("{}")))
		steps++;
	assert_in_range(steps, 2, 20);
	assert_int_equal(c.o.cause, CAUSE_AUTH_FAILED);
	end(&c);
}

/* The other side: libgsasl's server, which knows the password of everybody. */

struct server {
	Gsasl *context;
	Gsasl_session *session;
	const char *password;
	const char *binding; /* base64, or NULL */
	Gsasl_property binding_kind;
};

static int
answer_property(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
	const struct server *s = gsasl_callback_hook_get(context);

	(void)session;
	if (property == GSASL_PASSWORD)
		return gsasl_property_set(s->session, property, s->password);
	if (property == s->binding_kind && s->binding != NULL)
		return gsasl_property_set(s->session, property, s->binding);
	if (property == GSASL_REALM)
		return gsasl_property_set(s->session, property, "example.com");
	return GSASL_NO_CALLBACK;
}

static void
start_server(struct server *s, const char *mechanism, const char *password)
{
	*s = (struct server){ .password = password };
	assert_int_equal(gsasl_init(&s->context), GSASL_OK);
	gsasl_callback_set(s->context, answer_property);
	gsasl_callback_hook_set(s->context, s);
	assert_int_equal(
	    gsasl_server_start(s->context, mechanism, &s->session), GSASL_OK);
}

/* What the server answers; the caller frees it. */
static char *
serve(struct server *s, struct span said, int *result)
{
	char *output = NULL, *copy;
	size_t n = 0;

	*result = gsasl_step(s->session, said.n > 0 ? said.p : NULL, said.n, &output, &n);
	copy = output != NULL ? span_dup(span_bytes(output, n)) : span_dup(span_of(""));
	gsasl_free(output);
	return copy;
}

static void
stop_server(struct server *s)
{
	gsasl_finish(s->session);
	gsasl_done(s->context);
}

/* The whole conversation, as far as both sides go on. */
static bool
converse(struct client *c, struct server *s, int *result)
{
	char *challenge = span_dup(span_of(""));
	bool ok = true;

	*result = GSASL_NEEDS_MORE;
	if ((c->auth.mechanism->flags & MECHANISM_FIRST) == 0) {
		free(challenge);
		challenge = serve(s, span_of(""), result);
	}
	while (ok && *result == GSASL_NEEDS_MORE) {
		ok = step(c, span_of(challenge));
		free(challenge);
		challenge = ok ? serve(s, buf_span(&c->said), result) : NULL;
	}
	/* the server's last word may be a proof: SCRAM's comes with success */
	if (ok && *result == GSASL_OK && *challenge != '\0')
		ok = step(c, span_of(challenge));
	free(challenge);
	return ok;
}

static const char *const with_server[] = { "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5",
	"SCRAM-SHA-1", "SCRAM-SHA-256" };

TEST(a_server_that_knows_the_password_accepts_and_is_believed)
{
	for (size_t i = 0; i < COUNT(with_server); i++) {
		struct client c;
		struct server s;
		int result;
		bool ok;

		begin(&c, with_server[i], "joe", "pencil");
		start_server(&s, with_server[i], "pencil");
		ok = converse(&c, &s, &result);
		/* libgsasl's servers for PLAIN and LOGIN want a callback of their own */
		if (strcmp(with_server[i], "PLAIN") != 0 &&
		    strcmp(with_server[i], "LOGIN") != 0)
			check_int(with_server[i], result, GSASL_OK);
		check(with_server[i], ok);
		check(with_server[i], auth_accepted(&c.auth, &c.o));
		end(&c);
		stop_server(&s);
	}
}

TEST(a_wrong_password_is_refused_by_the_server)
{
	for (size_t i = 2; i < COUNT(with_server); i++) {
		struct client c;
		struct server s;
		int result;

		begin(&c, with_server[i], "joe", "wrong");
		start_server(&s, with_server[i], "pencil");
		(void)converse(&c, &s, &result);
		check_int(with_server[i], result, GSASL_AUTHENTICATION_ERROR);
		end(&c);
		stop_server(&s);
	}
}

/* Plays SCRAM up to the server's final message, which the caller frees. */
static char *
up_to_the_proof(struct client *c, struct server *s)
{
	char *first, *final;
	int result;

	assert_true(step(c, span_of("")));
	first = serve(s, buf_span(&c->said), &result);
	assert_int_equal(result, GSASL_NEEDS_MORE);
	assert_true(step(c, span_of(first)));
	free(first);
	final = serve(s, buf_span(&c->said), &result);
	assert_int_equal(result, GSASL_OK);
	assert_int_equal(strncmp(final, "v=", 2), 0);
	return final;
}

static const char *const scrams[] = { "SCRAM-SHA-1", "SCRAM-SHA-256" };

TEST(a_server_whose_proof_is_wrong_is_not_believed)
{
	for (size_t i = 0; i < COUNT(scrams); i++) {
		struct client c;
		struct server s;
		char *final;

		begin(&c, scrams[i], "joe", "pencil");
		start_server(&s, scrams[i], "pencil");
		final = up_to_the_proof(&c, &s);
		final[2] = final[2] != 'A' ? 'A' : 'B';
		check(scrams[i], !step(&c, span_of(final)));
		check_int(scrams[i], c.o.cause, CAUSE_AUTH_SERVER);
		check(scrams[i], !auth_accepted(&c.auth, &c.o));
		free(final);
		end(&c);
		stop_server(&s);
	}
}

TEST(a_yes_before_the_proof_is_not_believed)
{
	for (size_t i = 0; i < COUNT(scrams); i++) {
		struct client c;
		struct server s;
		char *final;

		begin(&c, scrams[i], "joe", "pencil");
		start_server(&s, scrams[i], "pencil");
		check(scrams[i], !auth_accepted(&c.auth, &c.o));
		final = up_to_the_proof(&c, &s);
		check(scrams[i], !auth_accepted(&c.auth, &c.o));
		check_int(scrams[i], c.o.cause, CAUSE_AUTH_SERVER);
		check_part(scrams[i], c.o.text, scrams[i]);
		check(scrams[i], step(&c, span_of(final)));
		check_int(scrams[i], c.said.len, 0);
		check(scrams[i], auth_accepted(&c.auth, &c.o));
		free(final);
		end(&c);
		stop_server(&s);
	}
}

TEST(a_proof_that_is_none_is_not_believed_either)
{
	static const char *const finals[] = { "v=", "v=AAAA", "e=other-error", "x=y", "v",
		"" };

	for (size_t i = 0; i < COUNT(finals); i++) {
		struct client c;
		struct server s;
		char *final;

		begin(&c, "SCRAM-SHA-256", "joe", "pencil");
		start_server(&s, "SCRAM-SHA-256", "pencil");
		final = up_to_the_proof(&c, &s);
		(void)step(&c, span_of(finals[i]));
		check(finals[i], !auth_accepted(&c.auth, &c.o));
		free(final);
		end(&c);
		stop_server(&s);
	}
}

/* RFC 7677, 4: 4096 at least. And no server may have us compute for hours. */
TEST(the_rounds_that_a_server_may_ask_for_have_limits)
{
	static const struct {
		const char *rounds;
		bool ok;
	} cases[] = {
		{ "4096", true },
		{ "10000", true },
		{ "4095", false },
		{ "1", false },
		{ "0", false },
		{ "-4096", false },
		{ "1000001", false },
		{ "4294967296", false },
		{ "99999999999999999999", false },
		{ "10000000000000004096", false },
		{ "many", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *nonce;
		struct buf first;
		struct client c;
		bool ok;

		begin(&c, "SCRAM-SHA-256", "joe", "pencil");
		assert_true(step(&c, span_of("")));
		nonce = strstr(c.said.data, ",r=");
		assert_non_null(nonce);
		buf_init(&first, AUTH_MESSAGE_MAX);
		buf_printf(&first, "r=%sserver,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=%s",
		    nonce + 3, cases[i].rounds);
		ok = step(&c, buf_span(&first));
		check_int(cases[i].rounds, ok, cases[i].ok);
		if (!ok)
			check_int(cases[i].rounds, c.o.cause, CAUSE_AUTH_FAILED);
		if (!ok && strcmp(cases[i].rounds, "1000001") == 0)
			check_part("words", c.o.text, "1000001 rounds");
		buf_free(&first);
		end(&c);
	}
}

TEST(a_server_with_another_nonce_is_not_talked_to)
{
	struct client c;

	begin(&c, "SCRAM-SHA-256", "joe", "pencil");
	assert_true(step(&c, span_of("")));
	assert_false(
	    step(&c, span_of("r=somebodyelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")));
	assert_false(auth_accepted(&c.auth, &c.o));
	end(&c);
}

TEST(garbage_in_a_challenge_ends_the_sign_in)
{
	static const char *const mechanisms_here[] = { "SCRAM-SHA-1", "SCRAM-SHA-256",
		"DIGEST-MD5" };
	static const char *const challenges[] = { "", "x", "r=", ",,,", "r=a,s=b,i=c",
		"realm=\"", "nonce=\"a\"", "\377\376" };

	for (size_t i = 0; i < COUNT(mechanisms_here); i++)
		for (size_t k = 0; k < COUNT(challenges); k++) {
			struct client c;

			begin(&c, mechanisms_here[i], "joe", "pencil");
			if ((c.auth.mechanism->flags & MECHANISM_FIRST) != 0)
				assert_true(step(&c, span_of("")));
			(void)step(&c, span_of(challenges[k]));
			check(challenges[k], !auth_accepted(&c.auth, &c.o));
			end(&c);
		}
}

/* RFC 5802, 6: both sides must have seen the same TLS session. */
TEST(a_binding_is_checked_by_the_server)
{
	static const struct {
		const char *mechanism;
		enum tls_binding binding;
		Gsasl_property kind;
		const char *ours, *theirs;
		bool ok;
	} cases[] = {
		{ "SCRAM-SHA-1-PLUS", TLS_BINDING_UNIQUE, GSASL_CB_TLS_UNIQUE,
		    "the session", "dGhlIHNlc3Npb24=", true },
		{ "SCRAM-SHA-256-PLUS", TLS_BINDING_UNIQUE, GSASL_CB_TLS_UNIQUE,
		    "the session", "dGhlIHNlc3Npb24=", true },
		{ "SCRAM-SHA-256-PLUS", TLS_BINDING_EXPORTER, GSASL_CB_TLS_EXPORTER,
		    "the session", "dGhlIHNlc3Npb24=", true },
		{ "SCRAM-SHA-256-PLUS", TLS_BINDING_EXPORTER, GSASL_CB_TLS_EXPORTER,
		    "another one", "dGhlIHNlc3Npb24=", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct client c;
		struct server s;
		int result;

		begin(&c, "PLAIN", "joe", "pencil"); /* for the request */
		auth_end(&c.auth);
		c.request.binding = cases[i].binding;
		c.request.binding_data = span_of(cases[i].ours);
		assert_true(
		    auth_begin(&c.auth, named(cases[i].mechanism), &c.request, &c.o));
		start_server(&s, cases[i].mechanism, "pencil");
		s.binding = cases[i].theirs;
		s.binding_kind = cases[i].kind;
		(void)converse(&c, &s, &result);
		check_int(cases[i].mechanism, result == GSASL_OK, cases[i].ok);
		check_int(cases[i].mechanism, auth_accepted(&c.auth, &c.o), cases[i].ok);
		end(&c);
		stop_server(&s);
	}
}

TEST(a_password_outside_ascii_signs_in)
{
	struct client c;
	struct server s;
	int result;

	begin(&c, "SCRAM-SHA-256", "j\303\266rg", "p\303\244nc\303\257l");
	start_server(&s, "SCRAM-SHA-256", "p\303\244nc\303\257l");
	assert_true(converse(&c, &s, &result));
	assert_int_equal(result, GSASL_OK);
	assert_true(auth_accepted(&c.auth, &c.o));
	end(&c);
	stop_server(&s);
}

TEST(a_sign_in_can_be_ended_at_any_time)
{
	struct auth nothing = { 0 };
	struct client c;

	auth_end(&nothing);
	begin(&c, "SCRAM-SHA-256", "joe", "pencil");
	auth_end(&c.auth);
	auth_end(&c.auth);
	assert_null(auth_remark(&c.auth));
	end(&c);
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
		cmocka_unit_test(
		    a_server_that_knows_the_password_accepts_and_is_believed),
		cmocka_unit_test(a_wrong_password_is_refused_by_the_server),
		cmocka_unit_test(a_server_whose_proof_is_wrong_is_not_believed),
		cmocka_unit_test(a_yes_before_the_proof_is_not_believed),
		cmocka_unit_test(a_proof_that_is_none_is_not_believed_either),
		cmocka_unit_test(the_rounds_that_a_server_may_ask_for_have_limits),
		cmocka_unit_test(a_server_with_another_nonce_is_not_talked_to),
		cmocka_unit_test(garbage_in_a_challenge_ends_the_sign_in),
		cmocka_unit_test(a_binding_is_checked_by_the_server),
		cmocka_unit_test(a_password_outside_ascii_signs_in),
		cmocka_unit_test(a_sign_in_can_be_ended_at_any_time),
	};

	return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
