/* SPDX-License-Identifier: ISC */
#include "auth/verify.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/hash.h"
#include "base/encode.h"
#include "base/library.h"
#include "base/mem.h"

#define STEPS_MAX 6 /* no method needs more */
#define KEY_MAX 4096

/* What is used of libgsasl: gsasl.init() is gsasl_init(). */
#define FUNCTIONS(X)                                                                     \
	X(callback_hook_get)                                                             \
	X(callback_hook_set)                                                             \
	X(callback_set)                                                                  \
	X(done)                                                                          \
	X(finish)                                                                        \
	X(free)                                                                          \
	X(init)                                                                          \
	X(property_fast)                                                                 \
	X(property_set)                                                                  \
	X(scram_secrets_from_password)                                                   \
	X(server_start)                                                                  \
	X(step)                                                                          \
	X(strerror)
#define MEMBER(name) __typeof__(gsasl_##name) *(name);
#define NAME(name) "gsasl_" #name,

static struct {
	FUNCTIONS(MEMBER)
} gsasl;

struct verify {
	const struct users *users;
	Gsasl *context;
	Gsasl_session *session;
	char *user;
	bool is_login; /* the method is LOGIN */
	int steps;
	bool finished; /* right, once the client has heard the last word */
};

/* How long it takes says nothing about where they differ. */
static bool
is_same(struct span secret, struct span given)
{
	unsigned differ = given.n != secret.n;

	for (size_t i = 0; i < given.n && secret.n > 0; i++)
		differ |= (unsigned char)(given.p[i] ^ secret.p[i % secret.n]);
	return differ == 0;
}

/* Whether the password has this stored key (RFC 5802, 3). */
static bool
has_key(const struct stored *s, const char *password)
{
	char salted[GSASL_HASH_SHA256_SIZE], client[GSASL_HASH_SHA256_SIZE];
	char server[GSASL_HASH_SHA256_SIZE], stored[GSASL_HASH_SHA256_SIZE];
	struct buf salt, key;
	bool ok;

	buf_init(&salt, KEY_MAX);
	buf_init(&key, KEY_MAX);
	ok = base64_decode(&salt, s->salt) && base64_decode(&key, s->stored_key) &&
	     gsasl.scram_secrets_from_password(GSASL_HASH_SHA256, password, s->iterations,
		 salt.data, salt.len, salted, client, server, stored) == GSASL_OK &&
	     is_same(span_bytes(stored, sizeof stored), buf_span(&key));
	explicit_bzero(salted, sizeof salted);
	explicit_bzero(client, sizeof client);
	buf_free_secret(&key);
	buf_free(&salt);
	return ok;
}

static bool
is_right(const struct stored *s, const char *given)
{
	switch (s->kind) {
	case STORED_PLAIN:
		return is_same(s->text, span_of(given));
	case STORED_HASH:
		return hash_matches(s->text, given);
	case STORED_SCRAM:
		return has_key(s, given);
	case STORED_NONE:
	case STORED_SLOW:
	case STORED_LOCKED:
		break;
	}
	return false;
}

static int
check_password(const struct verify *v, Gsasl_session *session)
{
	const char *name = gsasl.property_fast(session, GSASL_AUTHID);
	const char *given = gsasl.property_fast(session, GSASL_PASSWORD);
	const struct span *hash = users_some_hash(v->users);
	struct stored s;

	if (name == NULL || given == NULL)
		return GSASL_AUTHENTICATION_ERROR;
	if (users_are_anybody(v->users))
		return GSASL_OK;
	if (users_find(v->users, name, &s))
		return is_right(&s, given) ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
	if (hash != NULL)
		(void)hash_matches(*hash, given); /* who isn't there waits, too */
	return GSASL_AUTHENTICATION_ERROR;
}

static int
give(Gsasl_session *session, Gsasl_property property, struct span value)
{
	char *copy = span_dup(value);
	const int error = gsasl.property_set(session, property, copy);

	explicit_bzero(copy, value.n);
	free(copy);
	return error;
}

static int
give_iterations(Gsasl_session *session, unsigned n)
{
	char digits[16];

	(void)snprintf(digits, sizeof digits, "%u", n);
	return gsasl.property_set(session, GSASL_SCRAM_ITER, digits);
}

/* For SCRAM: of a password that is kept itself, libgsasl makes the rest. */
static int
give_secret(const struct verify *v, Gsasl_session *session, Gsasl_property property)
{
	const char *name = gsasl.property_fast(session, GSASL_AUTHID);
	struct stored s;

	if (name == NULL || !users_find(v->users, name, &s))
		return GSASL_NO_CALLBACK;
	if (s.kind == STORED_PLAIN && property == GSASL_PASSWORD)
		return give(session, property, s.text);
	if (s.kind != STORED_SCRAM)
		return GSASL_NO_CALLBACK;
	if (property == GSASL_SCRAM_ITER)
		return give_iterations(session, s.iterations);
	if (property == GSASL_SCRAM_SALT)
		return give(session, property, s.salt);
	if (property == GSASL_SCRAM_STOREDKEY)
		return give(session, property, s.stored_key);
	if (property == GSASL_SCRAM_SERVERKEY)
		return give(session, property, s.server_key);
	return GSASL_NO_CALLBACK;
}

static int
answer(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
	const struct verify *v = gsasl.callback_hook_get(context);

	if (property == GSASL_VALIDATE_SIMPLE)
		return check_password(v, session);
	return give_secret(v, session, property);
}

static bool
ready(struct outcome *o)
{
	static const char *const names[] = { FUNCTIONS(NAME) };

	return library_load(GSASL_FILE, names, &gsasl, sizeof names / sizeof names[0], o);
}

struct verify *
verify_begin(
    const struct users *u, const char *method, const char *host, struct outcome *o)
{
	struct verify *v;
	int error;

	if (!ready(o))
		return NULL;
	v = mem_new(sizeof *v);
	v->users = u;
	v->is_login = strcmp(method, "LOGIN") == 0;
	error = gsasl.init(&v->context);
	if (error == GSASL_OK) {
		gsasl.callback_hook_set(v->context, v);
		gsasl.callback_set(v->context, answer);
		error = gsasl.server_start(v->context, method, &v->session);
	}
	if (error == GSASL_OK) {
		(void)gsasl.property_set(v->session, GSASL_SERVICE, "smtp");
		(void)gsasl.property_set(v->session, GSASL_HOSTNAME, host);
		return v;
	}
	(void)outcome_fail(o, CAUSE_AUTH_FAILED, "%s: %s", method, gsasl.strerror(error));
	verify_end(v);
	return NULL;
}

/* One step of libgsasl's; *output is its to free. */
static int
step(struct verify *v, struct span said, char **output, size_t *n)
{
	*output = NULL;
	*n = 0;
	v->steps++;
	return gsasl.step(v->session, said.p, said.n, output, n);
}

/* LOGIN (which no RFC has) begins with a prompt; but most clients say the name unasked.
 */
static void
skip_prompt(struct verify *v, struct span said)
{
	char *output;
	size_t n;

	if (!v->is_login || v->steps > 0 || said.n == 0)
		return;
	(void)step(v, span_of(""), &output, &n);
	gsasl.free(output);
}

/* Some clients know LOGIN's prompts in these words only. */
static void
add_challenge(const struct verify *v, struct span output, struct buf *challenge)
{
	if (v->is_login && output.n > 0)
		buf_puts(challenge, v->steps == 1 ? "Username:" : "Password:");
	else
		buf_add_span(challenge, output);
}

enum verified
verify_step(struct verify *v, struct span said, struct buf *challenge)
{
	const char *name;
	char *output;
	size_t n;
	int error;

	if (v->finished)
		return said.n == 0 ? VERIFY_RIGHT : VERIFY_WRONG;
	if (v->steps >= STEPS_MAX)
		return VERIFY_WRONG;
	skip_prompt(v, said);
	error = step(v, said, &output, &n);
	if (error == GSASL_OK || error == GSASL_NEEDS_MORE)
		add_challenge(v, span_bytes(output != NULL ? output : "", n), challenge);
	gsasl.free(output);
	if (error == GSASL_NEEDS_MORE)
		return VERIFY_MORE;
	if (error != GSASL_OK)
		return VERIFY_WRONG;
	name = gsasl.property_fast(v->session, GSASL_AUTHID);
	v->user = mem_dup(name != NULL ? name : "");
	v->finished = true;
	return n > 0 ? VERIFY_MORE : VERIFY_RIGHT;
}

const char *
verify_user(const struct verify *v)
{
	return v->user;
}

void
verify_end(struct verify *v)
{
	if (v->session != NULL)
		gsasl.finish(v->session);
	if (v->context != NULL)
		gsasl.done(v->context);
	free(v->user);
	free(v);
}
