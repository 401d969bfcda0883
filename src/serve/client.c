/* SPDX-License-Identifier: ISC */
#include "serve/client.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"

#define REPLY_LINE_MAX 500 /* RFC 5321, 4.5.3.1.5: 512 with code and line end */
#define REPLY_MAX (64 * 1024)

int64_t
client_deadline(const struct client *c)
{
	return clock_in((int64_t)c->seconds * 1000);
}

void
client_flush(struct client *c)
{
	struct outcome ignored;

	if (!c->lost && !stream_flush(c->stream, client_deadline(c), &ignored))
		c->lost = true;
}

static void
show(const struct client *c, char who, struct span line)
{
	if (c->said != NULL)
		c->said(c->arg, who, line);
}

/* A sign-in may be answered in its own line: "AUTH PLAIN AGhhbmFrbw==". */
static void
show_line(const struct client *c, struct span line, bool is_secret)
{
	struct span rest = line, verb = { "", 0 }, method = { "", 0 };
	char shown[64];

	if (span_cut(&rest, ' ', &verb) && span_is_nocase(verb, "AUTH") &&
	    span_cut(&rest, ' ', &method) && rest.n > 0) {
		(void)snprintf(shown, sizeof shown, "AUTH %.*s ****",
		    (int)(method.n < 40 ? method.n : 40), method.p);
		show(c, 'C', span_of(shown));
		return;
	}
	show(c, 'C', is_secret ? span_of("****") : line);
}

/* Waits for more than the `have` bytes that are there. */
static bool
wait_for_more(struct client *c, size_t have, struct span *bytes, int64_t deadline,
    enum client_line *why)
{
	struct outcome o;

	client_flush(c);
	if (!c->lost && stream_peek(c->stream, bytes, have + 1, deadline, &o))
		return true;
	*why = !c->lost && o.cause == CAUSE_TIMEOUT ? CLIENT_SILENT : CLIENT_GONE;
	return false;
}

/* Waits until a whole line is there; of one that is too long the beginning is dropped. */
static bool
find_end(struct client *c, struct span *bytes, const char **end, bool *too_long,
    enum client_line *why)
{
	const int64_t deadline = client_deadline(c);
	struct outcome ignored;

	*too_long = false;
	(void)stream_peek(c->stream, bytes, 0, deadline, &ignored);
	while ((*end = memchr(bytes->p, '\n', bytes->n)) == NULL) {
		if (bytes->n > CLIENT_LINE_MAX) {
			*too_long = true;
			stream_skip(c->stream, bytes->n);
			bytes->n = 0;
		}
		if (!wait_for_more(c, bytes->n, bytes, deadline, why))
			return false;
	}
	*too_long |= *end - bytes->p > CLIENT_LINE_MAX;
	return true;
}

enum client_line
client_line(struct client *c, struct span *line, bool is_secret)
{
	enum client_line why = CLIENT_GONE;
	struct span bytes;
	const char *end;
	bool too_long;

	if (c->lost || !find_end(c, &bytes, &end, &too_long, &why))
		return why;
	stream_skip(c->stream, (size_t)(end - bytes.p) + 1);
	*line = span_bytes(bytes.p, (size_t)(end - bytes.p));
	c->is_bare = line->n == 0 || line->p[line->n - 1] != '\r';
	if (!c->is_bare)
		line->n--;
	if (too_long)
		return CLIENT_TOO_LONG;
	show_line(c, *line, is_secret);
	return CLIENT_LINE;
}

static void
write_line(struct client *c, const struct buf *line)
{
	struct outcome ignored;

	if (!c->lost &&
	    !stream_write(c->stream, buf_span(line), client_deadline(c), &ignored))
		c->lost = true;
}

static void
say_line(struct client *c, int code, char mark, const char *status, struct span text)
{
	struct buf line;
	size_t start;

	buf_init(&line, REPLY_MAX);
	buf_printf(&line, "%d%c", code, mark);
	start = line.len;
	if (*status != '\0')
		buf_printf(&line, "%s ", status);
	buf_add_span(&line, text);
	make_printable(line.data + start, line.len - start, ' ');
	if (line.len > REPLY_LINE_MAX)
		buf_truncate(&line, REPLY_LINE_MAX);
	show(c, 'S', buf_span(&line));
	buf_puts(&line, "\r\n");
	write_line(c, &line);
	buf_free(&line);
}

void
client_say(struct client *c, int code, const char *status, const char *text)
{
	struct span left = span_of(text), line = { "", 0 };

	do {
		(void)span_cut(&left, '\n', &line);
		say_line(c, code, left.n > 0 ? '-' : ' ', status, line);
	} while (left.n > 0);
}

void
client_challenge(struct client *c, struct span base64)
{
	struct buf line;

	buf_init(&line, REPLY_MAX);
	buf_puts(&line, "334 ");
	buf_add_span(&line, base64);
	buf_puts(&line, "\r\n");
	show(c, 'S', span_of("334 ****"));
	write_line(c, &line);
	buf_free(&line);
}
