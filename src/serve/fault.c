/* SPDX-License-Identifier: ISC */
#include "serve/fault.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define SECONDS_MAX 600 /* of a delay */
#define SHOWN_MAX 100   /* bytes of what was written */
#define TEXT_MAX 160

static const struct {
	const char *word;
	enum stage stage;
} stages[] = {
	{ "connect", STAGE_GREETING },
	{ "hello", STAGE_HELLO },
	{ "tls", STAGE_TLS },
	{ "auth", STAGE_AUTH },
	{ "mail", STAGE_MAIL },
	{ "rcpt", STAGE_RCPT },
	{ "data", STAGE_DATA },
	{ "message", STAGE_FINAL },
};

/* The whole text as a number of at most 7 digits; -1: it is none. */
static int
number(struct span s)
{
	int n = 0;

	if (s.n == 0 || s.n > 7)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

static bool
is_code(int code)
{
	return code >= 400 && code < 600;
}

/* A unit, and how many of the smallest it is. */
struct unit {
	const char *word;
	int factor;
};

/* Takes "NUMBER UNIT" without a blank; false: it is none, or not in 1..max. */
static bool
take_measure(struct span s, const struct unit *units, int max, int *value)
{
	size_t digits = 0;
	int n;

	while (digits < s.n && is_digit(s.p[digits]))
		digits++;
	n = number(span_bytes(s.p, digits));
	for (; units->word != NULL; units++)
		if (n > 0 && n <= max / units->factor &&
		    span_is(span_bytes(s.p + digits, s.n - digits), units->word)) {
			*value = n * units->factor;
			return true;
		}
	return false;
}

static bool
take_delay(struct fault *f, struct span value)
{
	static const struct unit units[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 },
		{ "m", 60 * 1000 }, { NULL, 0 } };

	f->kind = FAULT_DELAY;
	return take_measure(value, units, SECONDS_MAX * 1000, &f->milliseconds);
}

static bool
take_slow(struct fault *f, struct span value)
{
	static const struct unit units[] = { { "", 1 }, { "k", 1024 }, { NULL, 0 } };

	f->kind = FAULT_SLOW;
	return take_measure(value, units, 1024 * 1024 * 1024, &f->bytes);
}

static bool
take_first(struct fault *f, struct span value)
{
	f->first = number(value);
	return f->first > 0;
}

static bool
take_after(struct fault *f, struct span value)
{
	f->after = number(value);
	return f->after > 0;
}

static bool
take_over(struct fault *f, struct span value)
{
	static const struct unit units[] = { { "s", 1000 }, { "m", 60 * 1000 },
		{ "h", 60 * 60 * 1000 }, { NULL, 0 } };
	struct span most = { "", 0 };

	(void)span_cut(&value, '/', &most);
	f->most = number(most);
	for (const struct unit *u = units; u->word != NULL; u++)
		if (span_is(value, u->word))
			f->period = u->factor;
	return f->most > 0 && f->period > 0;
}

static bool
take_percent(struct fault *f, struct span word)
{
	if (word.n > 0 && word.p[word.n - 1] == '%')
		word.n--;
	f->percent = number(word);
	return f->percent >= 1 && f->percent <= 100;
}

/* A word that has a value behind it. */
struct keyword {
	const char *word;
	bool (*take)(struct fault *f, struct span value);
};

/* Takes the value of such a word off the front of *rest. *known: it is one. */
static bool
take_keyword(struct fault *f, const struct keyword *table, struct span word,
    struct span *rest, bool *known)
{
	struct span value = { "", 0 };

	while (table->word != NULL && !span_is(word, table->word))
		table++;
	*known = table->word != NULL;
	return *known && span_cut(rest, ':', &value) && table->take(f, value);
}

static bool
take_stage(struct fault *f, struct span *rest)
{
	struct span word = { "", 0 };

	(void)span_cut(rest, ':', &word);
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (span_is(word, stages[i].word)) {
			f->stage = stages[i].stage;
			return true;
		}
	return false;
}

static bool
take_what(struct fault *f, struct span *rest)
{
	static const struct keyword words[] = { { "delay", take_delay },
		{ "slow", take_slow }, { NULL, NULL } };
	struct span word = { "", 0 };
	bool known, ok;

	(void)span_cut(rest, ':', &word);
	ok = take_keyword(f, words, word, rest, &known);
	if (known)
		return ok;
	if (span_is(word, "drop")) {
		f->kind = FAULT_DROP;
		return true;
	}
	f->kind = FAULT_REPLY;
	f->code = number(word);
	return is_code(f->code);
}

static bool
take_when(struct fault *f, struct span *rest)
{
	static const struct keyword words[] = { { "first", take_first },
		{ "after", take_after }, { "over", take_over }, { NULL, NULL } };
	struct span word = { "", 0 };
	bool known, ok;

	(void)span_cut(rest, ':', &word);
	ok = take_keyword(f, words, word, rest, &known);
	return known ? ok : take_percent(f, word);
}

bool
fault_parse(struct fault *f, struct span text, struct outcome *o)
{
	struct span rest = text;
	bool ok;

	*f = (struct fault){ .text = text };
	ok = take_stage(f, &rest) && take_what(f, &rest);
	while (ok && rest.n > 0)
		ok = take_when(f, &rest);
	return ok || outcome_fail(o, CAUSE_USAGE,
			 "--fail %.*s: it goes STAGE:WHAT or STAGE:WHAT:WHEN, such as "
			 "rcpt:550:10%%, mail:421:after:3, data:delay:2s or "
			 "connect:421:over:5/s. Stages are connect, hello, tls, auth, "
			 "mail, rcpt, data and message; what happens is a code, drop, "
			 "delay:TIME or slow:BYTES; when, N%%, first:N, after:N or "
			 "over:N/s",
			 span_shown(text, SHOWN_MAX), text.p);
}

/* xorshift64*, by Marsaglia and Vigna: good enough for dice. */
static int
roll(uint64_t *random)
{
	uint64_t x = *random != 0 ? *random : 1;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*random = x;
	return (int)(((x * 0x2545f4914f6cdd1dULL) >> 33) % 100);
}

/* Whether this one is more than there may be in the period. */
static bool
is_over(const struct fault *f, struct fault_memory *m)
{
	const int64_t now = clock_now();

	if (m->since == 0 || now - m->since >= f->period) {
		m->since = now;
		m->reached = 0;
	}
	return ++m->reached > f->most;
}

bool
fault_happens(
    const struct fault *f, int reached, struct fault_memory *m, uint64_t *random)
{
	if (reached <= f->after || (f->percent > 0 && roll(random) >= f->percent) ||
	    (f->most > 0 && !is_over(f, m)) || (f->first > 0 && m->times >= f->first))
		return false;
	m->times++;
	return true;
}

/* The stage is one at which a code passes to the client as it is; but 421 is our own
 * goodbye. */
static bool
say(struct outcome *o, int code, const char *text)
{
	return outcome_reply(o, code == 421 ? STAGE_LOCAL : STAGE_FINAL, code, text);
}

static bool
hang_up(struct outcome *o)
{
	return outcome_fail(o, CAUSE_HANGUP, "%s", "on purpose");
}

static bool
say_on_purpose(const struct fault *f, struct outcome *o)
{
	char text[TEXT_MAX];

	(void)snprintf(text, sizeof text, "on purpose: --fail %.*s",
	    span_shown(f->text, SHOWN_MAX), f->text.p);
	return say(o, f->code, text);
}

bool
fault_spares(const struct fault *f, struct manner *m, struct outcome *o)
{
	switch (f->kind) {
	case FAULT_REPLY:
		return say_on_purpose(f, o);
	case FAULT_DROP:
		return hang_up(o);
	case FAULT_DELAY:
		m->wait += f->milliseconds;
		break;
	case FAULT_SLOW:
		m->pace = f->bytes;
		break;
	}
	return true;
}

/* What stands behind the prefix in the local part, as a number; -1: it isn't so. */
static int
number_behind(const char *prefix, const char *address)
{
	const struct span local = span_bytes(address, strcspn(address, "@"));
	const size_t n = strlen(prefix);

	return span_starts_nocase(local, prefix)
		   ? number(span_bytes(local.p + n, local.n - n))
		   : -1;
}

bool
fault_spares_recipient(const char *address, struct outcome *o)
{
	static const struct {
		const char *name;
		int code;
		const char *text;
	} always[] = {
		{ "bounce", 550, "5.1.1 bounce@ always bounces" },
		{ "tempfail", 451, "4.7.1 tempfail@ is never ready" },
		{ "full", 552, "5.2.2 full@ has a full mailbox" },
	};
	const struct span local = span_bytes(address, strcspn(address, "@"));
	const int code = number_behind("fail-", address),
		  seconds = number_behind("slow-", address);

	for (size_t i = 0; i < sizeof always / sizeof always[0]; i++)
		if (span_is_nocase(local, always[i].name))
			return say(o, always[i].code, always[i].text);
	if (span_is_nocase(local, "drop"))
		return hang_up(o);
	if (is_code(code))
		return say(o, code, "on purpose, as the recipient says");
	if (seconds > 0)
		clock_pause(1000 * (seconds < SECONDS_MAX ? seconds : SECONDS_MAX));
	return true;
}

bool
fault_spares_late(const char *address, struct outcome *o)
{
	const int code = number_behind("late-", address);

	return !is_code(code) || say(o, code, "on purpose, as the recipient says");
}
