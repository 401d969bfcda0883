/* SPDX-License-Identifier: ISC */
#include "mail/mime.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define DEPTH_MAX 64       /* what is nested deeper is taken as it is */
#define LINE_PART_MAX 4096 /* longer lines of bodies come in parts */
#define BOUNDARY_MAX 256   /* RFC 2046, 5.1.1 says 70 */

enum state { STATE_HEADER, STATE_BODY, STATE_FRAME };

struct walk {
	const struct mime_visitor *v;
	void *arg;
	enum state state;
	size_t entity; /* the present one */
	struct header header;
	struct buf line;           /* the present line, as far as it is gathered */
	bool begins;               /* `line` is the beginning of one */
	char *boundary[DEPTH_MAX]; /* of the multiparts around us, the innermost last */
	size_t depth;
};

/* The value of a parameter of Content-Type (RFC 2045, 5.1), unquoted. */
static bool
find_parameter(struct span body, const char *name, struct buf *out)
{
	struct span part, key;

	(void)span_cut(&body, ';', &part);
	while (span_cut(&body, ';', &part)) {
		if (!span_cut(&part, '=', &key) || !span_is_nocase(span_trim(key), name))
			continue;
		part = span_trim(part);
		if (part.n > 0 && part.p[0] == '"') {
			/* a ';' in the quotes has cut it: the value ends at the quote */
			const char *start = part.p + 1, *end = body.p + body.n;
			const char *quote = memchr(start, '"', (size_t)(end - start));

			part = span_bytes(
			    start, quote != NULL ? (size_t)(quote - start) : 0);
		}
		buf_add_span(out, part);
		return out->len > 0 && buf_ok(out);
	}
	return false;
}

static enum mime_kind
kind_of(struct walk *w, struct buf *boundary)
{
	struct span body;
	size_t i = 0;

	if (w->depth >= DEPTH_MAX || !header_find(&w->header, "Content-Type", &i))
		return MIME_LEAF;
	body = span_trim(field_body(&w->header, &w->header.v[i]));
	if (span_starts_nocase(body, "multipart/"))
		return find_parameter(body, "boundary", boundary) ? MIME_MULTIPART
								  : MIME_LEAF;
	return span_starts_nocase(body, "message/rfc822") ||
		       span_starts_nocase(body, "message/global")
		   ? MIME_MESSAGE
		   : MIME_LEAF;
}

static void
begin_entity(struct walk *w)
{
	w->entity++;
	header_free(&w->header);
	w->state = STATE_HEADER;
}

static bool
end_header(struct walk *w, bool ended, struct outcome *o)
{
	struct buf boundary;
	enum mime_kind kind;
	bool ok;

	buf_init(&boundary, BOUNDARY_MAX);
	kind = kind_of(w, &boundary);
	ok = w->v->header(w->arg, w->entity, kind, &w->header, ended, o);
	w->state = kind == MIME_MULTIPART ? STATE_FRAME : STATE_BODY;
	if (kind == MIME_MULTIPART)
		w->boundary[w->depth++] = mem_dup(boundary.data);
	else if (kind == MIME_MESSAGE && ended)
		begin_entity(w);
	buf_free(&boundary);
	return ok;
}

/* Whether the line is "--BOUNDARY" or "--BOUNDARY--", of any multipart around us; leaves
 * those inside of it. */
static bool
is_boundary(struct walk *w, struct span line, bool *closes)
{
	line = span_trim(line);
	if (line.n < 3 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	line = span_bytes(line.p + 2, line.n - 2);
	for (size_t i = w->depth; i > 0; i--) {
		const char *boundary = w->boundary[i - 1];
		size_t n = strlen(boundary);

		if (line.n < n || memcmp(line.p, boundary, n) != 0)
			continue;
		*closes = line.n == n + 2 && memcmp(line.p + n, "--", 2) == 0;
		if (line.n != n && !*closes)
			continue;
		for (size_t inner = *closes ? i - 1 : i; w->depth > inner;)
			free(w->boundary[--w->depth]);
		return true;
	}
	return false;
}

static bool
at_boundary(struct walk *w, bool closes, struct outcome *o)
{
	if (w->state == STATE_HEADER && !end_header(w, false, o))
		return false;
	if (!w->v->frame(w->arg, buf_span(&w->line), true, o))
		return false;
	w->state = STATE_FRAME;
	if (!closes)
		begin_entity(w);
	return true;
}

/* A line of a header. One that can't be, or that makes it too long, ends it. */
static bool
header_line(struct walk *w, bool ends, bool *taken, struct outcome *o)
{
	size_t before = w->header.n, length = w->header.text.len;

	*taken = true;
	if (w->line.len == 0)
		return end_header(w, true, o);
	buf_addc(&w->line, '\n');
	if (ends && w->header.text.len + w->line.len <= HEADER_MAX)
		header_parse(&w->header, buf_span(&w->line));
	buf_truncate(&w->line, w->line.len - 1);
	*taken = w->header.n > before || w->header.text.len > length;
	return *taken || end_header(w, false, o);
}

/* Deals with what is gathered of a line. */
static bool
take_line(struct walk *w, bool ends, struct outcome *o)
{
	bool closes = false, taken = false;

	if (w->begins && ends && w->depth > 0 &&
	    is_boundary(w, buf_span(&w->line), &closes))
		return at_boundary(w, closes, o);
	if (w->state == STATE_HEADER && w->begins && !header_line(w, ends, &taken, o))
		return false;
	if (taken)
		return true;
	if (w->state == STATE_FRAME)
		return w->v->frame(w->arg, buf_span(&w->line), ends, o);
	return w->v->body(w->arg, w->entity, buf_span(&w->line), ends, o);
}

/* Lines of the source end with CR LF, and have no other CR or LF. */
static bool
take_piece(struct walk *w, struct span piece, struct outcome *o)
{
	while (piece.n > 0) {
		size_t most = w->state == STATE_HEADER ? HEADER_MAX : LINE_PART_MAX;
		size_t room = most - w->line.len;
		const char *lf = memchr(piece.p, '\n', piece.n);
		size_t n = lf != NULL ? (size_t)(lf - piece.p) : piece.n;
		bool ends = lf != NULL && n <= room;

		n = n < room ? n : room;
		buf_add(&w->line, piece.p, n);
		piece = span_bytes(piece.p + n + ends, piece.n - n - ends);
		if (!ends && w->line.len < most)
			continue;
		if (ends && w->line.len > 0)
			buf_truncate(&w->line, w->line.len - 1); /* the CR */
		if (!take_line(w, ends, o))
			return false;
		w->begins = ends;
		buf_clear(&w->line);
	}
	return true;
}

bool
mime_walk(struct source *m, const struct mime_visitor *v, void *arg, struct outcome *o)
{
	struct walk w = { .v = v, .arg = arg, .begins = true };
	struct span piece;
	bool ok;

	header_init(&w.header);
	buf_init(&w.line, HEADER_MAX + 1);
	source_rewind(m);
	do
		ok = source_next(m, &piece, o) && take_piece(&w, piece, o);
	while (ok && piece.n > 0);
	if (ok && w.state == STATE_HEADER)
		ok = end_header(&w, false, o);
	while (w.depth > 0)
		free(w.boundary[--w.depth]);
	header_free(&w.header);
	buf_free(&w.line);
	return ok;
}
