/* SPDX-License-Identifier: ISC
 *
 * mailbox.c - the list is taken to pieces; each is told what it is; then all are written
 * again, most of them as they were.
 */
#include "mail/mailbox.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mail/address.h"
#include "mail/word.h"

enum kind { KIND_BLANKS, KIND_WORD, KIND_QUOTED, KIND_COMMENT, KIND_SPECIAL };

struct piece {
	enum kind kind;
	struct span text;
	bool is_name; /* a word of a name */
	bool is_bare; /* the last word of a local name: a domain belongs behind it */
};

struct pieces {
	struct piece *v;
	size_t n;
};

static bool
is_folding(char c)
{
	return is_blank(c) || c == '\n';
}

static bool
is_word_char(char c)
{
	return !is_folding(c) && strchr("()<>[]:;@\\,\"", c) == NULL;
}

/* The length of what begins at an opening mark and ends with its closing one. */
static size_t
enclosed(struct span s)
{
	int depth = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\' && s.p[0] != '[')
			i++;
		else if (s.p[0] == '(')
			depth += c == '(' ? 1 : c == ')' ? -1 : 0;
		else if (s.p[0] == '"')
			depth = i == 0 || c != '"';
		else
			depth = c != ']';
		if (depth == 0)
			return i < s.n ? i + 1 : s.n;
	}
	return s.n;
}

static struct piece
first_piece(struct span s)
{
	struct piece p = { .kind = KIND_SPECIAL, .text = { s.p, 1 } };

	if (is_folding(s.p[0])) {
		p.kind = KIND_BLANKS;
		while (p.text.n < s.n && is_folding(s.p[p.text.n]))
			p.text.n++;
	} else if (is_word_char(s.p[0])) {
		p.kind = KIND_WORD;
		while (p.text.n < s.n && is_word_char(s.p[p.text.n]))
			p.text.n++;
	} else if (strchr("([\"", s.p[0]) != NULL) {
		p.kind = s.p[0] == '('   ? KIND_COMMENT
			 : s.p[0] == '"' ? KIND_QUOTED
					 : KIND_SPECIAL;
		p.text.n = enclosed(s);
	}
	return p;
}

static void
take_apart(struct pieces *all, struct span text)
{
	while (text.n > 0) {
		struct piece p = first_piece(text);

		all->v = mem_room(all->v, all->n, sizeof *all->v);
		all->v[all->n++] = p;
		text = span_bytes(text.p + p.text.n, text.n - p.text.n);
	}
}

static bool
is_special(const struct piece *p, char c)
{
	return p->kind == KIND_SPECIAL && p->text.p[0] == c;
}

static bool
is_word(const struct piece *p)
{
	return p->kind == KIND_WORD || p->kind == KIND_QUOTED;
}

static void
mark_name(struct pieces *all, size_t from, size_t to)
{
	for (; from < to; from++)
		all->v[from].is_name = is_word(&all->v[from]);
}

/* An address without '@'. */
static void
mark_bare(struct pieces *all, size_t from, size_t to)
{
	struct piece *last = NULL;

	for (; from < to; from++) {
		struct piece *p = &all->v[from];

		if (is_special(p, '@') || (is_word(p) && span_has_8bit(p->text)))
			return;
		if (is_word(p))
			last = p;
	}
	if (last != NULL)
		last->is_bare = true;
}

/* Tells each word what it is. */
static void
mark(struct pieces *all)
{
	bool angle = false, seen = false; /* inside of "<...>"; the element had one */
	size_t start = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct piece *p = &all->v[i];
		bool opens = is_special(p, '<'), closes = angle && is_special(p, '>');
		bool group = !angle && is_special(p, ':');
		bool ends = !angle && (is_special(p, ',') || is_special(p, ';'));

		if (opens || group)
			mark_name(all, start, i);
		if (closes || (ends && !seen))
			mark_bare(all, start, i);
		angle = (angle || opens) && !closes;
		seen = (seen || opens) && !ends;
		if (opens || closes || group || ends)
			start = i + 1;
	}
	if (!seen)
		mark_bare(all, start, all->n);
}

static bool
has_long_word(struct span s, size_t longest)
{
	for (size_t i = 0, n = 0; i < s.n; i++) {
		n = is_folding(s.p[i]) ? 0 : n + 1;
		if (n > longest)
			return true;
	}
	return false;
}

static bool
is_to_encode(const struct piece *p, const struct mailbox_repair *r)
{
	return r->encode && (p->is_name || p->kind == KIND_COMMENT) &&
	       (span_has_8bit(p->text) || has_long_word(p->text, r->longest));
}

/* Text without its quoting and folding. */
static void
add_unquoted(struct buf *out, struct span s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		if (s.p[i] != '\n')
			buf_addc(out, s.p[i]);
	}
}

static void
write_text(struct words *w, struct span s)
{
	struct buf text;

	buf_init(&text, s.n);
	add_unquoted(&text, s);
	words_text(w, buf_span(&text));
	buf_free(&text);
}

static size_t
comment_word_length(struct span s)
{
	size_t n = 0;

	while (n < s.n && !is_folding(s.p[n]) && s.p[n] != '(' && s.p[n] != ')')
		n += s.p[n] == '\\' && n + 1 < s.n ? 2 : 1;
	return n;
}

static void
write_comment(struct words *w, struct span s, const struct mailbox_repair *r)
{
	while (s.n > 0) {
		struct span part = span_bytes(s.p, 1);

		if (is_folding(s.p[0])) {
			words_blanks(w, part);
		} else if (s.p[0] == '(' || s.p[0] == ')') {
			words_plain(w, part, s.p[0] == '(' ? APART_LEFT : APART_RIGHT);
		} else {
			part.n = comment_word_length(s);
			if (span_has_8bit(part) || part.n > r->longest)
				write_text(w, part);
			else
				words_plain(w, part, APART_BOTH);
		}
		s = span_bytes(s.p + part.n, s.n - part.n);
	}
}

static void
write_piece(struct words *w, const struct piece *p, struct mailbox_repair *r)
{
	bool encode = is_to_encode(p, r);

	r->encoded |= encode;
	if (p->kind == KIND_BLANKS)
		words_blanks(w, p->text);
	else if (encode && p->kind == KIND_COMMENT)
		write_comment(w, p->text, r);
	else if (encode && p->kind == KIND_QUOTED)
		write_text(w, span_bytes(p->text.p + 1, p->text.n - 2));
	else if (encode)
		words_text(w, p->text);
	else
		words_plain(w, p->text, APART_BOTH);
	if (!p->is_bare || r->domain == NULL)
		return;
	words_plain(w, span_of("@"), APART_BOTH);
	words_plain(w, span_of(r->domain), APART_BOTH);
	r->qualified = true;
}

static bool
is_readable(struct span text)
{
	struct address_list list = { 0 };
	struct outcome ignored;
	bool ok = address_list_parse(&list, text, &ignored);

	address_list_free(&list);
	return ok;
}

bool
mailbox_repair(struct buf *out, struct span text, size_t column, struct mailbox_repair *r)
{
	struct pieces all = { 0 };
	struct words w;
	bool wanted = false;

	r->encoded = r->qualified = false;
	if (!is_readable(text))
		return false;
	take_apart(&all, text);
	mark(&all);
	for (size_t i = 0; i < all.n; i++)
		wanted |=
		    is_to_encode(&all.v[i], r) || (all.v[i].is_bare && r->domain != NULL);
	words_begin(&w, out, column);
	for (size_t i = 0; wanted && i < all.n; i++)
		write_piece(&w, &all.v[i], r);
	words_end(&w);
	free(all.v);
	return wanted;
}
