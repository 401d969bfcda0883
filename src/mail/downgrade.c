/* SPDX-License-Identifier: ISC
 *
 * downgrade.c - two walks: what a part's header says depends on its body, which comes
 * later. The first finds the parts that need it; the second writes.
 */
#include "mail/downgrade.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mail/mime.h"
#include "mail/quoted.h"

#define PIECE_MAX (64 * 1024) /* of a line's part, encoded */

struct work {
	struct source *out;
	bool *needs; /* whether part i has bytes above 0x7f */
	size_t parts;
	bool is_mime;
	struct quoted quoted;
	bool encoding; /* the present body */
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
	w->parts = i + 1;
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

	for (size_t i = 0; i < all.n; i++)
		if (all.p[i] == '\n')
			w->out->lines++;
	return source_write(w->out, all, o);
}

static void
add_fields(struct buf *out, const struct header *h)
{
	for (size_t i = 0; i < h->n; i++) {
		struct span lines = span_bytes(h->text.data + h->v[i].start, h->v[i].len),
			    line;

		while (!h->v[i].removed && span_cut(&lines, '\n', &line)) {
			buf_add_span(out, line);
			buf_puts(out, "\r\n");
		}
	}
}

/* Base64 and quoted-printable are 7 bits already, whatever their bytes are. */
static bool
is_encoded(const struct header *h)
{
	size_t i = 0;
	struct span value;

	if (!header_find(h, "Content-Transfer-Encoding", &i))
		return false;
	value = span_trim(field_body(h, &h->v[i]));
	return span_is_nocase(value, "base64") ||
	       span_is_nocase(value, "quoted-printable");
}

static bool
write_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	struct work *w = arg;

	w->encoding = kind == MIME_LEAF && w->needs[i] && !is_encoded(h);
	if (!is_encoded(h) || w->encoding)
		header_remove(
		    h, "Content-Transfer-Encoding"); /* 7bit goes without saying */
	buf_init(&w->piece, HEADER_MAX * 2);
	add_fields(&w->piece, h);
	if (w->encoding)
		buf_puts(&w->piece, "Content-Transfer-Encoding: quoted-printable\r\n");
	if (ended)
		buf_puts(&w->piece, "\r\n");
	if (!write_piece(w, o))
		return false;
	buf_free(&w->piece);
	buf_init(&w->piece, PIECE_MAX);
	return true;
}

static bool
write_body(void *arg, size_t i, struct span part, bool ends, struct outcome *o)
{
	struct work *w = arg;

	(void)i;
	buf_clear(&w->piece);
	if (w->encoding) {
		quoted_encode(&w->quoted, &w->piece, part, ends);
	} else {
		buf_add_span(&w->piece, part);
		buf_puts(&w->piece, ends ? "\r\n" : "");
	}
	return write_piece(w, o);
}

static bool
write_frame(void *arg, struct span part, bool ends, struct outcome *o)
{
	struct work *w = arg;

	buf_clear(&w->piece);
	for (size_t i = 0; i < part.n; i++)
		buf_addc(&w->piece, is_8bit(part.p[i]) ? '?' : part.p[i]);
	buf_puts(&w->piece, ends ? "\r\n" : "");
	return write_piece(w, o);
}

static const struct mime_visitor writer = { write_header, write_body, write_frame };

bool
downgrade(struct source *in, struct source *out, bool *changed, struct outcome *o)
{
	struct work w = { .out = out };
	bool ok;

	buf_init(&w.piece, PIECE_MAX);
	ok = mime_walk(in, &finder, &w, o);
	*changed = w.is_mime;
	if (ok && w.is_mime)
		ok = mime_walk(in, &writer, &w, o) && source_seal(out, o);
	out->header_is_8bit = in->header_is_8bit;
	free(w.needs);
	buf_free(&w.piece);
	return ok;
}
