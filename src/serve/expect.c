/* SPDX-License-Identifier: ISC */
#include "serve/expect.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "mail/decode.h"

#define WORDS_SHOWN 160 /* bytes of what was expected, and of what is so */

enum key { KEY_FROM, KEY_TO, KEY_USER, KEY_SUBJECT, KEY_TEXT, KEY_LAST };

static const char *const keys[KEY_LAST] = {
	[KEY_FROM] = "from",
	[KEY_TO] = "to",
	[KEY_USER] = "user",
	[KEY_SUBJECT] = "subject",
	[KEY_TEXT] = "text",
};

struct condition {
	enum key key;
	bool is_part; /* '~' */
	struct span value;
	struct span whole; /* as it was written */
};

/* Takes the value off the front of *rest. False where its quotes don't end. */
static bool
take_value(struct span *rest, struct span *value)
{
	const bool quoted = rest->n > 0 && rest->p[0] == '"';
	const char *end;

	if (quoted)
		*rest = span_bytes(rest->p + 1, rest->n - 1);
	end = memchr(rest->p, quoted ? '"' : ' ', rest->n);
	if (end == NULL && quoted)
		return false;
	value->p = rest->p;
	value->n = end != NULL ? (size_t)(end - rest->p) : rest->n;
	*rest = span_bytes(rest->p + value->n, rest->n - value->n);
	if (quoted)
		*rest = span_bytes(rest->p + 1, rest->n - 1);
	*rest = span_trim(*rest);
	return true;
}

/* Takes the next condition off the front of *rest, which isn't empty. */
static bool
take_condition(struct span *rest, struct condition *c)
{
	const char *start = rest->p;

	for (size_t i = 0; i < KEY_LAST; i++) {
		size_t n = strlen(keys[i]);

		if (!span_starts_nocase(*rest, keys[i]) || rest->n == n ||
		    (rest->p[n] != '=' && rest->p[n] != '~'))
			continue;
		c->key = (enum key)i;
		c->is_part = rest->p[n] == '~';
		*rest = span_bytes(rest->p + n + 1, rest->n - n - 1);
		if (!take_value(rest, &c->value))
			return false;
		c->whole = span_trim(span_bytes(start, (size_t)(rest->p - start)));
		return true;
	}
	return false;
}

bool
expect_validate(const char *text, struct outcome *o)
{
	struct span rest = span_trim(span_of(text));
	struct condition c;
	bool ok = rest.n > 0;

	while (ok && rest.n > 0)
		ok = take_condition(&rest, &c);
	return ok ||
	       outcome_fail(o, CAUSE_USAGE,
		   "--expect %.200s: it takes words like to=a@example.org and "
		   "subject~\"two words\"; keys are from, to, user, subject and text",
		   text);
}

/* Whether `part` stands somewhere in `s`. */
static bool
has_part(struct span s, struct span part)
{
	for (size_t i = 0; i + part.n <= s.n; i++)
		if (strncasecmp(s.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

static bool
fits(const struct condition *c, struct span value)
{
	if (c->is_part)
		return has_part(value, c->value);
	return value.n == c->value.n && strncasecmp(value.p, c->value.p, value.n) == 0;
}

/* What the mail has for a condition; of recipients, the one it is true of, or all. */
static void
add_value(struct buf *out, const struct condition *c, struct caught *mail)
{
	const struct envelope *e = mail->envelope;
	struct outcome ignored;

	if (c->key == KEY_FROM)
		buf_puts(out, e->sender != NULL ? e->sender : "");
	else if (c->key == KEY_USER)
		buf_puts(out, mail->from.user != NULL ? mail->from.user : "");
	else if (c->key == KEY_SUBJECT)
		decode_header(out, &mail->header, "Subject");
	else if (c->key == KEY_TEXT)
		(void)decode_message(out, mail->message, &ignored);
	for (size_t i = 0; i < e->n && c->key == KEY_TO; i++) {
		const char *address = e->rcpt[i].address;

		if (fits(c, span_of(address)))
			buf_clear(out);
		buf_printf(out, "%s%s", out->len > 0 ? ", " : "", address);
		if (fits(c, span_of(address)))
			break;
	}
}

static void
note(struct expect_miss *miss, const struct condition *c, struct span value)
{
	const int length = span_shown(c->whole, WORDS_SHOWN);

	if (c->key == KEY_TEXT)
		(void)snprintf(miss->words, sizeof miss->words,
		    "%.*s isn't so of its %zu bytes of text", length, c->whole.p,
		    value.n);
	else
		(void)snprintf(miss->words, sizeof miss->words,
		    "%.*s isn't so: it is \"%.*s\"", length, c->whole.p,
		    span_shown(value, WORDS_SHOWN), value.p);
	make_printable(miss->words, strlen(miss->words), ' ');
}

static bool
is_true(const struct condition *c, struct caught *mail, struct expect_miss *miss)
{
	struct buf value;
	bool ok;

	buf_init(&value, CATCH_MAX);
	add_value(&value, c, mail);
	ok = fits(c, buf_span(&value));
	if (ok)
		miss->right++;
	else if (*miss->words == '\0')
		note(miss, c, buf_span(&value));
	buf_free(&value);
	return ok;
}

bool
expect_is_met(const char *text, struct caught *mail, struct expect_miss *miss)
{
	struct span rest = span_trim(span_of(text));
	struct condition c;
	bool ok = true;

	*miss = (struct expect_miss){ .right = 0 };
	while (rest.n > 0 && take_condition(&rest, &c))
		ok &= is_true(&c, mail, miss);
	return ok && rest.n == 0;
}
