/* SPDX-License-Identifier: ISC
 *
 * downgrade.c - two walks: what a part's header says depends on its body, which comes
 * later. The first finds the parts that need it; the second writes.
 */
#include "mail/downgrade.h"

#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mail/fold.h"
#include "mail/mime.h"
#include "mail/quoted.h"
#include "mail/value.h"

#define BROKEN_LENGTH 72 /* before "=XX" and the soft '=': RFC 2045, 6.7 */
#define WRAPPED_LENGTH 76

/* A header with a CR for each LF, or a part of a line with three bytes for each and soft
 * line breaks. */
#define PIECE_MAX (HEADER_MAX * 2 + MIME_PART_MAX * 4)

/* What is done with the bytes of a body. */
enum way {
	WAY_COPY,
	WAY_ENCODE, /* as quoted-printable */
	WAY_ESCAPE, /* it is quoted-printable: what isn't in it becomes so */
	WAY_BLUNT,  /* bytes above 0x7f mean nothing here, and become '?' */
	WAY_BREAK,  /* it is quoted-printable: its lines get soft breaks */
	WAY_WRAP    /* it is base64: its lines can be broken anywhere */
};

struct work {
	struct source *out;
	bool shorten; /* it's lines that are too long, not bytes above 0x7f */
	bool *needs;  /* whether the body of entity i has any */
	bool is_mime;
	bool is_signed;
	enum way way;  /* of the present body */
	bool unparted; /* no empty line has ended the header before it */
	struct quoted quoted;
	size_t column; /* WAY_BREAK, WAY_WRAP */
	int escape;    /* WAY_BREAK: how much of a "=XX" is still to come */
	size_t length; /* of the line that is being written */
	struct buf piece;
};

/* The first walk */

static bool
is_signed(const struct header *h)
{
	size_t i = 0;

	return header_find(h, "Content-Type", &i) &&
	       span_is_nocase(value_token(field_body(h, &h->v[i])), "multipart/signed");
}

static bool
find_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	struct work *w = arg;

	(void)kind;
	(void)ended;
	(void)o;
	if (i == 0)
		w->is_mime = header_has(h, "MIME-Version");
	w->is_signed |= is_signed(h);
	w->needs = mem_room(w->needs, i, sizeof *w->needs);
	w->needs[i] = false;
	return true;
}

static bool
find_body(void *arg, size_t i, struct span part, bool ends, struct outcome *o)
{
	struct work *w = arg;

	(void)ends;
	(void)o;
	w->needs[i] |= w->shorten ? part.n > LINE_LIMIT : span_has_8bit(part);
	return true;
}

static bool
ignore_frame(void *arg, struct span part, bool ends, struct outcome *o)
{
	(void)arg;
	(void)part;
	(void)ends;
	(void)o;
	return true;
}

static const struct mime_visitor finder = { find_header, find_body, ignore_frame };

/* The second walk */

static bool
write_piece(struct work *w, struct outcome *o)
{
	struct span all = buf_span(&w->piece);

	assert(buf_ok(&w->piece));
	(void)source_count_lines(w->out, all, &w->length);
	return source_write(w->out, all, o);
}

static void
add_fields(struct buf *out, const struct header *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct span lines = span_bytes(h->text.data + h->v[i].start, h->v[i].len);
		struct span line;

		while (!h->v[i].removed && span_cut(&lines, '\n', &line)) {
			buf_add_span(out, line);
			buf_puts(out, "\r\n");
		}
	}
}

static enum way
way_for(enum mime_kind kind, struct span encoding, bool needs, bool shorten)
{
	if (!needs || kind == MIME_OPAQUE)
		return WAY_COPY;
	if (mime_is_identity(encoding))
		return WAY_ENCODE;
	if (span_is_nocase(encoding, "quoted-printable"))
		return shorten ? WAY_BREAK : WAY_ESCAPE;
	if (!shorten)
		return WAY_BLUNT;
	return span_is_nocase(encoding, "base64") ? WAY_WRAP : WAY_COPY;
}

static bool
write_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	struct work *w = arg;
	struct span encoding = mime_encoding(h);

	w->way = way_for(kind, encoding, w->needs[i], w->shorten);
	if (w->shorten ? w->way == WAY_ENCODE /* 7bit goes without saying */
		       : mime_is_identity(encoding) && kind != MIME_OPAQUE)
		header_remove(h, "Content-Transfer-Encoding");
	buf_clear(&w->piece);
	add_fields(&w->piece, h);
	if (w->way == WAY_ENCODE)
		buf_puts(&w->piece, "Content-Transfer-Encoding: quoted-printable\r\n");
	w->unparted = !ended && w->way != WAY_ENCODE;
	if (!w->unparted)
		buf_puts(&w->piece, "\r\n");
	w->out->is_8bit |= i > 0 && span_has_8bit(buf_span(&w->piece));
	return write_piece(w, o);
}

/* A line that has no '-' at its start is no boundary, wherever it was broken. */
static void
add_broken(struct work *w, struct span part, bool ends)
{
	for (size_t i = 0; i < part.n; i++) {
		bool starts = w->column >= BROKEN_LENGTH && w->escape == 0;

		if (starts) {
			buf_puts(&w->piece, "=\r\n");
			w->column = 0;
		}
		if (part.p[i] == '=')
			w->escape = 3;
		w->escape -= w->escape > 0;
		if (starts && part.p[i] == '-')
			buf_puts(&w->piece, "=2D");
		else
			buf_addc(&w->piece, part.p[i]);
		w->column++;
	}
	if (ends) {
		w->column = 0;
		w->escape = 0;
	}
}

/* Breaks are put before what is base64 only: the rest isn't ours to read. */
static void
add_wrapped(struct work *w, struct span part, bool ends)
{
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];

		if (w->column >= WRAPPED_LENGTH &&
		    (isalnum(c) || strchr("+/", c) != NULL)) {
			buf_puts(&w->piece, "\r\n");
			w->column = 0;
		}
		buf_addc(&w->piece, part.p[i]);
		w->column++;
	}
	if (ends)
		w->column = 0;
}

static void
add_changed(struct buf *out, struct span part, enum way way)
{
	for (size_t i = 0; i < part.n; i++)
		if (!is_8bit(part.p[i]) || way == WAY_COPY)
			buf_addc(out, part.p[i]);
		else if (way == WAY_ESCAPE)
			buf_printf(out, "=%02X", (unsigned char)part.p[i]);
		else
			buf_addc(out, '?');
}

static bool
write_part(struct work *w, struct span part, bool ends, enum way way, struct outcome *o)
{
	buf_clear(&w->piece);
	if (w->unparted && way != WAY_COPY && span_has_8bit(part))
		buf_puts(&w->piece, "\r\n"); /* changed, it could be a field itself */
	w->unparted = false;
	if (way == WAY_ENCODE)
		quoted_encode(&w->quoted, &w->piece, part, ends);
	else if (way == WAY_BREAK)
		add_broken(w, part, ends);
	else if (way == WAY_WRAP)
		add_wrapped(w, part, ends);
	else
		add_changed(&w->piece, part, way);
	buf_puts(&w->piece, ends && way != WAY_ENCODE ? "\r\n" : "");
	w->out->is_8bit |= span_has_8bit(buf_span(&w->piece));
	return write_piece(w, o);
}

static bool
write_body(void *arg, size_t i, struct span part, bool ends, struct outcome *o)
{
	struct work *w = arg;

	(void)i;
	return write_part(w, part, ends, w->way, o);
}

static bool
write_frame(void *arg, struct span part, bool ends, struct outcome *o)
{
	struct work *w = arg;

	return write_part(w, part, ends, w->shorten ? WAY_COPY : WAY_BLUNT, o);
}

static const struct mime_visitor writer = { write_header, write_body, write_frame };

static bool
change(struct work *w, struct source *in, bool *changed, struct outcome *o)
{
	bool sound, ok;

	buf_init(&w->piece, PIECE_MAX);
	ok = mime_walk(in, &finder, w, &sound, o);
	*changed = ok && w->is_mime && sound && !(w->shorten && w->is_signed);
	if (*changed)
		ok = mime_walk(in, &writer, w, &sound, o) && source_seal(w->out, o);
	w->out->header_is_8bit = in->header_is_8bit;
	free(w->needs);
	buf_free(&w->piece);
	return ok;
}

bool
downgrade(struct source *in, struct source *out, bool *changed, struct outcome *o)
{
	struct work w = { .out = out };

	return change(&w, in, changed, o);
}

bool
shorten(struct source *in, struct source *out, bool *changed, struct outcome *o)
{
	struct work w = { .out = out, .shorten = true };

	return change(&w, in, changed, o);
}
