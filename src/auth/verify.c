/* SPDX-License-Identifier: ISC */
#include "auth/verify.h"

#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/hash.h"
#include "auth/users.h"
#include "base/encode.h"
#include "base/library.h"
#include "base/mem.h"
#include "mail/stamp.h"

#define STEPS_MAX 6 /* no method needs more */
#define KEY_MAX 4096
#define SALT_USUAL 12                   /* bytes, as libgsasl makes them */
#define SALT_MAX GSASL_HASH_SHA256_SIZE /* how many can be made */

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
	struct buf noise; /* the base64 of a key that nobody has */
	bool is_login;    /* the method is LOGIN */
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

/* What RFC 5802, 3 makes of a password. */
struct keys {
	char salted[GSASL_HASH_SHA256_SIZE], client[GSASL_HASH_SHA256_SIZE];
	char stored[GSASL_HASH_SHA256_SIZE], server[GSASL_HASH_SHA256_SIZE];
};

static bool
make_keys(struct keys *k, const char *password, unsigned iterations, struct span salt)
{
	return gsasl.scram_secrets_from_password(GSASL_HASH_SHA256, password, iterations,
		   salt.p, salt.n, k->salted, k->client, k->server,
		   k->stored) == GSASL_OK;
}

/* Whether the password has this stored key. */
static bool
has_key(const struct stored *s, const char *password)
{
	struct buf salt, key;
	struct keys made;
	bool ok;

	buf_init(&salt, KEY_MAX);
	buf_init(&key, KEY_MAX);
	ok = base64_decode(&salt, s->salt) && base64_decode(&key, s->stored_key) &&
	     make_keys(&made, password, s->iterations, buf_span(&salt)) &&
	     is_same(span_bytes(made.stored, sizeof made.stored), buf_span(&key));
	explicit_bzero(&made, sizeof made);
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
	const struct stored *example = users_example(v->users);
	struct stored s = { .kind = STORED_NONE };

	if (name == NULL || given == NULL)
		return GSASL_AUTHENTICATION_ERROR;
	if (users_are_anybody(v->users))
		return GSASL_OK;
	if (users_find(v->users, name, &s) && is_right(&s, given))
		return GSASL_OK;
	if (s.kind != STORED_HASH && s.kind != STORED_SCRAM)
		(void)is_right(example, given); /* who isn't there waits, too */
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

/* How long the salts are that users have. */
static size_t
salt_length(const struct stored *example)
{
	struct buf salt;
	size_t n = SALT_USUAL;

	buf_init(&salt, KEY_MAX);
	if (example->kind == STORED_SCRAM && base64_decode(&salt, example->salt))
		n = salt.len < SALT_MAX ? salt.len : SALT_MAX;
	buf_free(&salt);
	return n;
}

/* A salt for a name that has none: each time the same. */
static int
give_made_salt(const struct verify *v, Gsasl_session *session, const char *name)
{
	const size_t n = salt_length(users_example(v->users));
	const char *secret = users_secret(v->users);
	struct keys made;
	struct buf text;
	int error;

	if (secret == NULL || !make_keys(&made, secret, 1, span_of(name)))
		return GSASL_NO_CALLBACK;
	buf_init(&text, KEY_MAX);
	base64_encode(&text, span_bytes(made.salted, n));
	error = give(session, GSASL_SCRAM_SALT, buf_span(&text));
	explicit_bzero(&made, sizeof made);
	buf_free(&text);
	return error;
}

/* Who isn't there, or is locked, is shown what others are, with keys that nobody has. */
static struct stored
find_or_invent(const struct verify *v, const char *name)
{
	const struct stored *example = users_example(v->users);
	const struct span noise = buf_span(&v->noise);
	struct stored s;

	if (!users_find(v->users, name, &s) || s.kind == STORED_LOCKED)
		s = (struct stored){ .kind = example->kind,
			.text = noise,
			.stored_key = noise,
			.server_key = noise };
	if (s.iterations == 0)
		s.iterations = example->iterations;
	return s;
}

/* For SCRAM: of a password that is kept itself, libgsasl makes the keys. */
static int
give_secret(const struct verify *v, Gsasl_session *session, Gsasl_property property)
{
	const char *name = gsasl.property_fast(session, GSASL_AUTHID);
	struct stored s;

	if (name == NULL)
		return GSASL_NO_CALLBACK;
	s = find_or_invent(v, name);
	if (property == GSASL_SCRAM_ITER && s.iterations > 0)
		return give_iterations(session, s.iterations);
	if (property == GSASL_SCRAM_SALT)
		return s.salt.n > 0 ? give(session, property, s.salt)
				    : give_made_salt(v, session, name);
	if (s.kind == STORED_PLAIN && property == GSASL_PASSWORD)
		return give(session, property, s.text);
	if (s.kind == STORED_SCRAM && property == GSASL_SCRAM_STOREDKEY)
		return give(session, property, s.stored_key);
	if (s.kind == STORED_SCRAM && property == GSASL_SCRAM_SERVERKEY)
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

/* A key has 32 bytes, and so have the digits of a random number. */
static bool
make_noise(struct buf *noise, struct outcome *o)
{
	struct buf digits;
	bool ok;

	buf_init(&digits, KEY_MAX);
	buf_init(noise, KEY_MAX);
	ok = stamp_add_random(&digits, "sign-in", o);
	base64_encode(noise, buf_span(&digits));
	buf_free_secret(&digits);
	return ok;
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
	if (!make_noise(&v->noise, o)) {
		verify_end(v);
		return NULL;
	}
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
	buf_free_secret(&v->noise);
	free(v->user);
	free(v);
}
