/* SPDX-License-Identifier: ISC */
#include "conf/slip.h"

#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/option.h"
#include "conf/type.h"

#define SHOWN_MAX 100
#define WORDS_MAX 500
#define LINE_MAX_BYTES 100 /* of a setting that an outcome can offer */

enum { EQUALS = 1, QUOTES = 2, COMMENT = 4, ALL = EQUALS | QUOTES | COMMENT };

static struct span
inner(struct span s)
{
	return span_bytes(s.p + 1, s.n - 2);
}

static bool
is_quoted(struct span s, char quote)
{
	return s.n >= 2 && s.p[0] == quote && s.p[s.n - 1] == quote &&
	       memchr(s.p + 1, quote, s.n - 2) == NULL;
}

/* Up to a '#' that begins a word. */
static bool
cut_comment(struct span *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i] == '#' && (i == 0 || is_blank(s->p[i - 1]))) {
			*s = span_trim(span_bytes(s->p, i));
			return true;
		}
	return false;
}

static bool
cut_equals(struct span *s)
{
	if (s->n < 2 || s->p[0] != '=' || !is_blank(s->p[1]))
		return false;
	*s = span_trim(span_bytes(s->p + 1, s->n - 1));
	return true;
}

static bool
cut_quotes(struct span *s)
{
	if (!is_quoted(*s, '\''))
		return false;
	*s = span_trim(inner(*s));
	return true;
}

/* In the order in which they are taken off: from the outside. */
static const struct {
	unsigned kind;
	bool (*cut)(struct span *s);
	const char *words;
} kinds[] = {
	{ EQUALS, cut_equals, "no = belongs before a value" },
	{ COMMENT, cut_comment, "a comment needs a line of its own" },
	{ QUOTES, cut_quotes,
	    "single quotes are a part of it, only double ones may stand around it" },
};

bool
slip_find(struct span value, struct slip *s)
{
	*s = (struct slip){ .meant = value };
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!kinds[i].cut(&s->meant))
			continue;
		if (s->kind == 0) {
			s->kind = kinds[i].kind;
			s->words = kinds[i].words;
		}
		if (is_quoted(s->meant, '"'))
			s->meant = inner(s->meant);
	}
	return s->kind != 0;
}

static bool
signs_in(const struct account *a)
{
	return a->auth != AUTH_OFF;
}

static bool
has_tls(const struct account *a)
{
	return a->tls;
}

/* A name for people may be anything, and so may a file's, if there is such a file. */
static const struct {
	const char *name;
	unsigned refused, doubted;
	bool (*counts)(const struct account *a); /* NULL: always */
} rows[] = {
	{ "host", ALL, 0, NULL },
	{ "source_ip", ALL, 0, NULL },
	{ "proxy_host", ALL, 0, NULL },
	{ "socket", ALL, 0, NULL },
	{ "domain", ALL, 0, NULL },
	{ "user", EQUALS | QUOTES, COMMENT, signs_in },
	{ "password_file", ALL, 0, signs_in },
	{ "tls_trust_file", ALL, 0, has_tls },
	{ "tls_crl_file", ALL, 0, has_tls },
	{ "maildomain", ALL, 0, NULL },
	{ "from", EQUALS | QUOTES, 0, NULL },
	{ "logfile", 0, ALL, NULL },
	{ "aliases", 0, ALL, NULL },
};

/* Where a user and a password may stand before the name, see conf/host.h. */
static bool
is_left_alone(const struct option_row *row, const char *value)
{
	if (row->type == &type_path)
		return access(value, F_OK) == 0;
	return strstr(row->name, "host") != NULL && strchr(value, '@') != NULL;
}

static void
complain(const struct account *a, const struct option_row *row, const char *value,
    const struct slip *s, struct outcome *o)
{
	struct buf words;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%s takes the rest of its line, and that is %.*s: %s",
	    row->name, span_shown(span_of(value), SHOWN_MAX), value, s->words);
	(void)account_complain(a, row->name, words.data, o);
	buf_free(&words);
	if (s->meant.n == 0 || s->meant.n > LINE_MAX_BYTES)
		return;
	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%.*s", (int)s->meant.n, s->meant.p);
	outcome_refine(o, o->cause, NULL, "in place of that line, write:");
	(void)outcome_offer(o, row->name, words.data);
	buf_free(&words);
}

static bool
check(const struct account *a, bool refused, struct outcome *o)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const unsigned which = refused ? rows[i].refused : rows[i].doubted;
		const struct option_row *row;
		const char *value;
		struct slip s;

		if (which == 0 || (rows[i].counts != NULL && !rows[i].counts(a)))
			continue;
		row = option_find(span_of(rows[i].name));
		value = *(char *const *)option_value(a, row);
		if (value == NULL || option_origin(a, row).line == 0 ||
		    !slip_find(span_of(value), &s) || (s.kind & which) == 0 ||
		    is_left_alone(row, value))
			continue;
		complain(a, row, value, &s, o);
		return false;
	}
	return true;
}

bool
slip_check(const struct account *a, struct outcome *o)
{
	return check(a, true, o);
}

bool
slip_doubt(const struct account *a, struct outcome *o)
{
	return check(a, false, o);
}
