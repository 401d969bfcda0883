/* SPDX-License-Identifier: ISC
 *
 * downgrade.c - two walks: what a part's header says depends on its body, which comes
 * later. The first finds the parts that need it; the second writes.
 */
#include "mail/downgrade.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "mail/mime.h"
#include "mail/quoted.h"
#include "mail/value.h"

/* A header with a CR for each LF, or a part of a line with three bytes for each and soft
 * line breaks. */
#define PIECE_MAX (HEADER_MAX * 2 + MIME_PART_MAX * 4)

/* What is done with the bytes of a body. */
enum way {
	WAY_COPY,
	WAY_ENCODE, /* as quoted-printable */
	WAY_ESCAPE, /* it is quoted-printable: what isn't in it becomes so */
	WAY_BLUNT   /* bytes above 0x7f mean nothing here, and become '?' */
};

struct work {
	struct source *out;
	bool *needs; /* whether the body of entity i has bytes above 0x7f */
	bool is_mime;
	enum way way;  /* of the present body */
	bool unparted; /* no empty line has ended the header before it */
	struct quoted quoted;
	struct buf piece;
};

/* The first walk */

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
	w->needs[i] |= span_has_8bit(part);
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
	for (size_t i = 0; i < all.n; i++)
		w->out->lines += all.p[i] == '\n';
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

/* The Content-Transfer-Encoding; "7bit" where there is none (RFC 2045, 6.1). */
static struct span
encoding_of(const struct header *h)
{
	size_t i = 0;

	if (!header_find(h, "Content-Transfer-Encoding", &i))
		return span_of("7bit");
	return value_token(field_body(h, &h->v[i]));
}

static bool
is_identity(struct span encoding)
{
	return span_is_nocase(encoding, "7bit") || span_is_nocase(encoding, "8bit") ||
	       span_is_nocase(encoding, "binary");
}

static enum way
way_for(enum mime_kind kind, struct span encoding, bool needs)
{
	if (!needs || kind == MIME_OPAQUE)
		return WAY_COPY;
	if (is_identity(encoding))
		return WAY_ENCODE;
	return span_is_nocase(encoding, "quoted-printable") ? WAY_ESCAPE : WAY_BLUNT;
}

static bool
write_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	struct work *w = arg;
	struct span encoding = encoding_of(h);

	w->way = way_for(kind, encoding, w->needs[i]);
	if (is_identity(encoding) && kind != MIME_OPAQUE) /* 7bit goes without saying */
		header_remove(h, "Content-Transfer-Encoding");
	buf_clear(&w->piece);
	add_fields(&w->piece, h);
	if (w->way == WAY_ENCODE)
		buf_puts(&w->piece, "Content-Transfer-Encoding: quoted-printable\r\n");
	w->unparted = !ended && w->way != WAY_ENCODE;
	if (!w->unparted)
		buf_puts(&w->piece, "\r\n");
	return write_piece(w, o);
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
	if (way == WAY_ENCODE) {
		quoted_encode(&w->quoted, &w->piece, part, ends);
	} else {
		add_changed(&w->piece, part, way);
		buf_puts(&w->piece, ends ? "\r\n" : "");
	}
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
	return write_part(arg, part, ends, WAY_BLUNT, o);
}

static const struct mime_visitor writer = { write_header, write_body, write_frame };

bool
downgrade(struct source *in, struct source *out, bool *changed, struct outcome *o)
{
	struct work w = { .out = out };
	bool sound, ok;

	buf_init(&w.piece, PIECE_MAX);
	ok = mime_walk(in, &finder, &w, &sound, o);
	*changed = ok && w.is_mime && sound;
	if (*changed)
		ok = mime_walk(in, &writer, &w, &sound, o) && source_seal(out, o);
	out->header_is_8bit = in->header_is_8bit;
	free(w.needs);
	buf_free(&w.piece);
	return ok;
}
