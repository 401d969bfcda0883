/* SPDX-License-Identifier: ISC */
#include "serve/intake.h"

#include <string.h>

#include "base/clock.h"

void
intake_begin(struct intake *i, struct source *s, uint64_t max)
{
	*i = (struct intake){
		.source = s,
		.max = max,
		.deadline = clock_in(INTAKE_SECONDS_MAX * INT64_C(1000)),
	};
}

static bool
fail(struct intake *i)
{
	i->failed = true;
	return false;
}

static bool
keep(struct intake *i, struct span bytes)
{
	if (i->failed)
		return false;
	if (i->source->size + bytes.n > i->max) {
		(void)outcome_fail(
		    &i->why, CAUSE_TOO_LARGE, "%llu bytes", (unsigned long long)i->max);
		return fail(i);
	}
	return source_write(i->source, bytes, &i->why) || fail(i);
}

/* A piece of a line that has no CR, LF or NUL in it. */
static void
keep_text(struct intake *i, struct span text)
{
	if (text.n == 0)
		return;
	if (span_has_8bit(text))
		*(i->in_body ? &i->source->is_8bit : &i->source->header_is_8bit) = true;
	i->length += text.n;
	(void)keep(i, text);
}

static void
keep_line_end(struct intake *i)
{
	(void)keep(i, span_of("\r\n"));
	source_count_line(i->source, i->length);
	i->in_body |= i->length == 0;
	i->length = 0;
}

/* CR, LF or NUL: a CR is a blank unless LF follows. */
static void
keep_special(struct intake *i, char c)
{
	if (c == '\n')
		keep_line_end(i);
	i->cr = c == '\r';
}

static void
settle_cr(struct intake *i)
{
	if (i->cr)
		keep_text(i, span_of(" "));
	i->cr = false;
}

/* How many bytes stand before the first CR, LF or NUL. */
static size_t
plain_length(struct span s)
{
	const char *end = memchr(s.p, '\n', s.n), *other;

	if (end != NULL)
		s.n = (size_t)(end - s.p);
	if ((other = memchr(s.p, '\r', s.n)) != NULL)
		s.n = (size_t)(other - s.p);
	if ((other = memchr(s.p, '\0', s.n)) != NULL)
		s.n = (size_t)(other - s.p);
	return s.n;
}

void
intake_add(struct intake *i, struct span bytes)
{
	while (bytes.n > 0) {
		size_t n = plain_length(bytes);

		if (n > 0 || *bytes.p != '\n')
			settle_cr(i);
		keep_text(i, span_bytes(bytes.p, n));
		if (n < bytes.n)
			keep_special(i, bytes.p[n++]);
		bytes = span_bytes(bytes.p + n, bytes.n - n);
	}
}

/* For the next bytes. */
static int64_t
next_deadline(const struct intake *i, int seconds)
{
	return clock_first(i->deadline, clock_in((int64_t)seconds * 1000));
}

/* How a line ended. */
enum line_end { LINE_OPEN, LINE_LF, LINE_CRLF };

/* Whether the line, which may have more behind it, is the end: its dot is there, and what
 * has come behind the dot. */
static enum line_end
end_behind_dot(struct span s)
{
	if (s.n > 2 && s.p[1] == '\r' && s.p[2] == '\n')
		return LINE_CRLF;
	return s.n > 1 && s.p[1] == '\n' ? LINE_LF : LINE_OPEN;
}

static bool
is_end(enum line_end before, enum line_end behind, bool bare)
{
	if (bare)
		return behind != LINE_OPEN;
	return before == LINE_CRLF && behind == LINE_CRLF;
}

/* The bytes that can be told apart now: whole lines, or what there is of a long one; but
 * a CR that ends it may have its LF still to come. */
static size_t
certain_length(struct span s, enum line_end *end)
{
	const char *lf = memchr(s.p, '\n', s.n);
	size_t n = s.n;

	*end = LINE_OPEN;
	if (lf == NULL)
		return s.p[n - 1] == '\r' ? n - 1 : n;
	n = (size_t)(lf - s.p) + 1;
	*end = n > 1 && lf[-1] == '\r' ? LINE_CRLF : LINE_LF;
	return n;
}

/* At the start of a line, three bytes tell whether it is the end; a shorter line tells,
 * too. */
static bool
peek_start(struct stream *s, struct span *bytes, int64_t deadline, struct outcome *o)
{
	size_t n = 1;

	while (stream_peek(s, bytes, n, deadline, o)) {
		if (*bytes->p != '.' || bytes->n > 2 ||
		    memchr(bytes->p, '\n', bytes->n) != NULL)
			return true;
		n = bytes->n + 1;
	}
	return false;
}

bool
intake_data(struct intake *i, struct stream *s, bool bare, int seconds, struct outcome *o)
{
	enum line_end before = LINE_CRLF, behind;
	size_t need = 1, n;
	struct span bytes;

	for (;;) {
		const int64_t deadline = next_deadline(i, seconds);
		bool at_start = before != LINE_OPEN;

		if (!(at_start ? peek_start(s, &bytes, deadline, o)
			       : stream_peek(s, &bytes, need, deadline, o)))
			return false;
		behind = at_start && *bytes.p == '.' ? end_behind_dot(bytes) : LINE_OPEN;
		if (is_end(before, behind, bare)) {
			stream_skip(s, behind == LINE_CRLF ? 3 : 2);
			return true;
		}
		if (at_start && *bytes.p == '.' && behind == LINE_OPEN) {
			stream_skip(s, 1);
			bytes = span_bytes(bytes.p + 1, bytes.n - 1);
		}
		n = certain_length(bytes, &before);
		intake_add(i, span_bytes(bytes.p, n));
		stream_skip(s, n);
		need = n < bytes.n ? 2 : 1; /* a CR waits for what follows */
	}
}

bool
intake_chunk(
    struct intake *i, struct stream *s, uint64_t n, int seconds, struct outcome *o)
{
	struct span bytes;

	while (n > 0) {
		if (!stream_peek(s, &bytes, 1, next_deadline(i, seconds), o))
			return false;
		if (bytes.n > n)
			bytes.n = (size_t)n;
		intake_add(i, bytes);
		stream_skip(s, bytes.n);
		n -= bytes.n;
	}
	return true;
}

bool
intake_end(struct intake *i, struct outcome *o)
{
	settle_cr(i);
	if (i->length > 0)
		keep_line_end(i);
	if (i->failed)
		*o = i->why;
	return !i->failed && source_seal(i->source, o);
}
