/* SPDX-License-Identifier: ISC */
#include "smtp/caps.h"

#include <string.h>

static void take_size(struct caps *c, struct span arg);
static void take_auth(struct caps *c, struct span arg);
static void take_limits(struct caps *c, struct span arg);

static const struct {
	const char *keyword;
	enum cap cap;
	void (*take)(
	    struct caps *c, struct span arg); /* its parameters; NULL: it has none */
} keywords[] = {
	{ "PIPELINING", CAP_PIPELINING, NULL },
	{ "8BITMIME", CAP_8BITMIME, NULL },
	{ "SMTPUTF8", CAP_SMTPUTF8, NULL },
	{ "SIZE", CAP_SIZE, take_size },
	{ "DSN", CAP_DSN, NULL },
	{ "STARTTLS", CAP_STARTTLS, NULL },
	{ "AUTH", CAP_AUTH, take_auth },
	{ "ENHANCEDSTATUSCODES", CAP_ENHANCED, NULL },
	{ "CHUNKING", CAP_CHUNKING, NULL },
	{ "ETRN", CAP_ETRN, NULL },
	{ "LIMITS", CAP_LIMITS, take_limits },
};

/* What is no number is no limit, and nor is one that nobody can reach. */
static void
take_size(struct caps *c, struct span arg)
{
	uint64_t n;

	c->size = span_number(arg, 10, INT64_MAX, &n) ? n : 0;
}

/* Adds names to those that stand there already: some servers send several AUTH lines. A
 * name for which there is no room is dropped. */
static void
take_auth(struct caps *c, struct span arg)
{
	struct span name;

	while (span_cut(&arg, ' ', &name)) {
		size_t used = strlen(c->auth);

		if (name.n == 0 || used + name.n + 2 > sizeof c->auth ||
		    memchr(name.p, '\0', name.n) != NULL)
			continue;
		if (used > 0)
			c->auth[used++] = ' ';
		for (size_t i = 0; i < name.n; i++) {
			char letter = name.p[i];

			if (letter >= 'a' && letter <= 'z')
				letter = (char)(letter - 'a' + 'A');
			c->auth[used++] =
			    is_control(letter) || is_8bit(letter) ? '?' : letter;
		}
		c->auth[used] = '\0';
	}
}

/* One to six digits, of which the first isn't 0 (RFC 9422, 4.1); 0 for all else. */
static unsigned
limit_of(struct span digits)
{
	uint64_t n;

	if (digits.n == 0 || digits.p[0] == '0' || !span_number(digits, 10, 999999, &n))
		return 0;
	return (unsigned)n;
}

/* "NAME=VALUE NAME=VALUE". Of those that RFC 9422 defines, RCPTDOMAINMAX is for relays
 * that choose by domain. */
static void
take_limits(struct caps *c, struct span arg)
{
	struct span limit, name;

	while (span_cut(&arg, ' ', &limit)) {
		if (!span_cut(&limit, '=', &name))
			continue;
		if (span_is_nocase(name, "MAILMAX"))
			c->mail_max = limit_of(limit);
		else if (span_is_nocase(name, "RCPTMAX"))
			c->rcpt_max = limit_of(limit);
	}
}

/* "KEYWORD", "KEYWORD PARAMETERS", or the old "AUTH=PARAMETERS". */
static void
take_line(struct caps *c, struct span line)
{
	struct span word, rest = span_trim(line);
	char end = span_starts_nocase(rest, "AUTH=") ? '=' : ' ';

	if (!span_cut(&rest, end, &word))
		return;
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if (!span_is_nocase(word, keywords[i].keyword))
			continue;
		c->set |= (unsigned)keywords[i].cap;
		if (keywords[i].take != NULL)
			keywords[i].take(c, rest);
	}
}

void
caps_parse(struct caps *c, struct span text)
{
	struct span line;

	*c = (struct caps){ 0 };
	(void)span_cut(&text, '\n', &line);
	while (span_cut(&text, '\n', &line))
		take_line(c, line);
}

void
caps_names(const struct caps *c, struct buf *out)
{
	const char *blank = "";

	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
		if (caps_have(c, keywords[i].cap)) {
			buf_printf(out, "%s%s", blank, keywords[i].keyword);
			blank = " ";
		}
}
