/* SPDX-License-Identifier: ISC */
#include "serve/request.h"

#include <string.h>

#include "base/mem.h"
#include "mail/address.h"

#define NUMBER_MAX 18 /* digits: such numbers can be added without a thought */
#define ENVID_MAX 100 /* RFC 3461, 4.4 */
#define ORCPT_MAX 500 /* RFC 3461, 4.2 */

static const char *const verbs[VERB_LAST] = {
	[VERB_UNKNOWN] = "",
	[VERB_EHLO] = "EHLO",
	[VERB_HELO] = "HELO",
	[VERB_LHLO] = "LHLO",
	[VERB_MAIL] = "MAIL",
	[VERB_RCPT] = "RCPT",
	[VERB_DATA] = "DATA",
	[VERB_BDAT] = "BDAT",
	[VERB_RSET] = "RSET",
	[VERB_NOOP] = "NOOP",
	[VERB_HELP] = "HELP",
	[VERB_VRFY] = "VRFY",
	[VERB_EXPN] = "EXPN",
	[VERB_STARTTLS] = "STARTTLS",
	[VERB_AUTH] = "AUTH",
	[VERB_QUIT] = "QUIT",
	[VERB_HTTP] = "HTTP",
};

/* The methods that a page can have a browser use. */
static bool
is_http(struct span word)
{
	static const char *const methods[] = { "GET", "HEAD", "POST", "PUT", "OPTIONS",
		"CONNECT", "HOST:" };

	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++)
		if (span_is_nocase(word, methods[i]))
			return true;
	return false;
}

/* The first word of *s, which then begins with the next. */
static struct span
take_word(struct span *s)
{
	size_t n = 0;
	struct span word;

	while (n < s->n && !is_blank(s->p[n]))
		n++;
	word = span_bytes(s->p, n);
	*s = span_trim(span_bytes(s->p + n, s->n - n));
	return word;
}

enum verb
request_verb(struct span line, struct span *rest)
{
	struct span word;

	*rest = span_trim(line);
	word = take_word(rest);
	for (enum verb verb = VERB_UNKNOWN + 1; verb < VERB_HTTP; verb++)
		if (span_is_nocase(word, verbs[verb]))
			return verb;
	return is_http(word) ? VERB_HTTP : VERB_UNKNOWN;
}

/* Where the path ends: behind its '>', which may stand in quotes before; without angle
 * brackets, at the first blank outside of quotes. */
static size_t
path_length(struct span s)
{
	const bool angled = s.n > 0 && *s.p == '<';
	bool quoted = false;

	for (size_t i = 0; i < s.n; i++) {
		if (quoted && s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (!quoted && angled && s.p[i] == '>')
			return i + 1;
		else if (!quoted && !angled && is_blank(s.p[i]))
			return i;
	}
	return s.n;
}

/* An address, which may be the null one, and nothing else: in angle brackets, a name or a
 * list can't be one. */
static bool
parse_path(struct span path, char **spec)
{
	struct outcome ignored;
	struct address a;
	struct buf angled;
	bool ok;

	if (path.n > 1 && path.p[0] == '<' && path.p[path.n - 1] == '>')
		path = span_bytes(path.p + 1, path.n - 2);
	if (path.n > ADDRESS_MAX || address_find(path, "<>") < path.n)
		return false;
	buf_init(&angled, ADDRESS_MAX + 2);
	buf_addc(&angled, '<');
	buf_add_span(&angled, path);
	buf_addc(&angled, '>');
	ok = address_parse(&a, buf_span(&angled), &ignored);
	buf_free(&angled);
	if (!ok)
		return false;
	*spec = mem_dup(a.spec);
	address_free(&a);
	return true;
}

/* Takes "FROM:" or "TO:" and the path off the front of *rest. */
static bool
take_path(struct span *rest, const char *prefix, char **spec)
{
	const size_t n = strlen(prefix);
	struct span after;
	size_t end;

	if (!span_starts_nocase(*rest, prefix))
		return false;
	after = span_trim(span_bytes(rest->p + n, rest->n - n));
	end = path_length(after);
	*rest = span_bytes(after.p + end, after.n - end);
	if (end == 0 || (rest->n > 0 && !is_blank(*rest->p)))
		return false;
	*rest = span_trim(*rest);
	return parse_path(span_bytes(after.p, end), spec);
}

static bool
parse_number(struct span s, uint64_t *n)
{
	*n = 0;
	if (s.n == 0 || s.n > NUMBER_MAX)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return false;
		*n = *n * 10 + (uint64_t)(s.p[i] - '0');
	}
	return true;
}

/* The value of an upper-case hexadecimal digit, as RFC 3461, 4 wants it; or -1. */
static int
hex_digit(char c)
{
	if (is_digit(c))
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What xtext (RFC 3461, 4) stands for, owned by the caller; NULL where it is none, or
 * stands for what can't be printed. */
static char *
decode_xtext(struct span s, size_t max)
{
	struct buf out;
	bool ok = true;

	buf_init(&out, max);
	for (size_t i = 0; i < s.n && ok; i++) {
		int high, low;
		char c = s.p[i];

		if (c == '+' && s.n - i > 2) {
			high = hex_digit(s.p[i + 1]);
			low = hex_digit(s.p[i + 2]);
			ok = high >= 0 && low >= 0;
			c = (char)(high * 16 + low);
			i += 2;
		} else if (c == '+' || c == '=') {
			ok = false;
		}
		ok = ok && !is_control(c);
		buf_addc(&out, c);
	}
	ok = ok && buf_ok(&out) && out.len > 0;
	if (ok)
		return buf_take(&out);
	buf_free(&out);
	return NULL;
}

/* "KEYWORD=value", or "KEYWORD" alone, whose value is empty. */
struct parameter {
	struct span keyword;
	struct span value;
	bool has_value;
};

static bool
next_parameter(struct span *rest, struct parameter *p)
{
	struct span word = take_word(rest);
	const char *equals = word.n > 0 ? memchr(word.p, '=', word.n) : NULL;

	*p = (struct parameter){ word, { "", 0 }, equals != NULL };
	if (equals != NULL) {
		p->keyword.n = (size_t)(equals - word.p);
		p->value = span_bytes(equals + 1, word.n - p->keyword.n - 1);
	}
	return word.n > 0;
}

static bool
take_body(struct mail_request *m, struct span value)
{
	m->is_8bit = span_is_nocase(value, "8BITMIME");
	return m->is_8bit || span_is_nocase(value, "7BIT");
}

static bool
take_ret(struct mail_request *m, struct span value)
{
	if (span_is_nocase(value, "HDRS"))
		m->ret = RET_HDRS;
	else if (span_is_nocase(value, "FULL"))
		m->ret = RET_FULL;
	return m->ret != RET_UNSET;
}

static bool
take_envid(struct mail_request *m, struct span value)
{
	m->envid = decode_xtext(value, ENVID_MAX);
	return m->envid != NULL && !span_has_8bit(span_of(m->envid));
}

enum {
	SEEN_SIZE = 1,
	SEEN_BODY = 2,
	SEEN_UTF8 = 4,
	SEEN_RET = 8,
	SEEN_ENVID = 16,
	SEEN_AUTH = 32,
	SEEN_NOTIFY = 64,
	SEEN_ORCPT = 128
};

static enum mistake
mistake_unless(bool ok)
{
	return ok ? MISTAKE_NONE : MISTAKE_SYNTAX;
}

/* Each may stand there once. */
static bool
is_first(unsigned *seen, unsigned one)
{
	bool first = (*seen & one) == 0;

	*seen |= one;
	return first;
}

static enum mistake
take_mail_parameter(struct mail_request *m, const struct parameter *p, unsigned *seen)
{
	if (span_is_nocase(p->keyword, "SIZE"))
		return mistake_unless(
		    is_first(seen, SEEN_SIZE) && parse_number(p->value, &m->size));
	if (span_is_nocase(p->keyword, "BODY"))
		return mistake_unless(
		    is_first(seen, SEEN_BODY) && take_body(m, p->value));
	if (span_is_nocase(p->keyword, "SMTPUTF8")) {
		m->smtputf8 = true;
		return mistake_unless(is_first(seen, SEEN_UTF8) && !p->has_value);
	}
	if (span_is_nocase(p->keyword, "RET"))
		return mistake_unless(is_first(seen, SEEN_RET) && take_ret(m, p->value));
	if (span_is_nocase(p->keyword, "ENVID"))
		return mistake_unless(
		    is_first(seen, SEEN_ENVID) && take_envid(m, p->value));
	if (span_is_nocase(
		p->keyword, "AUTH")) /* RFC 4954, 5: nobody has to believe it */
		return mistake_unless(is_first(seen, SEEN_AUTH) && p->has_value);
	return MISTAKE_PARAMETER;
}

static bool
needs_utf8(const char *spec, bool smtputf8)
{
	return !smtputf8 && span_has_8bit(span_of(spec));
}

enum mistake
request_mail(struct mail_request *m, struct span rest)
{
	struct parameter p;
	unsigned seen = 0;
	enum mistake mistake = MISTAKE_NONE;

	*m = (struct mail_request){ .sender = NULL };
	if (!span_starts_nocase(rest, "FROM:"))
		return MISTAKE_SYNTAX;
	if (!take_path(&rest, "FROM:", &m->sender))
		return MISTAKE_SENDER;
	m->options = rest;
	while (mistake == MISTAKE_NONE && next_parameter(&rest, &p))
		mistake = take_mail_parameter(m, &p, &seen);
	if (mistake == MISTAKE_NONE && needs_utf8(m->sender, m->smtputf8))
		mistake = MISTAKE_UTF8;
	return mistake;
}

void
request_free_mail(struct mail_request *m)
{
	free(m->sender);
	free(m->envid);
	*m = (struct mail_request){ .sender = NULL };
}

static bool
take_notify(struct recipient *to, struct span value)
{
	static const struct {
		const char *word;
		enum notify bit;
	} words[] = {
		{ "NEVER", NOTIFY_NEVER },
		{ "SUCCESS", NOTIFY_SUCCESS },
		{ "FAILURE", NOTIFY_FAILURE },
		{ "DELAY", NOTIFY_DELAY },
	};
	struct span word;

	while (span_cut(&value, ',', &word)) {
		size_t i = 0;

		while (i < sizeof words / sizeof words[0] &&
		       !span_is_nocase(word, words[i].word))
			i++;
		if (i == sizeof words / sizeof words[0])
			return false;
		to->notify |= (unsigned)words[i].bit;
	}
	/* RFC 3461, 4.1: NEVER stands alone */
	return to->notify != NOTIFY_UNSET &&
	       ((to->notify & NOTIFY_NEVER) == 0 || to->notify == NOTIFY_NEVER);
}

/* "rfc822;root@example.org"; a name of another kind isn't kept. */
static bool
take_orcpt(struct recipient *to, struct span value)
{
	struct span type;
	char *name;

	if (memchr(value.p, ';', value.n) == NULL || !span_cut(&value, ';', &type) ||
	    type.n == 0)
		return false;
	name = decode_xtext(value, ORCPT_MAX);
	if (name == NULL)
		return false;
	if (span_is_nocase(type, "rfc822") || span_is_nocase(type, "utf-8"))
		to->orcpt = name;
	else
		free(name);
	return true;
}

static enum mistake
take_rcpt_parameter(struct recipient *to, const struct parameter *p, unsigned *seen)
{
	if (span_is_nocase(p->keyword, "NOTIFY"))
		return mistake_unless(
		    is_first(seen, SEEN_NOTIFY) && take_notify(to, p->value));
	if (span_is_nocase(p->keyword, "ORCPT"))
		return mistake_unless(p->has_value && is_first(seen, SEEN_ORCPT) &&
				      take_orcpt(to, p->value));
	return MISTAKE_PARAMETER;
}

enum mistake
request_rcpt(struct rcpt_request *r, struct span rest, bool smtputf8)
{
	struct parameter p;
	unsigned seen = 0;
	enum mistake mistake = MISTAKE_NONE;

	*r = (struct rcpt_request){ .to = { .address = NULL } };
	if (!span_starts_nocase(rest, "TO:"))
		return MISTAKE_SYNTAX;
	if (!take_path(&rest, "TO:", &r->to.address) || *r->to.address == '\0')
		return MISTAKE_RECIPIENT;
	r->options = rest;
	while (mistake == MISTAKE_NONE && next_parameter(&rest, &p))
		mistake = take_rcpt_parameter(&r->to, &p, &seen);
	if (mistake == MISTAKE_NONE && needs_utf8(r->to.address, smtputf8))
		mistake = MISTAKE_UTF8;
	return mistake;
}

void
request_free_rcpt(struct rcpt_request *r)
{
	free(r->to.address);
	free(r->to.orcpt);
	*r = (struct rcpt_request){ .to = { .address = NULL } };
}

enum mistake
request_bdat(struct span rest, uint64_t *size, bool *last)
{
	struct span number = take_word(&rest), word = take_word(&rest);

	*last = span_is_nocase(word, "LAST");
	return mistake_unless(
	    parse_number(number, size) && (*last || word.n == 0) && rest.n == 0);
}
