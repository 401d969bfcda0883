/* SPDX-License-Identifier: ISC */
#include "mail/repair.h"

#include <stdint.h>
#include <string.h>

#include "mail/field.h"
#include "mail/fold.h"
#include "mail/mailbox.h"
#include "mail/mime.h"
#include "mail/value.h"
#include "mail/word.h"

#define CHARSET_MAX 64 /* bytes of the name of one */
#define SHOWN_MAX 60   /* bytes of a name that are shown */
#define WORD_LONG 900  /* bytes of a word that is encoded where a line is too long */

bool
repair_is_body(const struct header *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (field_kind(field_name(h, &h->v[i])) != FIELD_UNKNOWN)
			return false;
	return h->n > 0 && !h->ended;
}

bool
repair_header_is_signed(const struct header *h)
{
	return header_has(h, "DKIM-Signature");
}

/* Its value's first token; empty where there is no such field. */
static struct span
token_of(const struct header *h, const char *name)
{
	size_t i = 0;

	return header_find(h, name, &i) ? value_token(field_body(h, &h->v[i]))
					: span_of("");
}

bool
repair_body_is_signed(const struct header *h)
{
	return repair_header_is_signed(h) ||
	       span_is_nocase(token_of(h, "Content-Type"), "multipart/signed");
}

/* A field on its way: first its text is repaired, then its lines are folded. */
struct work {
	struct span name;
	struct span body; /* without the last line end */
	enum field_kind kind;
	size_t longest; /* words beyond this length are encoded */
	struct buf text;
};

static bool
is_folding(char c)
{
	return is_blank(c) || c == '\n';
}

/* The part of the text up to the first character that is, or isn't, a blank. */
static struct span
run_of(struct span s, bool blanks)
{
	size_t n = 0;

	while (n < s.n && is_folding(s.p[n]) == blanks)
		n++;
	return span_bytes(s.p, n);
}

static bool
is_to_encode(struct span word, size_t longest)
{
	return span_has_8bit(word) || (word.n > longest && !word_is_encoded(word));
}

static bool
encode_text(struct buf *out, struct span body, size_t column, size_t longest)
{
	bool encoded = false;
	struct words w;

	words_begin(&w, out, column);
	while (body.n > 0) {
		bool blanks = is_folding(body.p[0]);
		struct span part = run_of(body, blanks);

		if (blanks) {
			words_blanks(&w, part);
		} else if (is_to_encode(part, longest)) {
			words_text(&w, part);
			encoded = true;
		} else {
			words_plain(&w, part, APART_BOTH);
		}
		body = span_bytes(body.p + part.n, body.n - part.n);
	}
	words_end(&w);
	return encoded;
}

/* Puts the new body behind the old name into w->text; false where the old one stays. */
static bool
rewrite_text(struct work *w, size_t column, struct repairs *r)
{
	bool encode = (r->wanted & REPAIR_HEADERS) != 0;
	struct mailbox_repair m = { encode, w->longest,
		(r->wanted & REPAIR_ADDRESSES) != 0 ? r->domain : NULL, false, false };
	bool changed = false;

	if (w->kind == FIELD_ADDRESSES)
		changed = mailbox_repair(&w->text, w->body, column, &m);
	else if (encode && (w->kind == FIELD_TEXT || w->kind == FIELD_UNKNOWN))
		changed = m.encoded = encode_text(&w->text, w->body, column, w->longest);
	r->done |=
	    (m.encoded ? REPAIRED_TEXT : 0) | (m.qualified ? REPAIRED_ADDRESSES : 0);
	return changed;
}

static bool
add_folded(struct buf *out, const struct work *w, struct span field, struct outcome *o)
{
	size_t longest = 0;

	if (fold_field(out, field, w->kind, &longest))
		return true;
	return outcome_fail(o, CAUSE_MESSAGE,
	    "its header %.*s has a line of %zu bytes that can't be folded: a line has "
	    "%d at most",
	    span_shown(w->name, SHOWN_MAX), w->name.p, longest, LINE_LIMIT);
}

/* `field` ends with its line end. */
static bool
add_repaired(struct buf *out, struct work *w, struct span field, struct repairs *r,
    struct outcome *o)
{
	bool too_long = (r->wanted & REPAIR_HEADERS) != 0 && fold_is_needed(field);
	size_t head = (size_t)(w->body.p - field.p);

	w->longest = too_long ? WORD_LONG : SIZE_MAX;
	buf_add(&w->text, field.p, head);
	if (!r->is_signed && rewrite_text(w, head, r)) {
		buf_addc(&w->text, '\n');
		field = buf_span(&w->text);
	}
	if (!too_long || !buf_ok(&w->text)) {
		buf_add_span(out, field);
		return true;
	}
	r->done |= REPAIRED_LONG_HEADERS;
	return add_folded(out, w, field, o);
}

bool
repair_fields(struct buf *out, const struct header *h, size_t from, size_t to,
    struct repairs *r, struct outcome *o)
{
	struct work w;
	bool ok = true;

	buf_init(&w.text, out->max);
	for (size_t i = from; ok && i < to; i++) {
		const struct field *f = &h->v[i];
		struct span field = span_bytes(h->text.data + f->start, f->len);

		if (f->removed)
			continue;
		w.name = field_name(h, f);
		w.kind = field_kind(w.name);
		w.body = field_body(h, f);
		w.body.n--;
		buf_clear(&w.text);
		ok = add_repaired(out, &w, field, r, o);
		if (!buf_ok(&w.text))
			out->overflow = true;
	}
	buf_free(&w.text);
	return ok;
}

static const char *
charset_for(const struct body_facts *body)
{
	if (!body->is_8bit)
		return "us-ascii";
	return body->is_utf8 ? "utf-8" : "unknown-8bit"; /* RFC 1428, 3 */
}

/* Whether there is such a field, but nothing to be read in it. */
static bool
is_odd(const struct header *h, const char *name)
{
	size_t i = 0;

	return header_find(h, name, &i) && token_of(h, name).n == 0;
}

/* "ANSI_X3.4-1968" is what the C library calls it where no locale is set. Other
 * parameters, such as format=flowed, come from programs that know what they write. */
static bool
is_plain_ascii(struct span type)
{
	static const char *const names[] = { "us-ascii", "ascii", "ANSI_X3.4-1968" };
	struct buf charset;
	bool is = false;

	buf_init(&charset, CHARSET_MAX);
	if (span_is_nocase(value_token(type), "text/plain") &&
	    memchr(type.p, ';', type.n) == memrchr(type.p, ';', type.n) &&
	    value_parameter(type, "charset", &charset) == VALUE_FOUND)
		for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
			is |= span_is_nocase(buf_span(&charset), names[i]);
	buf_free(&charset);
	return is;
}

static void
cut_out(struct buf *b, size_t start, size_t n)
{
	struct buf rest;

	buf_init(&rest, b->max);
	buf_add(&rest, b->data + start + n, b->len - start - n);
	buf_truncate(b, start);
	buf_add_span(b, buf_span(&rest));
	buf_free(&rest);
}

void
repair_drop_label(struct header *h, struct buf *block, const struct body_facts *body)
{
	struct span encoding = token_of(h, "Content-Transfer-Encoding");
	struct header sent;
	size_t i = 0;

	if (!body->is_8bit || (encoding.n > 0 && !mime_is_identity(encoding)) ||
	    !header_find(h, "Content-Type", &i) ||
	    !is_plain_ascii(field_body(h, &h->v[i])))
		return;
	header_init(&sent);
	sent.text.max = block->max;
	header_parse(&sent, buf_span(block));
	i = 0;
	if (header_find(&sent, "Content-Type", &i)) {
		cut_out(block, sent.v[i].start, sent.v[i].len);
		header_remove(h, "Content-Type");
	}
	header_free(&sent);
}

bool
repair_label(struct buf *out, const struct header *h, const struct body_facts *body)
{
	struct span type = token_of(h, "Content-Type");
	struct span encoding = token_of(h, "Content-Transfer-Encoding");
	size_t before = out->len, i = 0;

	if ((!body->is_8bit && !body->is_long) ||
	    (encoding.n > 0 && !mime_is_identity(encoding)) ||
	    (type.n > 0 && memchr(type.p, '/', type.n) == NULL) ||
	    span_starts_nocase(type, "message/") || is_odd(h, "Content-Type") ||
	    is_odd(h, "Content-Transfer-Encoding"))
		return false;
	if (!header_find(h, "MIME-Version", &i))
		buf_puts(out, "MIME-Version: 1.0\n");
	if (type.n == 0)
		buf_printf(
		    out, "Content-Type: text/plain; charset=%s\n", charset_for(body));
	if (encoding.n == 0 && body->is_8bit)
		buf_puts(out, "Content-Transfer-Encoding: 8bit\n");
	return out->len > before;
}
