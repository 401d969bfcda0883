/* SPDX-License-Identifier: ISC */
#include "mail/header.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

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

bool
line_clean(struct buf *out, struct span line)
{
	if (memchr(line.p, '\r', line.n) == NULL &&
	    memchr(line.p, '\0', line.n) == NULL) {
		buf_add_span(out, line);
		return true;
	}
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] != '\0')
			buf_addc(out, line.p[i] == '\r' ? ' ' : line.p[i]);
	return false;
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

static bool
is_mbox_separator(struct span line)
{
	while (line.n > 0 && line.p[0] == '>')
		line = span_bytes(line.p + 1, line.n - 1);
	return line.n >= 5 && memcmp(line.p, "From ", 5) == 0;
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

/* Moves one whole line of input to the end of `to`; drops it where that is NULL. */
static bool
move_line(struct input *in, struct buf *to, bool *repaired, struct outcome *o)
{
	enum input_part part;
	struct span line;

	do {
		part = input_peek(in, &line, o);
		if (part == INPUT_FAILED)
			return false;
		if (part != INPUT_END && to != NULL && !line_clean(to, line))
			*repaired = true;
		input_consume(in);
	} while (part == INPUT_MORE);
	return true;
}

/* One step of header_read(). *more is false once the header has ended. `clean` is
 * scratch: a line is judged without its NULs, so that none can hide a name. */
static bool
read_line(
    struct header *h, struct input *in, struct buf *clean, bool *more, struct outcome *o)
{
	struct span line;
	enum input_part part = input_peek(in, &line, o);
	enum kind kind;

	*more = part == INPUT_LINE || part == INPUT_MORE;
	if (!*more)
		return part != INPUT_FAILED;
	buf_clear(clean);
	(void)line_clean(clean, line); /* move_line() tells of repairs */
	kind = classify(h, buf_span(clean));
	*more = kind != KIND_EMPTY && kind != KIND_BODY;
	h->ended = kind == KIND_EMPTY;
	if (kind == KIND_BODY)
		return true;
	if (kind == KIND_FIELD)
		begin_field(h, buf_span(clean));
	if (kind != KIND_FIELD && kind != KIND_CONTINUATION)
		return move_line(in, NULL, NULL, o);
	if (!move_line(in, &h->text, &h->v[h->n - 1].repaired, o))
		return false;
	h->repaired |= h->v[h->n - 1].repaired;
	end_line(h);
	return true;
}

bool
header_read(struct header *h, struct input *in, struct outcome *o)
{
	struct buf clean;
	bool more = true, ok;

	buf_init(&clean, INPUT_BUFFER);
	do {
		ok = read_line(h, in, &clean, &more, o);
		if (ok && !buf_ok(&h->text))
			ok = outcome_fail(o, CAUSE_MESSAGE,
			    "its header is longer than %d kB", HEADER_MAX / 1024);
	} while (ok && more);
	buf_free(&clean);
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
