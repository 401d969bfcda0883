/* SPDX-License-Identifier: ISC */
#include "auth/users.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "auth/hash.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/secret.h"
#include "mail/stamp.h"

#define FILE_MAX (4 * 1024 * 1024)
#define SECRET_TEXT_MIN 32 /* bytes */
#define SECRET_TEXT_MAX 1024

struct users {
	struct buf text;
	bool anybody;
	bool has_scram; /* all of them can */
	struct stored example;
	struct secret secret;
};

/* The next user of the file. */
static bool
next(struct span *left, struct span *name, struct span *value)
{
	struct span line;

	while (span_cut(left, '\n', &line)) {
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n == 0 || *line.p == '#' || memchr(line.p, ':', line.n) == NULL)
			continue;
		(void)span_cut(&line, ':', name);
		*value = line;
		if (name->n > 0 && line.n > 0)
			return true;
	}
	return false;
}

/* How long such a password takes to check, in comparison. */
static int
effort(enum stored_kind kind)
{
	static const int efforts[] = {
		[STORED_PLAIN] = 1,
		[STORED_SCRAM] = 2,
		[STORED_HASH] = 3,
	};

	return (size_t)kind < sizeof efforts / sizeof efforts[0] ? efforts[kind] : 0;
}

/* What the passwords are: of whom one can't be read, the name is told, and not more. */
static bool
look_through(struct users *u, const char *file, struct outcome *o)
{
	struct span left = buf_span(&u->text), name, value;

	u->has_scram = true;
	while (next(&left, &name, &value)) {
		const struct stored s = stored_read(value);

		if (s.kind == STORED_NONE)
			return outcome_fail(o, CAUSE_CONFIG,
			    "listen_auth_file %s: the password of %.*s is kept as {%.*s} "
			    "in a way that isn't known here: take {CRYPT}, "
			    "{SCRAM-SHA-256} or {PLAIN}",
			    file, (int)name.n, name.p, (int)s.text.n, s.text.p);
		if (s.kind == STORED_SLOW)
			return outcome_fail(o, CAUSE_CONFIG,
			    "listen_auth_file %s: the password of %.*s is kept as a %.*s "
			    "that takes so long that anybody could keep this machine "
			    "busy: take one of less cost, such as openssl passwd -6 "
			    "makes",
			    file, (int)name.n, name.p, (int)s.text.n, s.text.p);
		u->has_scram = u->has_scram && s.kind != STORED_HASH;
		if (effort(s.kind) > effort(u->example.kind))
			u->example = s;
	}
	return u->example.kind != STORED_HASH || hash_ready(o);
}

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
	else if (look_through(u, file, o))
		return u;
	users_free(u);
	return NULL;
}

struct users *
users_from(const char *line)
{
	struct users *u = mem_new(sizeof *u);
	struct outcome ignored; /* who can't be understood can't sign in */

	buf_init(&u->text, FILE_MAX);
	buf_puts(&u->text, line);
	(void)look_through(u, "", &ignored);
	return u;
}

struct users *
users_anybody(void)
{
	struct users *u = users_from("");

	u->anybody = true;
	u->has_scram = false;
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
	secret_free(&u->secret);
	free(u);
}

const char *
users_methods(const struct users *u, bool bare)
{
	if (bare && !u->anybody)
		return u->has_scram ? "SCRAM-SHA-256" : NULL;
	return u->has_scram ? "PLAIN LOGIN SCRAM-SHA-256" : "PLAIN LOGIN";
}

bool
users_find(const struct users *u, const char *name, struct stored *s)
{
	struct span left = buf_span(&u->text), user, value;

	while (next(&left, &user, &value))
		if (span_is(user, name)) {
			*s = stored_read(value);
			return true;
		}
	return false;
}

const struct stored *
users_example(const struct users *u)
{
	return &u->example;
}

void
users_keep_secret(struct users *u, const char *file)
{
	struct outcome ignored; /* then salts are as libgsasl makes them: any */
	struct stat st;
	struct buf text;

	if (!u->has_scram)
		return;
	buf_init(&text, SECRET_TEXT_MAX);
	if (file == NULL || !file_read(file, &text, &st) || (st.st_mode & 077) != 0 ||
	    text.len < SECRET_TEXT_MIN) {
		buf_clear(&text);
		if (stamp_add_random(&text, "salts", &ignored) && file != NULL)
			(void)file_put(file, (struct span[]){ buf_span(&text) }, 1);
	}
	if (buf_ok(&text) && text.len > 0)
		secret_set(&u->secret, buf_span(&text));
	buf_free_secret(&text);
}

const char *
users_secret(const struct users *u)
{
	return u->secret.data;
}
