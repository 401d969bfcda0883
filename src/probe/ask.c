/* SPDX-License-Identifier: ISC */
#include "probe/ask.h"

#include <strings.h>

#include "base/utf8.h"
#include "smtp/credentials.h"
#include "smtp/session.h"

static void
add_line(struct buf *lines, struct span line)
{
	const size_t start = lines->len;

	buf_add_span(lines, line);
	if (buf_ok(lines))
		make_printable(lines->data + start, line.n, ' ');
	buf_puts(lines, "\n");
}

/* The keyword's line in the reply to EHLO, whose first line is a greeting. */
static bool
find_line(struct span text, struct span name, struct span *found)
{
	struct span line, rest, keyword;

	(void)span_cut(&text, '\n', &line);
	while (span_cut(&text, '\n', &line)) {
		rest = line;
		if (!span_cut(&rest, ' ', &keyword) || keyword.n != name.n ||
		    strncasecmp(keyword.p, name.p, name.n) != 0)
			continue;
		*found = line;
		return true;
	}
	return false;
}

bool
ask_extensions(const struct account *a, const char *names, struct buf *missing,
    struct buf *lines, const struct observer *observer, struct outcome *o)
{
	struct span list = span_of(names), name, line;
	struct password pin = { 0 };
	struct session s = { .socket = { -1 } };
	bool ok = credentials_for_tls(a, observer, &pin, o) &&
		  session_reach(&s, a, &pin.secret, observer, o);

	while (ok && span_cut(&list, ',', &name)) {
		name = span_trim(name);
		if (find_line(buf_span(&s.channel.reply.text), name, &line))
			add_line(lines, line);
		else
			buf_printf(missing, "%s%.*s", missing->len > 0 ? ", " : "",
			    (int)name.n, name.p);
	}
	session_close(&s, ok || o->code != 0);
	password_free(&pin);
	return ok;
}

static bool
refused(const struct session *s, struct outcome *o)
{
	(void)channel_refused(&s->channel, STAGE_RCPT, o);
	if (o->code >= 500 && o->code <= 504)
		outcome_refine(o, CAUSE_NO_SUCH_JOB,
		    "the server does not answer such questions", NULL);
	return false;
}

static bool
put_question(struct session *s, const char *verb, const char *argument, struct buf *lines,
    struct outcome *o)
{
	struct span text, line;

	if (!channel_ask(&s->channel, STAGE_RCPT, verb, span_of(argument), o))
		return false;
	if (s->channel.reply.code / 100 != 2)
		return refused(s, o);
	text = buf_span(&s->channel.reply.text);
	while (span_cut(&text, '\n', &line)) {
		buf_printf(lines, "%d ", s->channel.reply.code);
		add_line(lines, line);
	}
	return true;
}

bool
ask_about(const struct account *a, const char *verb, const char *argument,
    struct buf *lines, const struct observer *observer, struct outcome *o)
{
	struct password password = { 0 };
	struct session s = { .socket = { -1 } };
	bool ok = credentials_get(a, observer, &password, o) &&
		  session_open(&s, a, &password.secret, observer, o) &&
		  put_question(&s, verb, argument, lines, o);

	session_close(&s, ok || o->code != 0);
	if (!ok)
		credentials_blame(a, &password, o);
	password_free(&password);
	return ok;
}
