/* SPDX-License-Identifier: ISC */
#include "smtp/reply.h"

#include <string.h>

#include "net/stranger.h"

#define SHOWN_MAX 120
#define HIDE_MIN 4 /* shorter secrets are in every text */

void
reply_init(struct reply *r)
{
	*r = (struct reply){ 0 };
	buf_init(&r->text, REPLY_TEXT_MAX);
}

void
reply_free(struct reply *r)
{
	buf_free(&r->text);
}

/* Takes a line apart. *more: another line follows. */
static bool
parse_line(struct span line, int *code, bool *more, struct span *text)
{
	const char *p = line.p;

	if (line.n < 3 || p[0] < '2' || p[0] > '5' || !is_digit(p[1]) || !is_digit(p[2]))
		return false;
	if (line.n > 3 && p[3] != ' ' && p[3] != '-')
		return false;
	*code = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
	*more = line.n > 3 && p[3] == '-';
	*text = line.n > 4 ? span_bytes(p + 4, line.n - 4) : span_bytes("", 0);
	return true;
}

static bool
not_a_reply(struct span line, struct outcome *o)
{
	if (stranger_fail(o, line))
		return false;
	return outcome_fail(o, CAUSE_PROTOCOL,
	    "\"%.*s\" is no reply, or not in its place", span_shown(line, SHOWN_MAX),
	    line.p);
}

/* A server may quote what it doesn't understand, and with it the password; what sends
 * back each line that it gets is no server, and its lines are shown. */
static void
star(struct span line, struct span secret)
{
	char *p = (char *)(uintptr_t)line.p; /* ours, once it was read */
	const char *end = p + line.n;

	while (secret.n >= HIDE_MIN &&
	       (p = memmem(p, (size_t)(end - p), secret.p, secret.n)) != NULL)
		p = (char *)memset(p, '*', secret.n) + secret.n;
}

static bool
read_line(
    struct reply *r, struct stream *s, bool *more, int64_t deadline, struct outcome *o)
{
	struct span line, text;
	int code;

	if (!stream_line(s, &line, REPLY_LINE_MAX, deadline, o))
		return false;
	for (size_t i = 0; i < sizeof r->hide / sizeof r->hide[0]; i++)
		star(line, r->hide[i]);
	if (!parse_line(line, &code, more, &text) || (r->code != 0 && r->code != code))
		return not_a_reply(line, o);
	if (r->code != 0)
		buf_addc(&r->text, '\n');
	r->code = code;
	buf_add_span(&r->text, text);
	return buf_ok(&r->text) || outcome_fail(o, CAUSE_PROTOCOL,
				       "a reply of more than %d bytes", REPLY_TEXT_MAX);
}

bool
reply_read(struct reply *r, struct stream *s, int64_t deadline, struct outcome *o)
{
	bool more = true;

	r->code = 0;
	buf_clear(&r->text);
	while (more)
		if (!read_line(r, s, &more, deadline, o))
			return false;
	return true;
}
