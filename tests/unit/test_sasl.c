/* SPDX-License-Identifier: ISC
 *
 * test_sasl.c - sign-ins against libgsasl's own server, which knows everybody's
 * password, and against servers that lie
 */
#include "lib/unit.h"

#include <gsasl.h>
#include <stdlib.h>

#include "lib/prover.h"

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
server_start(struct server *s, const char *mechanism, const char *password)
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
server_step(struct server *s, struct span said, int *result)
{
	char *output = NULL, *copy;
	size_t n = 0;

	*result = gsasl_step(s->session, said.n > 0 ? said.p : NULL, said.n, &output, &n);
	copy = output != NULL ? span_dup(span_bytes(output, n)) : span_dup(span_of(""));
	gsasl_free(output);
	return copy;
}

static void
server_stop(struct server *s)
{
	gsasl_finish(s->session);
	gsasl_done(s->context);
}

/* The whole conversation, as far as both sides go on. */
static bool
converse(struct prover *p, struct server *s, int *result)
{
	char *challenge = span_dup(span_of(""));
	bool ok = true;

	*result = GSASL_NEEDS_MORE;
	if ((p->auth.mechanism->flags & MECHANISM_FIRST) == 0) {
		free(challenge);
		challenge = server_step(s, span_of(""), result);
	}
	while (ok && *result == GSASL_NEEDS_MORE) {
		ok = prover_step(p, span_of(challenge));
		free(challenge);
		challenge = ok ? server_step(s, buf_span(&p->said), result) : NULL;
	}
	/* the server's last word may be a proof: SCRAM's comes with success */
	if (ok && *result == GSASL_OK && *challenge != '\0')
		ok = prover_step(p, span_of(challenge));
	free(challenge);
	return ok;
}

static const char *const with_server[] = { "PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5",
	"SCRAM-SHA-1", "SCRAM-SHA-256" };

TEST(a_server_that_knows_the_password_accepts_and_is_believed)
{
	for (size_t i = 0; i < COUNT(with_server); i++) {
		struct prover p;
		struct server s;
		int result;
		bool ok;

		prover_begin(&p, with_server[i], "joe", "pencil");
		server_start(&s, with_server[i], "pencil");
		ok = converse(&p, &s, &result);
		/* libgsasl's servers for PLAIN and LOGIN want a callback of their own */
		if (strcmp(with_server[i], "PLAIN") != 0 &&
		    strcmp(with_server[i], "LOGIN") != 0)
			check_int(with_server[i], result, GSASL_OK);
		check(with_server[i], ok);
		check(with_server[i], prover_is_sure(&p));
		prover_end(&p);
		server_stop(&s);
	}
}

TEST(a_wrong_password_is_refused_by_the_server)
{
	for (size_t i = 2; i < COUNT(with_server); i++) {
		struct prover p;
		struct server s;
		int result;

		prover_begin(&p, with_server[i], "joe", "wrong");
		server_start(&s, with_server[i], "pencil");
		(void)converse(&p, &s, &result);
		check_int(with_server[i], result, GSASL_AUTHENTICATION_ERROR);
		prover_end(&p);
		server_stop(&s);
	}
}

/* Plays SCRAM up to the server's final message, which the caller frees. */
static char *
up_to_the_proof(struct prover *p, struct server *s)
{
	char *first, *final;
	int result;

	assert_true(prover_step(p, span_of("")));
	first = server_step(s, buf_span(&p->said), &result);
	assert_int_equal(result, GSASL_NEEDS_MORE);
	assert_true(prover_step(p, span_of(first)));
	free(first);
	final = server_step(s, buf_span(&p->said), &result);
	assert_int_equal(result, GSASL_OK);
	assert_int_equal(strncmp(final, "v=", 2), 0);
	return final;
}

static const char *const scrams[] = { "SCRAM-SHA-1", "SCRAM-SHA-256" };

TEST(a_server_whose_proof_is_wrong_is_not_believed)
{
	for (size_t i = 0; i < COUNT(scrams); i++) {
		struct prover p;
		struct server s;
		char *final;

		prover_begin(&p, scrams[i], "joe", "pencil");
		server_start(&s, scrams[i], "pencil");
		final = up_to_the_proof(&p, &s);
		final[2] = final[2] != 'A' ? 'A' : 'B';
		check(scrams[i], !prover_step(&p, span_of(final)));
		check_int(scrams[i], p.o.cause, CAUSE_AUTH_SERVER);
		check(scrams[i], !prover_is_sure(&p));
		free(final);
		prover_end(&p);
		server_stop(&s);
	}
}

TEST(a_yes_before_the_proof_is_not_believed)
{
	for (size_t i = 0; i < COUNT(scrams); i++) {
		struct prover p;
		struct server s;
		char *final;

		prover_begin(&p, scrams[i], "joe", "pencil");
		server_start(&s, scrams[i], "pencil");
		check(scrams[i], !prover_is_sure(&p));
		final = up_to_the_proof(&p, &s);
		check(scrams[i], !prover_is_sure(&p));
		check_int(scrams[i], p.o.cause, CAUSE_AUTH_SERVER);
		check_part(scrams[i], p.o.text, scrams[i]);
		check(scrams[i], prover_step(&p, span_of(final)));
		check_int(scrams[i], p.said.len, 0);
		check(scrams[i], prover_is_sure(&p));
		free(final);
		prover_end(&p);
		server_stop(&s);
	}
}

TEST(a_proof_that_is_none_is_not_believed_either)
{
	static const char *const finals[] = { "v=", "v=AAAA", "e=other-error", "x=y", "v",
		"" };

	for (size_t i = 0; i < COUNT(finals); i++) {
		struct prover p;
		struct server s;
		char *final;

		prover_begin(&p, "SCRAM-SHA-256", "joe", "pencil");
		server_start(&s, "SCRAM-SHA-256", "pencil");
		final = up_to_the_proof(&p, &s);
		(void)prover_step(&p, span_of(finals[i]));
		check(finals[i], !prover_is_sure(&p));
		free(final);
		prover_end(&p);
		server_stop(&s);
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
		struct prover p;
		bool ok;

		prover_begin(&p, "SCRAM-SHA-256", "joe", "pencil");
		assert_true(prover_step(&p, span_of("")));
		nonce = strstr(p.said.data, ",r=");
		assert_non_null(nonce);
		buf_init(&first, AUTH_MESSAGE_MAX);
		buf_printf(&first, "r=%sserver,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=%s",
		    nonce + 3, cases[i].rounds);
		ok = prover_step(&p, buf_span(&first));
		check_int(cases[i].rounds, ok, cases[i].ok);
		if (!ok)
			check_int(cases[i].rounds, p.o.cause, CAUSE_AUTH_FAILED);
		if (!ok && strcmp(cases[i].rounds, "1000001") == 0)
			check_part("words", p.o.text, "1000001 rounds");
		buf_free(&first);
		prover_end(&p);
	}
}

TEST(a_server_with_another_nonce_is_not_talked_to)
{
	struct prover p;

	prover_begin(&p, "SCRAM-SHA-256", "joe", "pencil");
	assert_true(prover_step(&p, span_of("")));
	assert_false(
	    prover_step(&p, span_of("r=somebodyelse,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096")));
	assert_false(prover_is_sure(&p));
	prover_end(&p);
}

TEST(garbage_in_a_challenge_ends_the_sign_in)
{
	static const char *const mechanisms_here[] = { "SCRAM-SHA-1", "SCRAM-SHA-256",
		"DIGEST-MD5" };
	static const char *const challenges[] = { "", "x", "r=", ",,,", "r=a,s=b,i=c",
		"realm=\"", "nonce=\"a\"", "\377\376" };

	for (size_t i = 0; i < COUNT(mechanisms_here); i++)
		for (size_t k = 0; k < COUNT(challenges); k++) {
			struct prover p;

			prover_begin(&p, mechanisms_here[i], "joe", "pencil");
			if ((p.auth.mechanism->flags & MECHANISM_FIRST) != 0)
				assert_true(prover_step(&p, span_of("")));
			(void)prover_step(&p, span_of(challenges[k]));
			check(challenges[k], !prover_is_sure(&p));
			prover_end(&p);
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
		struct prover p;
		struct server s;
		int result;

		prover_begin(&p, "PLAIN", "joe", "pencil"); /* for the request */
		p.request.binding = cases[i].binding;
		p.request.binding_data = span_of(cases[i].ours);
		prover_again(&p, cases[i].mechanism);
		server_start(&s, cases[i].mechanism, "pencil");
		s.binding = cases[i].theirs;
		s.binding_kind = cases[i].kind;
		(void)converse(&p, &s, &result);
		check_int(cases[i].mechanism, result == GSASL_OK, cases[i].ok);
		check_int(cases[i].mechanism, prover_is_sure(&p), cases[i].ok);
		prover_end(&p);
		server_stop(&s);
	}
}

TEST(a_password_outside_ascii_signs_in)
{
	struct prover p;
	struct server s;
	int result;

	prover_begin(&p, "SCRAM-SHA-256", "j\303\266rg", "p\303\244nc\303\257l");
	server_start(&s, "SCRAM-SHA-256", "p\303\244nc\303\257l");
	assert_true(converse(&p, &s, &result));
	assert_int_equal(result, GSASL_OK);
	assert_true(prover_is_sure(&p));
	prover_end(&p);
	server_stop(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests_name("sasl", tests, NULL, NULL);
}
