/* SPDX-License-Identifier: ISC
 *
 * sasl.c - the mechanisms that libgsasl carries out
 */
#include <gsasl.h>
#include <stdlib.h>
#include <string.h>

#include "auth/kind.h"
#include "base/encode.h"
#include "base/library.h"
#include "base/mem.h"

/* RFC 7677, 4 wants 4096 rounds at least; a million takes a second. libgsasl would
 * compute whatever a server asks for. */
#define ROUNDS_MIN 4096
#define ROUNDS_MAX 1000000
#define ERROR_MAX 100

/* What is used of libgsasl: gsasl.init() is gsasl_init(). */
#define GSASL_FUNCTIONS(X)                                                               \
	X(client_start)                                                                  \
	X(done) X(finish) X(free) X(init) X(property_set) X(step) X(strerror)
#define MEMBER(name) __typeof__(gsasl_##name) *(name);
#define NAME(name) "gsasl_" #name,

static struct {
	GSASL_FUNCTIONS(MEMBER)
} gsasl;

static bool
gsasl_ready(struct outcome *o)
{
	static const char *const names[] = { GSASL_FUNCTIONS(NAME) };

	return library_load(GSASL_FILE, names, &gsasl, sizeof names / sizeof names[0], o);
}

struct sasl {
	const struct mechanism *mechanism;
	Gsasl *context;
	Gsasl_session *session;
	bool finished; /* nothing is left to say */
};

static void
end_sasl(void *self)
{
	struct sasl *s = self;

	if (s->session != NULL)
		gsasl.finish(s->session);
	if (s->context != NULL)
		gsasl.done(s->context);
	free(s);
}

/* Only a -PLUS mechanism may get the binding: libgsasl's plain SCRAM fails with it. */
static void
set_binding(struct sasl *s, const struct auth_request *r)
{
	struct buf text;

	if ((s->mechanism->flags & MECHANISM_BINDS) == 0)
		return;
	buf_init(&text, AUTH_MESSAGE_MAX);
	base64_encode(&text, r->binding_data);
	(void)gsasl.property_set(s->session,
	    r->binding == TLS_BINDING_EXPORTER ? GSASL_CB_TLS_EXPORTER
					       : GSASL_CB_TLS_UNIQUE,
	    text.data);
	buf_free(&text);
}

static void *
begin_sasl(const struct mechanism *m, const struct auth_request *r, struct outcome *o)
{
	struct sasl *s;
	int error;

	if (!gsasl_ready(o))
		return NULL;
	s = mem_new(sizeof *s);
	s->mechanism = m;
	error = gsasl.init(&s->context);
	if (error == GSASL_OK)
		error = gsasl.client_start(s->context, m->name, &s->session);
	if (error != GSASL_OK) {
		(void)outcome_fail(
		    o, CAUSE_AUTH_FAILED, "%s: %s", m->name, gsasl.strerror(error));
		end_sasl(s);
		return NULL;
	}
	if (r->user != NULL)
		(void)gsasl.property_set(s->session,
		    strcmp(m->name, "EXTERNAL") == 0 ? GSASL_AUTHZID : GSASL_AUTHID,
		    r->user);
	if (r->domain != NULL && strcmp(m->name, "NTLM") == 0)
		(void)gsasl.property_set(s->session, GSASL_REALM, r->domain);
	if (secret_given(r->password))
		(void)gsasl.property_set(s->session, GSASL_PASSWORD, r->password->data);
	(void)gsasl.property_set(s->session, GSASL_SERVICE, r->service);
	(void)gsasl.property_set(s->session, GSASL_HOSTNAME, r->host);
	set_binding(s, r);
	return s;
}

/* The server-first-message of SCRAM ("r=...,s=...,i=4096", RFC 5802, 7) must ask for a
 * bearable number of rounds. */
static bool
check_rounds(struct span challenge, struct outcome *o)
{
	struct span part;

	while (span_cut(&challenge, ',', &part)) {
		char digits[8] = "";
		long n;

		if (part.n < 3 || part.p[0] != 'i' || part.p[1] != '=')
			continue;
		memcpy(digits, part.p + 2, part.n - 2 < 7 ? part.n - 2 : 7);
		n = strtol(digits, NULL, 10);
		if (part.n - 2 <= 7 && n >= ROUNDS_MIN && n <= ROUNDS_MAX)
			return true;
		return outcome_fail(o, CAUSE_AUTH_FAILED,
		    "the server asks for %.*s rounds of hashing; between %d and %d are "
		    "accepted",
		    (int)(part.n - 2 < 20 ? part.n - 2 : 20), part.p + 2, ROUNDS_MIN,
		    ROUNDS_MAX);
	}
	return true;
}

static bool
step_sasl(void *self, struct span challenge, struct buf *response, bool *credible,
    struct outcome *o)
{
	struct sasl *s = self;
	char *output = NULL;
	size_t n = 0;
	int error;

	if (s->finished)
		return outcome_fail(o, CAUSE_AUTH_FAILED,
		    "the server asks on when %s has nothing more to say",
		    s->mechanism->name);
	if ((s->mechanism->flags & MECHANISM_SCRAM) != 0 && !check_rounds(challenge, o))
		return false;
	if ((s->mechanism->flags & MECHANISM_SCRAM) != 0 && challenge.n > 2 &&
	    memcmp(challenge.p, "e=", 2) == 0) /* RFC 5802, 7: server-error */
		return outcome_fail(o, CAUSE_AUTH_REFUSED, "%.*s",
		    (int)(challenge.n < ERROR_MAX ? challenge.n : ERROR_MAX),
		    challenge.p);
	error = gsasl.step(s->session, challenge.p, challenge.n, &output, &n);
	if (error == GSASL_GSSAPI_INIT_SEC_CONTEXT_ERROR)
		return outcome_fail(o, CAUSE_AUTH_TICKET, "%s", gsasl.strerror(error));
	if (error != GSASL_OK && error != GSASL_NEEDS_MORE)
		return outcome_fail(o,
		    error == GSASL_AUTHENTICATION_ERROR ? CAUSE_AUTH_SERVER
							: CAUSE_AUTH_FAILED,
		    "%s: %s", s->mechanism->name, gsasl.strerror(error));
	buf_add(response, output, n);
	if (n > 0)
		explicit_bzero(output, n);
	gsasl.free(output);
	s->finished = error == GSASL_OK;
	*credible = s->finished;
	return true;
}

static const char *
no_remark(const void *self)
{
	(void)self;
	return NULL;
}

const struct auth_kind auth_kind_sasl = { begin_sasl, step_sasl, no_remark, end_sasl };
