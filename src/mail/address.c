/* SPDX-License-Identifier: ISC */
#include "mail/address_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

#define SHOWN_MAX 120 /* bytes of a bad address that are shown */

/* The text still to be read, and what has been read of the present mailbox. */
struct scan {
	struct span left;
	const char *element; /* where the present element of the list begins */
	struct buf local;    /* words and dots, unquoted, run together */
	struct buf name;     /* the same words with blanks between them */
	struct buf domain;
	bool has_word;
	bool has_gap;  /* blanks or a comment stand before what is left */
	bool joins;    /* the last of them was a dot outside of quotes */
	bool is_local; /* they can be a local part: a dot between each two */
	bool has_domain;
	bool in_group;
};

static char
peek(const struct scan *s)
{
	return s->left.n > 0 ? s->left.p[0] : '\0';
}

static void
advance(struct scan *s)
{
	s->left.p++;
	s->left.n--;
}

static bool
take(struct scan *s, char c)
{
	if (s->left.n == 0 || s->left.p[0] != c)
		return false;
	advance(s);
	return true;
}

static bool
is_folding(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

/* A comment, which may hold others; at its '('. False where it doesn't end. */
static bool
skip_comment(struct scan *s)
{
	int depth = 0;

	do {
		char c = peek(s);

		if (c == '\\' && s->left.n > 1)
			advance(s);
		else if (c == '(')
			depth++;
		else if (c == ')')
			depth--;
		c = peek(s);
		if (s->left.n == 0 || (is_control(c) && !is_folding(c)))
			return false;
		advance(s);
	} while (depth > 0);
	return true;
}

/* Comments and folding white space: CFWS. */
static bool
skip_blanks(struct scan *s)
{
	for (s->has_gap = false;; s->has_gap = true) {
		if (s->left.n > 0 && is_folding(peek(s)))
			advance(s);
		else if (peek(s) != '(')
			return true;
		else if (!skip_comment(s))
			return false;
	}
}

/* The inside of a quoted string, at its first '"', goes to `out` without quoting. */
static bool
quoted_string(struct scan *s, struct buf *out)
{
	advance(s);
	while (s->left.n > 0) {
		char c = peek(s);

		advance(s);
		if (c == '"')
			return true;
		if (c == '\\' && s->left.n > 0) {
			c = peek(s);
			advance(s);
		}
		if (c == '\r' || c == '\n')
			continue;
		if (is_control(c) && c != '\t')
			return false;
		buf_addc(out, c);
	}
	return false;
}

/* RFC 5322, 3.2.3, but the dots can stand anywhere: is the last character one? */
static bool
dot_atom(struct scan *s, struct buf *out)
{
	size_t start = out->len;

	while (s->left.n > 0 && is_dot_atom_char(peek(s))) {
		buf_addc(out, peek(s));
		advance(s);
	}
	return out->len > start && out->data[out->len - 1] == '.';
}

static void
add_gap(struct scan *s)
{
	if (s->name.len > 0 && s->has_gap)
		buf_addc(&s->name, ' ');
}

/* An atom, a run of atoms and dots, or a quoted string. Two of them can only be one local
 * part where a dot stands between. */
static bool
word(struct scan *s)
{
	size_t start;

	if (s->has_word && !s->joins && peek(s) != '.')
		s->is_local = false;
	s->has_word = true;
	s->joins = false;
	add_gap(s);
	start = s->name.len;
	if (peek(s) != '"')
		s->joins = dot_atom(s, &s->name);
	else if (!quoted_string(s, &s->name))
		return false;
	buf_add(&s->local, s->name.data + start, s->name.len - start);
	return true;
}

/* Words up to the first character that can't be in one. */
static bool
words(struct scan *s)
{
	for (;;) {
		if (!skip_blanks(s))
			return false;
		if (s->left.n == 0 || !(peek(s) == '"' || is_dot_atom_char(peek(s))))
			return true;
		if (!word(s))
			return false;
	}
}

/* What many write into a name without quotes: "Joe [ops] <a@b>". It is a name then, and
 * can't be a local part. */
static bool
loose_words(struct scan *s)
{
	while (peek(s) == '[' || peek(s) == ']' || peek(s) == '\\') {
		take(s, '\\');
		if (s->left.n == 0 || is_control(peek(s)))
			return false;
		add_gap(s);
		buf_addc(&s->name, peek(s));
		advance(s);
		s->has_word = true;
		s->is_local = false;
		if (!words(s))
			return false;
	}
	return true;
}

/* RFC 5322, 3.4.1: "[" text "]"; blanks inside are dropped. */
static bool
domain_literal(struct scan *s)
{
	do {
		char c = peek(s);

		if (s->left.n == 0 || (is_control(c) && !is_folding(c)) || c == '\\')
			return false;
		if (!is_folding(c))
			buf_addc(&s->domain, c);
		advance(s);
	} while (s->domain.data[s->domain.len - 1] != ']');
	return s->domain.len > 2 && strchr(s->domain.data + 1, '[') == NULL;
}

/* What follows the '@': a literal, or atoms with dots, around which blanks may stand. */
static bool
domain(struct scan *s)
{
	bool joins;

	s->has_domain = true;
	if (!skip_blanks(s))
		return false;
	if (peek(s) == '[')
		return domain_literal(s) && skip_blanks(s);
	do {
		joins = dot_atom(s, &s->domain);
		if (!skip_blanks(s))
			return false;
	} while (peek(s) == '.' || (joins && is_atext(peek(s))));
	return s->domain.len > 0 && s->domain.data[0] != '.' &&
	       strstr(s->domain.data, "..") == NULL;
}

/* The source route of an obsolete path: "@a,@b:". */
static bool
skip_route(struct scan *s)
{
	while (take(s, '@') || take(s, ',')) {
		if (!skip_blanks(s) || (peek(s) != '@' && peek(s) != ',' && !domain(s)))
			return false;
		buf_clear(&s->domain);
		s->has_domain = false;
	}
	return take(s, ':');
}

static void
forget_words(struct scan *s)
{
	buf_clear(&s->local);
	s->has_word = false;
	s->joins = false;
	s->is_local = true;
}

/* At the '<': what was read before is the name; what follows up to '>' is the address. */
static bool
angle_address(struct scan *s)
{
	size_t name_end = s->name.len;

	advance(s);
	forget_words(s);
	buf_clear(&s->domain);
	s->has_domain = false;
	if (!skip_blanks(s) || (peek(s) == '@' && !skip_route(s)) || !words(s))
		return false;
	buf_truncate(&s->name, name_end);
	if (take(s, '@') && (!s->has_word || !domain(s)))
		return false;
	return s->is_local && take(s, '>') && skip_blanks(s);
}

static void
append(struct address_list *list, struct address a)
{
	list->v = mem_room(list->v, list->n, sizeof *list->v);
	list->v[list->n++] = a;
}

/* Puts what was read of one mailbox into the list. */
static bool
finish(struct scan *s, struct address_list *list, bool angle)
{
	struct buf spec;

	if (!angle && !s->has_word && !s->has_domain)
		return true; /* an empty element */
	if (!s->is_local || (s->has_domain && !s->has_word) ||
	    span_has_control(buf_span(&s->local)))
		return false;
	buf_init(&spec, ADDRESS_MAX);
	if (s->has_word)
		address_add_local(&spec, buf_span(&s->local));
	if (s->has_domain) {
		buf_addc(&spec, '@');
		buf_add_span(&spec, buf_span(&s->domain));
	}
	if (!buf_ok(&spec) || !buf_ok(&s->local) || !buf_ok(&s->domain) ||
	    !is_utf8(buf_span(&spec))) {
		buf_free(&spec);
		return false;
	}
	append(list, (struct address){
			 .spec = buf_take(&spec),
			 .name = angle && s->name.len > 0 ? mem_dup(s->name.data) : NULL,
		     });
	return true;
}

static bool
ends_element(const struct scan *s)
{
	return s->left.n == 0 || peek(s) == ',' || peek(s) == ';';
}

/* One element of the list: a mailbox, nothing, or the head of a group with its first. */
static bool
element(struct scan *s, struct address_list *list)
{
	bool angle = false;

	forget_words(s);
	buf_clear(&s->name);
	buf_clear(&s->domain);
	s->has_domain = false;
	s->element = s->left.p;
	if (!words(s) || !loose_words(s))
		return false;
	if (peek(s) == ':' && s->has_word && !s->in_group) {
		advance(s);
		s->in_group = true;
		return true;
	}
	if (take(s, '@') && !domain(s))
		return false;
	if (peek(s) == '<') {
		if (s->has_domain) /* "a@b <a@b>": the first is a name */
			buf_printf(&s->name, "@%s", s->domain.data);
		angle = angle_address(s);
		if (!angle)
			return false;
	}
	if (!ends_element(s) || !finish(s, list, angle))
		return false;
	if (peek(s) == ';')
		s->in_group = false;
	if (s->left.n > 0)
		advance(s);
	return true;
}

/* Up to the next separator, for the person who has to find it. */
static struct span
culprit(const struct scan *s)
{
	const char *end = s->left.p;
	const char *last = s->left.p + s->left.n;

	while (end < last && *end != ',' && *end != ';')
		end++;
	return span_trim(span_bytes(s->element, (size_t)(end - s->element)));
}

bool
address_list_parse(struct address_list *list, struct span text, struct outcome *o)
{
	struct scan s = { .left = text };
	bool ok = true;

	buf_init(&s.local, ADDRESS_MAX);
	buf_init(&s.name, text.n + ADDRESS_MAX);
	buf_init(&s.domain, ADDRESS_MAX);
	while (ok && s.left.n > 0)
		ok = element(&s, list);
	if (!ok) {
		struct span bad = culprit(&s);

		(void)outcome_fail(o, CAUSE_ADDRESS, "\"%.*s\" is not a mail address",
		    span_shown(bad, SHOWN_MAX), bad.p);
	}
	buf_free(&s.local);
	buf_free(&s.name);
	buf_free(&s.domain);
	return ok;
}

void
address_list_free(struct address_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		address_free(&list->v[i]);
	free(list->v);
	*list = (struct address_list){ 0 };
}

bool
address_parse(struct address *a, struct span text, struct outcome *o)
{
	struct address_list list = { 0 };
	bool ok = address_list_parse(&list, text, o);

	if (ok && list.n > 1)
		ok = outcome_fail(o, CAUSE_ADDRESS, "\"%.*s\" is more than one address",
		    span_shown(text, SHOWN_MAX), text.p);
	if (ok && list.n == 1) {
		*a = list.v[0];
		list.n = 0;
	} else if (ok) {
		*a = (struct address){ .spec = mem_dup("") };
	}
	address_list_free(&list);
	return ok;
}

void
address_free(struct address *a)
{
	free(a->spec);
	free(a->name);
	*a = (struct address){ 0 };
}
