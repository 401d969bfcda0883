/* SPDX-License-Identifier: ISC */
#include "conf/netrc.h"

#include <string.h>

#include "base/buf.h"

enum keyword {
	KEYWORD_NONE, /* the next word is a keyword */
	KEYWORD_MACHINE,
	KEYWORD_DEFAULT,
	KEYWORD_LOGIN,
	KEYWORD_PASSWORD,
	KEYWORD_ACCOUNT,
	KEYWORD_MACDEF
};

static const struct {
	const char *word;
	enum keyword keyword;
} keywords[] = {
	{ "machine", KEYWORD_MACHINE },
	{ "default", KEYWORD_DEFAULT },
	{ "login", KEYWORD_LOGIN },
	{ "user", KEYWORD_LOGIN },
	{ "password", KEYWORD_PASSWORD },
	{ "passwd", KEYWORD_PASSWORD },
	{ "account", KEYWORD_ACCOUNT },
	{ "macdef", KEYWORD_MACDEF },
};

struct parse {
	const char *host; /* looked for */
	const char *user;
	int line;
	enum keyword before; /* the keyword whose value comes next */

	/* the present entry */
	bool is_host;
	bool is_user;
	struct buf password;
	int password_line; /* 0: none */
};

static bool
is_found(const struct parse *p)
{
	return p->is_host && p->is_user && p->password_line > 0;
}

static void
begin_entry(struct parse *p, bool is_host)
{
	p->is_host = is_host;
	p->is_user = false;
	p->password_line = 0;
}

static enum keyword
keyword_of(struct span word)
{
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
		if (span_is(word, keywords[i].word))
			return keywords[i].keyword;
	return KEYWORD_NONE;
}

static void
take_value(struct parse *p, struct span word)
{
	if (p->before == KEYWORD_MACHINE)
		begin_entry(p, span_is(word, p->host));
	if (p->before == KEYWORD_LOGIN)
		p->is_user = span_is(word, p->user);
	if (p->before == KEYWORD_PASSWORD) {
		buf_clear(&p->password);
		buf_add_span(&p->password, word);
		p->password_line = p->line;
	}
	p->before = KEYWORD_NONE;
}

/* False where the entry that ends here is the one. */
static bool
take_word(struct parse *p, struct span word)
{
	enum keyword k;

	if (p->before != KEYWORD_NONE) {
		take_value(p, word);
		return true;
	}
	k = keyword_of(word);
	if (is_found(p) && (k == KEYWORD_MACHINE || k == KEYWORD_DEFAULT))
		return false;
	if (k == KEYWORD_DEFAULT)
		begin_entry(p, false);
	p->before = k == KEYWORD_DEFAULT ? KEYWORD_NONE : k;
	return true;
}

/* Takes the next word off the line, less its quotes, into `word`; false where there is
 * none. */
static bool
cut_word(struct span *line, struct buf *word)
{
	char quote = '\0';
	size_t i = 0, n;

	while (i < line->n && is_blank(line->p[i]))
		i++;
	n = i;
	buf_clear(word);
	for (; n < line->n && (quote != '\0' || !is_blank(line->p[n])); n++) {
		char c = line->p[n];

		if (quote != '\0' && c == quote)
			quote = '\0';
		else if (quote == '\0' && (c == '"' || c == '\''))
			quote = c;
		else
			buf_addc(word, c);
	}
	*line = span_bytes(line->p + n, line->n - n);
	return n > i;
}

static bool
is_comment(const struct parse *p, struct span line)
{
	line = span_trim(line);
	return p->before == KEYWORD_NONE && line.n > 0 && line.p[0] == '#';
}

/* False as take_word(). */
static bool
take_line(struct parse *p, struct span line, struct buf *word)
{
	if (line.n == 0 && p->before == KEYWORD_MACDEF)
		p->before = KEYWORD_NONE;
	while (
	    p->before != KEYWORD_MACDEF && !is_comment(p, line) && cut_word(&line, word))
		if (!take_word(p, buf_span(word)))
			return false;
	return true;
}

/* Of full size from the start, so that what it holds never moves. */
static void
secret_buf(struct buf *b, size_t n)
{
	buf_init(b, n);
	buf_reserve(b, n);
}

bool
netrc_find(struct span text, const char *host, const char *user, struct secret *password,
    int *line)
{
	struct parse p = { .host = host, .user = user };
	struct buf word;
	struct span now;
	bool found;

	secret_buf(&word, text.n);
	secret_buf(&p.password, text.n);
	while (span_cut(&text, '\n', &now)) {
		p.line++;
		if (!take_line(&p, span_trim(now), &word))
			break;
	}
	found = is_found(&p);
	if (found) {
		secret_set(password, buf_span(&p.password));
		*line = p.password_line;
	}
	buf_free_secret(&word);
	buf_free_secret(&p.password);
	return found;
}
