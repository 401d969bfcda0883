/* SPDX-License-Identifier: ISC */
#include "mail/value.h"

#include <string.h>

static void
advance(struct span *s)
{
	s->p++;
	s->n--;
}

/* Any but blanks, controls and the specials of RFC 2045; the '/' counts as part of a
 * type. */
static bool
is_token_char(char c)
{
	return c > ' ' && c != 0x7f && strchr("()<>@,;:\\\"[]?=", c) == NULL;
}

/* Blanks, folding and comments, which may stand between any two parts. */
static void
skip_blanks(struct span *s)
{
	int depth = 0;

	while (s->n > 0) {
		char c = s->p[0];

		if (c == '(')
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (c == '\\' && depth > 0 && s->n > 1)
			advance(s);
		else if (depth == 0 && !is_blank(c) && c != '\n')
			return;
		advance(s);
	}
}

static struct span
take_token(struct span *s)
{
	struct span token = { s->p, 0 };

	while (s->n > 0 && is_token_char(s->p[0])) {
		token.n++;
		advance(s);
	}
	return token;
}

struct span
value_token(struct span value)
{
	skip_blanks(&value);
	return take_token(&value);
}

/* A quoted string goes to `out` without its quoting. */
static void
take_quoted(struct span *s, struct buf *out)
{
	advance(s);
	while (s->n > 0 && s->p[0] != '"') {
		if (s->p[0] == '\\' && s->n > 1)
			advance(s);
		if (s->p[0] != '\n')
			buf_addc(out, s->p[0]);
		advance(s);
	}
	if (s->n > 0)
		advance(s);
}

/* Behind the '='. */
static void
take_value(struct span *s, struct buf *out)
{
	skip_blanks(s);
	if (s->n > 0 && s->p[0] == '"')
		take_quoted(s, out);
	else
		buf_add_span(out, take_token(s));
}

/* Goes on behind the next ';' that isn't inside quotes or a comment. */
static bool
next_parameter(struct span *s)
{
	struct buf ignored;

	buf_init(&ignored, 0);
	for (skip_blanks(s); s->n > 0 && s->p[0] != ';'; skip_blanks(s))
		if (s->p[0] == '"')
			take_quoted(s, &ignored);
		else
			advance(s);
	if (s->n == 0)
		return false;
	advance(s);
	skip_blanks(s);
	return true;
}

enum value_found
value_parameter(struct span value, const char *name, struct buf *out)
{
	size_t n = strlen(name);

	while (next_parameter(&value)) {
		struct span token = take_token(&value);

		if (span_starts_nocase(token, name) && token.n > n && token.p[n] == '*')
			return VALUE_ODD;
		skip_blanks(&value);
		if (value.n == 0 || value.p[0] != '=' || !span_is_nocase(token, name))
			continue;
		advance(&value);
		take_value(&value, out);
		return buf_ok(out) ? VALUE_FOUND : VALUE_ODD;
	}
	return VALUE_NONE;
}
