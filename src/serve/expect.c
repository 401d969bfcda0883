/* SPDX-License-Identifier: ISC */
#include "serve/expect.h"

#include <string.h>

#include "mail/decode.h"

enum key { KEY_FROM, KEY_TO, KEY_SUBJECT, KEY_TEXT, KEY_LAST };

static const char *const keys[KEY_LAST] = {
	[KEY_FROM] = "from",
	[KEY_TO] = "to",
	[KEY_SUBJECT] = "subject",
	[KEY_TEXT] = "text",
};

struct condition {
	enum key key;
	bool is_part; /* '~' */
	struct span value;
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
	for (size_t i = 0; i < KEY_LAST; i++) {
		size_t n = strlen(keys[i]);

		if (!span_starts_nocase(*rest, keys[i]) || rest->n == n ||
		    (rest->p[n] != '=' && rest->p[n] != '~'))
			continue;
		c->key = (enum key)i;
		c->is_part = rest->p[n] == '~';
		*rest = span_bytes(rest->p + n + 1, rest->n - n - 1);
		return take_value(rest, &c->value);
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
	return ok || outcome_fail(o, CAUSE_USAGE,
			 "--expect %.200s: it takes words like to=a@example.org and "
			 "subject~\"two words\"; keys are from, to, subject and text",
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

static bool
fits_recipient(const struct condition *c, const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (fits(c, span_of(e->rcpt[i].address)))
			return true;
	return false;
}

static bool
fits_text(const struct condition *c, struct caught *mail)
{
	struct outcome ignored;
	struct buf text;
	bool ok;

	buf_init(&text, CATCH_MAX);
	if (c->key == KEY_SUBJECT)
		decode_header(&text, &mail->header, "Subject");
	else
		(void)decode_message(&text, mail->message, &ignored);
	ok = fits(c, buf_span(&text));
	buf_free(&text);
	return ok;
}

bool
expect_is_met(const char *text, struct caught *mail)
{
	const char *sender = mail->envelope->sender;
	struct span rest = span_trim(span_of(text));
	struct condition c;
	bool ok = true;

	while (ok && rest.n > 0 && take_condition(&rest, &c)) {
		if (c.key == KEY_FROM)
			ok = fits(&c, span_of(sender != NULL ? sender : ""));
		else if (c.key == KEY_TO)
			ok = fits_recipient(&c, mail->envelope);
		else
			ok = fits_text(&c, mail);
	}
	return ok && rest.n == 0;
}
