/* SPDX-License-Identifier: ISC */
#include "conf/password.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/command.h"

#define COMMAND_MS 120000 /* long enough to type a passphrase */

static bool
run(const char *command, struct secret *out, struct outcome *o)
{
	struct buf text;
	struct span all, line;
	bool ok;

	buf_init(&text, SECRET_MAX);
	buf_reserve(&text, SECRET_MAX);
	ok = command_run(command, clock_in(COMMAND_MS), &text, CAUSE_PASSWORD, o);
	all = buf_span(&text);
	if (ok && (!span_cut(&all, '\n', &line) || line.n == 0))
		ok = outcome_fail(o, CAUSE_PASSWORD,
		    "the command \"%.120s\" succeeded and printed no password", command);
	if (ok && line.p[line.n - 1] == '\r')
		line.n--;
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
