/* SPDX-License-Identifier: ISC */
#include "mail/rewrite.h"

#include <string.h>

#include "mail/address.h"
#include "mail/sender.h"
#include "mail/word.h"

#define SHOWN_MAX 100 /* bytes of an odd From that are shown */

static bool
is_one_of(const char *list, const char *spec)
{
	return list != NULL && sender_matches(list, spec);
}

bool
rewrite_wanted(const struct rewrite *r, const char *spec)
{
	if (r->when == REWRITE_OFF || *spec == '\0' || is_one_of(r->from, spec) ||
	    is_one_of(r->own, spec) || is_one_of(r->allow, spec))
		return false;
	return r->when == REWRITE_ALWAYS || local_kind(r->local, spec) == LOCAL_HERE;
}

/* The authors of the mail, from all its From fields. */
struct authors {
	struct buf text; /* what the fields say */
	struct address_list list;
	bool readable;
	bool clear; /* it is one author, who can be judged */
};

static void
read_authors(const struct header *h, struct authors *a)
{
	struct outcome ignored;
	size_t fields = 0;
	struct span text;

	*a = (struct authors){ .clear = false };
	buf_init(&a->text, HEADER_MAX);
	for (size_t i = 0; header_find(h, "From", &i); i++) {
		struct span body = span_trim(field_body(h, &h->v[i]));

		if (body.n == 0)
			continue;
		buf_puts(&a->text, fields++ > 0 ? ",\n " : "");
		buf_add_span(&a->text, body);
	}
	text = buf_span(&a->text);
	a->readable = address_list_parse(&a->list, text, &ignored) && a->list.n > 0;
	a->clear = a->readable && a->list.n == 1 && *a->list.v[0].spec != '\0' &&
		   address_find(text, ":;") == text.n; /* no group */
}

static void
free_authors(struct authors *a)
{
	buf_free(&a->text);
	address_list_free(&a->list);
}

/* The inside of the comment that begins at `s`, without its quoting. */
static void
add_comment(struct span s, struct buf *out)
{
	int depth = 1;

	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n)
			i++;
		else if (s.p[i] == '(' || s.p[i] == ')')
			depth += s.p[i] == '(' ? 1 : -1;
		if (depth == 0)
			return;
		buf_addc(out, is_control(s.p[i]) ? ' ' : s.p[i]);
	}
}

/* "root (Cron Daemon)": the name as a comment, as it was written before there were
 * others.
 */
static void
comment_name(struct span text, struct buf *name)
{
	bool quoted = false;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\\' && quoted)
			i++;
		else if (text.p[i] == '"')
			quoted = !quoted;
		else if (text.p[i] == '(' && !quoted) {
			add_comment(span_bytes(text.p + i, text.n - i), name);
			return;
		}
	}
}

/* Encoded words (RFC 2047) stay what they are, each on a line of its own: in quotes they
 * would show as they stand. */
static void
add_encoded_words(struct span name, struct buf *out)
{
	struct span word;
	size_t n = 0;

	while (span_cut(&name, ' ', &word))
		if (word.n > 0)
			buf_printf(
			    out, "%s%.*s", n++ > 0 ? "\n " : "", (int)word.n, word.p);
}

static bool
has_encoded_words(const char *name)
{
	const char *start = strstr(name, "=?");

	return start != NULL && strstr(start, "?=") != NULL &&
	       strpbrk(name, "()<>[]:;@\\,\"\t") == NULL && !span_has_8bit(span_of(name));
}

static void
add_author(const struct authors *a, const char *from, struct buf *out)
{
	struct buf name;

	buf_init(&name, HEADER_MAX);
	if (a->clear && a->list.v[0].name != NULL)
		buf_puts(&name, a->list.v[0].name);
	else if (a->clear)
		comment_name(buf_span(&a->text), &name);
	buf_puts(out, "From: ");
	if (has_encoded_words(name.data))
		add_encoded_words(buf_span(&name), out);
	else if (span_trim(buf_span(&name)).n > 0)
		word_add_name(out, span_trim(buf_span(&name)));
	else
		buf_clear(&name);
	buf_printf(out, name.len > 0 ? " <%s>\n" : "%s\n", from);
	buf_free(&name);
}

/* Whether an answer to the old address would arrive at all its authors. */
static bool
can_receive(const struct authors *a, const struct rewrite *r)
{
	bool all = a->readable;

	for (size_t i = 0; i < a->list.n; i++)
		all &= *a->list.v[i].spec != '\0' &&
		       local_kind(r->local, a->list.v[i].spec) != LOCAL_HERE;
	return all;
}

/* Whether all authors are such as may stay. */
static bool
may_stay(const struct authors *a, const struct rewrite *r)
{
	bool all = a->readable;

	for (size_t i = 0; i < a->list.n; i++)
		all &=
		    *a->list.v[i].spec != '\0' && !rewrite_wanted(r, a->list.v[i].spec);
	return all;
}

static void
add_words(const struct authors *a, bool replaced, struct buf *odd)
{
	struct span text = buf_span(&a->text);

	buf_puts(odd, "its From header isn't one address, and ");
	buf_puts(odd, replaced ? "was replaced: " : "stays as it is: ");
	for (size_t i = 0; i < text.n && i < SHOWN_MAX; i++)
		buf_addc(odd, text.p[i] == '\n' ? ' ' : text.p[i]);
}

static bool
has_to_go(const struct authors *a, const struct rewrite *r, struct buf *odd)
{
	bool go = a->clear || r->when == REWRITE_ALWAYS;

	if (may_stay(a, r))
		return false;
	if (!a->clear)
		add_words(a, go, odd);
	return go;
}

bool
rewrite_header(
    struct header *h, const struct rewrite *r, struct buf *added, struct buf *odd)
{
	struct authors a;
	bool go;

	if (r->when == REWRITE_OFF || !header_has(h, "From"))
		return false;
	read_authors(h, &a);
	go = has_to_go(&a, r, odd);
	if (go) {
		header_remove(h, "From");
		add_author(&a, r->from, added);
		buf_printf(added, "X-Original-From: %s\n", a.text.data);
		if (can_receive(&a, r) && !header_has(h, "Reply-To")) {
			header_remove(h, "Reply-To");
			buf_printf(added, "Reply-To: %s\n", a.text.data);
		}
	}
	free_authors(&a);
	return go;
}
