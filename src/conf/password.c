/* SPDX-License-Identifier: ISC */
#include "conf/password.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/command.h"

#define COMMAND_MS 120000 /* long enough to type a passphrase */

static bool
check(const char *command, struct span password, struct outcome *o)
{
	if (password.n == 0)
		return outcome_fail(o, CAUSE_PASSWORD,
		    "the command \"%.120s\" succeeded and printed no password", command);
	if (memchr(password.p, '\0', password.n) != NULL)
		return outcome_fail(o, CAUSE_PASSWORD,
		    "the command \"%.120s\" printed a NUL, which no password can have",
		    command);
	return true;
}

static bool
run(const char *command, struct secret *out, struct outcome *o)
{
	struct buf text;
	struct span all, line = { "", 0 };
	bool ok;

	buf_init(&text, SECRET_MAX);
	buf_reserve(&text, SECRET_MAX);
	ok = command_run(command, clock_in(COMMAND_MS), &text, CAUSE_PASSWORD, o);
	all = buf_span(&text);
	if (ok) {
		(void)span_cut(&all, '\n', &line);
		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		ok = check(command, line, o);
	}
	if (ok)
		secret_set(out, line);
	buf_free_secret(&text);
	return ok;
}

bool
password_get(const struct account *a, struct secret *out, struct outcome *o)
{
	if (secret_given(&a->password)) {
		secret_set(out, span_bytes(a->password.data, a->password.len));
		return true;
	}
	return a->passwordeval == NULL || run(a->passwordeval, out, o);
}

bool
password_is_pin(const struct account *a)
{
	const struct tls_settings *t = &a->tls_settings;

	return a->tls && t->key_file != NULL && tls_is_token(t->key_file) &&
	       (secret_given(&a->password) || a->passwordeval != NULL ||
		   a->password_file != NULL);
}
