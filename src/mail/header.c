/* SPDX-License-Identifier: ISC */
#include "mail/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define SHOWN_MAX 60 /* bytes of a name that are shown */

void
header_init(struct header *h)
{
	*h = (struct header){ 0 };
	buf_init(&h->text, HEADER_MAX);
}

void
header_free(struct header *h)
{
	buf_free(&h->text);
	free(h->v);
	header_init(h);
}

/* Appends a line without its NULs and CRs; false where it had any. */
static bool
add_stripped(struct buf *out, struct span line)
{
	const size_t before = out->len;

	for (size_t i = 0, n; i < line.n; i += n + 1) {
		n = 0;
		while (i + n < line.n && line.p[i + n] != '\0' && line.p[i + n] != '\r')
			n++;
		buf_add(out, line.p + i, n);
	}
	return out->len - before == line.n || !buf_ok(out);
}

/* The length of the field name that the line begins with; 0 where it is no header line.
 * RFC 5322, 2.2 and 4.5: printable ASCII but the colon, then perhaps blanks, then a
 * colon. */
static size_t
name_length(struct span line)
{
	size_t n = 0, colon;

	while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f && line.p[n] != ':')
		n++;
	colon = n;
	while (colon < line.n && is_blank(line.p[colon]))
		colon++;
	return colon < line.n && line.p[colon] == ':' ? n : 0;
}

/* Whether there is a time of the day in the line. */
static bool
has_time(struct span line)
{
	for (size_t i = 1; i + 1 < line.n; i++)
		if (line.p[i] == ':' && is_digit(line.p[i - 1]) &&
		    is_digit(line.p[i + 1]))
			return true;
	return false;
}

/* "From ", an address, and when it came; a text may well begin with the same word. */
static bool
is_mbox_separator(struct span line)
{
	struct span who;

	while (line.n > 0 && line.p[0] == '>')
		line = span_bytes(line.p + 1, line.n - 1);
	if (line.n < 5 || memcmp(line.p, "From ", 5) != 0)
		return false;
	line = span_bytes(line.p + 5, line.n - 5);
	return has_time(line) ||
	       (span_cut(&line, ' ', &who) && memchr(who.p, '@', who.n) != NULL);
}

/* What a line of the header block, or the one that ends it, can be. */
enum kind { KIND_FIELD, KIND_CONTINUATION, KIND_SEPARATOR, KIND_EMPTY, KIND_BODY };

static enum kind
classify(const struct header *h, struct span line)
{
	if (line.n == 0)
		return KIND_EMPTY;
	if (h->n > 0 && is_blank(line.p[0]))
		return KIND_CONTINUATION;
	if (name_length(line) > 0)
		return KIND_FIELD;
	return h->n == 0 && is_mbox_separator(line) ? KIND_SEPARATOR : KIND_BODY;
}

static void
begin_field(struct header *h, struct span line)
{
	h->v = mem_room(h->v, h->n, sizeof *h->v);
	h->v[h->n++] = (struct field){ .start = h->text.len, .name = name_length(line) };
}

static void
end_line(struct header *h)
{
	struct field *f = &h->v[h->n - 1];

	buf_addc(&h->text, '\n');
	f->len = h->text.len - f->start;
}

/* `line` begins with the name of the field, where it is in the header. */
static bool
bad_bytes(struct span line, struct outcome *o)
{
	size_t n = name_length(line);

	if (n == 0)
		return outcome_fail(o, CAUSE_MESSAGE,
		    "its header has a NUL or a lone carriage return in it: lines must "
		    "end with LF or CR LF");
	return outcome_fail(o, CAUSE_MESSAGE,
	    "its header %.*s has a NUL or a lone carriage return in it: lines must end "
	    "with LF or CR LF",
	    span_shown(span_bytes(line.p, n), SHOWN_MAX), line.p);
}

/* Moves one whole line of input to the end of `to`; drops it where that is NULL. */
static bool
move_line(struct input *in, struct buf *to, struct outcome *o)
{
	enum input_part part;
	struct span line;

	do {
		part = input_peek(in, &line, o);
		if (part == INPUT_FAILED)
			return false;
		if (part != INPUT_END && to != NULL && !add_stripped(to, line))
			return bad_bytes(line, o);
		input_consume(in);
	} while (part == INPUT_MORE);
	return true;
}

/* The beginning of a line that is a name and then blanks, as far as it can be seen:
 * whether a colon follows, and so a Bcc perhaps, can't. */
static bool
is_open_name(struct span line)
{
	size_t n = 0;

	while (n < line.n && line.p[n] > ' ' && line.p[n] < 0x7f)
		n++;
	return n > 0 && n < line.n && span_trim(line).n == n;
}

/* What a name ends with is its colon (RFC 5322, 4.5). */
static void
close_gap(struct header *h)
{
	const struct field *f = &h->v[h->n - 1];
	size_t at = f->start + f->name, colon = at;

	while (buf_ok(&h->text) && is_blank(h->text.data[colon]))
		colon++;
	if (colon == at)
		return;
	memmove(h->text.data + at, h->text.data + colon, h->text.len - colon);
	buf_truncate(&h->text, h->text.len - (colon - at));
}

/* One step of header_read(). *more is false once the header has ended. A line is judged
 * without its NULs and CRs, so that none can hide what it is; `stripped` is scratch. */
static bool
read_line(struct header *h, struct input *in, struct buf *stripped, bool *more,
    struct outcome *o)
{
	struct span line;
	enum input_part part = input_peek(in, &line, o);
	enum kind kind;
	bool clean;

	*more = part == INPUT_LINE || part == INPUT_MORE;
	if (!*more)
		return part != INPUT_FAILED;
	buf_clear(stripped);
	clean = add_stripped(stripped, line);
	kind = classify(h, buf_span(stripped));
	*more = kind != KIND_EMPTY && kind != KIND_BODY;
	h->ended = kind == KIND_EMPTY;
	if (kind == KIND_BODY)
		return part == INPUT_LINE || !is_open_name(line) || bad_bytes(line, o);
	if (!clean)
		return bad_bytes(buf_span(stripped), o);
	if (kind == KIND_FIELD)
		begin_field(h, line);
	if (kind != KIND_FIELD && kind != KIND_CONTINUATION)
		return move_line(in, NULL, o);
	if (!move_line(in, &h->text, o))
		return false;
	if (kind == KIND_FIELD)
		close_gap(h);
	end_line(h);
	return true;
}

/* The mark of some editors would hide the first name. */
static bool
skip_mark(struct input *in, struct outcome *o)
{
	struct span line;
	enum input_part part = input_peek(in, &line, o);

	if (part == INPUT_LINE || part == INPUT_MORE)
		input_drop(in, line.n - span_skip_mark(line).n);
	return part != INPUT_FAILED;
}

bool
header_read(struct header *h, struct input *in, struct outcome *o)
{
	struct buf stripped;
	bool more = true, ok;

	buf_init(&stripped, INPUT_BUFFER);
	for (ok = skip_mark(in, o); ok && more;) {
		ok = read_line(h, in, &stripped, &more, o);
		if (ok && !buf_ok(&h->text))
			ok = outcome_fail(o, CAUSE_MESSAGE,
			    "its header is longer than %d kB", HEADER_MAX / 1024);
	}
	buf_free(&stripped);
	return ok;
}

void
header_parse(struct header *h, struct span text)
{
	struct span line;
	enum kind kind;

	while (span_cut(&text, '\n', &line)) {
		kind = classify(h, line);
		if (kind != KIND_FIELD && kind != KIND_CONTINUATION)
			return;
		if (kind == KIND_FIELD)
			begin_field(h, line);
		buf_add_span(&h->text, line);
		end_line(h);
	}
}

bool
header_find(const struct header *h, const char *name, size_t *i)
{
	for (; *i < h->n; (*i)++)
		if (!h->v[*i].removed && span_is_nocase(field_name(h, &h->v[*i]), name))
			return true;
	return false;
}

bool
header_has(const struct header *h, const char *name)
{
	for (size_t i = 0; header_find(h, name, &i); i++)
		if (span_trim(field_body(h, &h->v[i])).n > 0)
			return true;
	return false;
}

void
header_remove(struct header *h, const char *name)
{
	for (size_t i = 0; header_find(h, name, &i); i++)
		h->v[i].removed = true;
}

struct span
field_name(const struct header *h, const struct field *f)
{
	return span_bytes(h->text.data + f->start, f->name);
}

struct span
field_body(const struct header *h, const struct field *f)
{
	const char *line = h->text.data + f->start;
	const char *colon = memchr(line + f->name, ':', f->len - f->name);
	size_t before = (size_t)(colon - line) + 1;

	return span_bytes(colon + 1, f->len - before);
}
