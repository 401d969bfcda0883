/* SPDX-License-Identifier: ISC */
#include "auth/users.h"

#include <gsasl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/library.h"
#include "base/mem.h"

#define FILE_MAX (4 * 1024 * 1024)
#define STEPS_MAX 6 /* no method needs more */

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
	X(server_start)                                                                  \
	X(step)                                                                          \
	X(strerror)
#define MEMBER(name) __typeof__(gsasl_##name) *(name);
#define NAME(name) "gsasl_" #name,

static struct {
	FUNCTIONS(MEMBER)
} gsasl;

struct users {
	struct buf text;
	bool anybody;
};

struct verify {
	const struct users *users;
	Gsasl *context;
	Gsasl_session *session;
	char *user;
	bool is_login; /* the method is LOGIN */
	int steps;
	bool finished; /* right, once the client has heard the last word */
};

struct users *
users_open(const char *file, struct outcome *o)
{
	struct users *u = mem_new(sizeof *u);
	char why[FILE_TROUBLE_MAX];
	struct stat st;

	buf_init(&u->text, FILE_MAX);
	if (!file_read(file, &u->text, &st))
		(void)outcome_fail(o, CAUSE_FILE, "listen_auth_file %s: %s", file,
		    file_trouble(&u->text, why));
	else if ((st.st_mode & 077) != 0)
		(void)outcome_fail(o, CAUSE_EXPOSED,
		    "listen_auth_file %s can be read by others: chmod 600 %s", file,
		    file);
	else
		return u;
	users_free(u);
	return NULL;
}

struct users *
users_from(const char *line)
{
	struct users *u = mem_new(sizeof *u);

	buf_init(&u->text, FILE_MAX);
	buf_puts(&u->text, line);
	return u;
}

struct users *
users_anybody(void)
{
	struct users *u = users_from("");

	u->anybody = true;
	return u;
}

bool
users_are_anybody(const struct users *u)
{
	return u->anybody;
}

void
users_free(struct users *u)
{
	if (u == NULL)
		return;
	buf_free_secret(&u->text);
	free(u);
}

/* The password of the user; false: there is no such user. */
static bool
find(const struct users *u, const char *name, struct span *password)
{
	struct span left = buf_span(&u->text), line, user;

	while (span_cut(&left, '\n', &line)) {
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0 || *line.p == '#' || memchr(line.p, ':', line.n) == NULL)
			continue;
		(void)span_cut(&line, ':', &user);
		if (span_is(user, name) && line.n > 0) {
			*password = line;
			return true;
		}
	}
	return false;
}

/* How long it takes says nothing about where they differ. */
static bool
is_same(struct span password, const char *given)
{
	const size_t n = strlen(given);
	unsigned differ = n != password.n;

	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(given[i] ^ password.p[i % password.n]);
	return differ == 0;
}

static int
check_password(const struct verify *v, Gsasl_session *session)
{
	const char *name = gsasl.property_fast(session, GSASL_AUTHID);
	const char *given = gsasl.property_fast(session, GSASL_PASSWORD);
	struct span password;

	if (name != NULL && given != NULL && v->users->anybody)
		return GSASL_OK;
	if (name == NULL || given == NULL || !find(v->users, name, &password) ||
	    !is_same(password, given))
		return GSASL_AUTHENTICATION_ERROR;
	return GSASL_OK;
}

static int
give_password(const struct verify *v, Gsasl_session *session)
{
	const char *name = gsasl.property_fast(session, GSASL_AUTHID);
	struct span password;
	char *copy;
	int error;

	if (name == NULL || !find(v->users, name, &password))
		return GSASL_NO_PASSWORD;
	copy = span_dup(password);
	error = gsasl.property_set(session, GSASL_PASSWORD, copy);
	explicit_bzero(copy, password.n);
	free(copy);
	return error;
}

static int
answer(Gsasl *context, Gsasl_session *session, Gsasl_property property)
{
	const struct verify *v = gsasl.callback_hook_get(context);

	if (property == GSASL_VALIDATE_SIMPLE)
		return check_password(v, session);
	if (property == GSASL_PASSWORD)
		return give_password(v, session);
	return GSASL_NO_CALLBACK;
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
