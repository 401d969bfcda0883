/* SPDX-License-Identifier: ISC */
#include "mail/mime.h"

#include <stdlib.h>
#include <string.h>

#include "mail/value.h"

#define DEPTH_MAX 64
#define BOUNDARY_MAX 256 /* RFC 2046, 5.1.1 says 70 */

struct span
mime_encoding(const struct header *h)
{
	size_t i = 0;

	if (!header_find(h, "Content-Transfer-Encoding", &i))
		return span_of("7bit");
	return value_token(field_body(h, &h->v[i]));
}

bool
mime_is_identity(struct span encoding)
{
	return span_is_nocase(encoding, "7bit") || span_is_nocase(encoding, "8bit") ||
	       span_is_nocase(encoding, "binary");
}

/* A multipart around us. */
struct level {
	char *boundary;
	bool seen;   /* it has come */
	bool digest; /* its parts are messages where they don't say otherwise */
};

/* What the present line belongs to. */
enum state { STATE_HEADER, STATE_BODY, STATE_FRAME };

struct walk {
	const struct mime_visitor *v;
	void *arg;
	enum state state;
	size_t entity;  /* the present one */
	bool in_digest; /* it is a part of a multipart/digest */
	struct header header;
	struct buf line; /* the present line, as far as it is gathered */
	bool begins;     /* `line` is the beginning of one */
	struct level level[DEPTH_MAX];
	size_t depth;
	bool sound;
};

static void
leave(struct walk *w, size_t depth)
{
	while (w->depth > depth) {
		w->sound = w->sound && w->level[w->depth - 1].seen;
		free(w->level[--w->depth].boundary);
	}
}

/* A multipart whose boundary isn't clear is left alone. */
static enum mime_kind
enter(struct walk *w, struct span type, struct span value)
{
	struct buf boundary;
	enum value_found found;

	buf_init(&boundary, BOUNDARY_MAX);
	found = value_parameter(value, "boundary", &boundary);
	while (boundary.len > 0 && is_blank(boundary.data[boundary.len - 1]))
		buf_truncate(&boundary, boundary.len - 1);
	if (found != VALUE_FOUND || boundary.len == 0 || w->depth == DEPTH_MAX) {
		w->sound = false;
		buf_free(&boundary);
		return MIME_OPAQUE;
	}
	w->level[w->depth++] = (struct level){
		.boundary = buf_take(&boundary),
		.digest = span_is_nocase(type, "multipart/digest"),
	};
	return MIME_MULTIPART;
}

/* RFC 6532, 3.7, lets a message be encoded, too: its header can't be read then. */
static bool
is_encoded(const struct header *h)
{
	struct span encoding = mime_encoding(h);

	return encoding.n > 0 && !mime_is_identity(encoding);
}

static enum mime_kind
kind_of(struct walk *w)
{
	struct span value, type;
	size_t i = 0;

	if (!header_find(&w->header, "Content-Type", &i))
		return w->in_digest ? MIME_MESSAGE : MIME_LEAF;
	value = field_body(&w->header, &w->header.v[i]);
	type = value_token(value);
	if (span_starts_nocase(type, "multipart/"))
		return enter(w, type, value);
	if (span_is_nocase(type, "message/rfc822") ||
	    span_is_nocase(type, "message/global"))
		return is_encoded(&w->header) ? MIME_LEAF : MIME_MESSAGE;
	return span_starts_nocase(type, "message/") ? MIME_OPAQUE : MIME_LEAF;
}

static void
begin_entity(struct walk *w, bool in_digest)
{
	w->entity++;
	w->in_digest = in_digest;
	header_free(&w->header);
	w->state = STATE_HEADER;
}

static bool
end_header(struct walk *w, bool ended, struct outcome *o)
{
	enum mime_kind kind = kind_of(w);

	if (kind == MIME_MESSAGE && !ended) { /* where would its own header begin? */
		kind = MIME_OPAQUE;
		w->sound = false;
	}
	w->state = kind == MIME_MULTIPART ? STATE_FRAME : STATE_BODY;
	if (!w->v->header(w->arg, w->entity, kind, &w->header, ended, o))
		return false;
	if (kind == MIME_MESSAGE)
		begin_entity(w, false);
	return true;
}

/* Whether the line is "--BOUNDARY" or "--BOUNDARY--", of any multipart around us; leaves
 * those inside of it. Blanks may follow (RFC 2046, 5.1.1). */
static bool
is_boundary(struct walk *w, struct span line, bool *closes)
{
	while (line.n > 0 && is_blank(line.p[line.n - 1]))
		line.n--;
	if (line.n < 3 || line.p[0] != '-' || line.p[1] != '-')
		return false;
	line = span_bytes(line.p + 2, line.n - 2);
	for (size_t i = w->depth; i > 0; i--) {
		size_t n = strlen(w->level[i - 1].boundary);

		if (line.n < n || memcmp(line.p, w->level[i - 1].boundary, n) != 0)
			continue;
		*closes = line.n == n + 2 && memcmp(line.p + n, "--", 2) == 0;
		if (line.n != n && !*closes)
			continue;
		w->level[i - 1].seen = true;
		leave(w, *closes ? i - 1 : i);
		return true;
	}
	return false;
}

/* Hands out the line, or the part of one, that was gathered. */
static bool
give(struct walk *w, bool ends, struct outcome *o)
{
	struct span rest = buf_span(&w->line), part;

	do {
		part = rest;
		if (part.n > MIME_PART_MAX)
			part.n = MIME_PART_MAX;
		rest = span_bytes(rest.p + part.n, rest.n - part.n);
		if (w->state == STATE_FRAME
			? !w->v->frame(w->arg, part, ends && rest.n == 0, o)
			: !w->v->body(w->arg, w->entity, part, ends && rest.n == 0, o))
			return false;
	} while (rest.n > 0);
	return true;
}

static bool
at_boundary(struct walk *w, bool closes, struct outcome *o)
{
	if (w->state == STATE_HEADER && !end_header(w, false, o))
		return false;
	w->state = STATE_FRAME;
	if (!give(w, true, o))
		return false;
	if (!closes)
		begin_entity(w, w->level[w->depth - 1].digest);
	return true;
}

/* A line where a header may go on. One that can't be in it, or that makes it too long,
 * ends it, and is not *taken. */
static bool
header_line(struct walk *w, bool ends, bool *taken, struct outcome *o)
{
	size_t length = w->header.text.len;

	*taken = ends && w->line.len == 0;
	if (*taken)
		return end_header(w, true, o);
	buf_addc(&w->line, '\n');
	if (ends && length + w->line.len <= HEADER_MAX)
		header_parse(&w->header, buf_span(&w->line));
	buf_truncate(&w->line, w->line.len - 1);
	*taken = w->header.text.len > length;
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
	return taken || give(w, ends, o);
}

static bool
ends_in_cr(const struct buf *b)
{
	return b->len > 0 && b->data[b->len - 1] == '\r';
}

/* A line is gathered whole in a header, and in parts in a body. A CR at the end of a part
 * waits for its LF: lines of the source end with CR LF, and have no other CR or LF. */
static bool
take_piece(struct walk *w, struct span piece, struct outcome *o)
{
	while (piece.n > 0) {
		size_t most = w->state == STATE_HEADER ? HEADER_MAX : MIME_PART_MAX;
		size_t room = most > w->line.len ? most - w->line.len : 1;
		const char *lf = memchr(piece.p, '\n', piece.n);
		size_t n = lf != NULL ? (size_t)(lf - piece.p) : piece.n;
		bool ends = lf != NULL && n <= room, cr;

		n = n < room ? n : room;
		buf_add(&w->line, piece.p, n);
		piece = span_bytes(piece.p + n + ends, piece.n - n - ends);
		if (!ends && w->line.len < most)
			continue;
		cr = ends_in_cr(&w->line);
		if (cr)
			buf_truncate(&w->line, w->line.len - 1);
		if (!take_line(w, ends, o))
			return false;
		w->begins = ends;
		buf_clear(&w->line);
		if (cr && !ends)
			buf_addc(&w->line, '\r');
	}
	return true;
}

bool
mime_walk(struct source *m, const struct mime_visitor *v, void *arg, bool *sound,
    struct outcome *o)
{
	struct walk w = { .v = v, .arg = arg, .begins = true, .sound = true };
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
	leave(&w, 0);
	*sound = w.sound;
	header_free(&w.header);
	buf_free(&w.line);
	return ok;
}
