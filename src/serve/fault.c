/* SPDX-License-Identifier: ISC */
#include "serve/fault.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SLOW_MAX 600 /* seconds */

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

/* The whole text as a number of at most 9 digits; -1: it is none. */
static int
number(struct span s)
{
	int n = 0;

	if (s.n == 0 || s.n > 9)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (!is_digit(s.p[i]))
			return -1;
		n = n * 10 + (s.p[i] - '0');
	}
	return n;
}

static bool
take_stage(struct fault *f, struct span word)
{
	for (size_t i = 0; i < sizeof stages / sizeof stages[0]; i++)
		if (span_is(word, stages[i].word)) {
			f->stage = stages[i].stage;
			return true;
		}
	return false;
}

static bool
take_code(struct fault *f, struct span word)
{
	f->code = span_is(word, "drop") ? 0 : number(word);
	return f->code == 0 || (f->code >= 400 && f->code < 600);
}

static bool
take_percent(struct fault *f, struct span word)
{
	if (word.n > 0 && word.p[word.n - 1] == '%')
		word.n--;
	f->percent = number(word);
	return f->percent >= 1 && f->percent <= 100;
}

bool
fault_parse(struct fault *f, struct span text, struct outcome *o)
{
	struct span rest = text, stage = { "", 0 }, code = { "", 0 };

	*f = (struct fault){ .percent = 100 };
	if (span_cut(&rest, ':', &stage) && take_stage(f, stage) &&
	    span_cut(&rest, ':', &code) && take_code(f, code) &&
	    (rest.n == 0 || take_percent(f, rest)))
		return true;
	return outcome_fail(o, CAUSE_USAGE,
	    "--fail %.*s: it takes STAGE:CODE or STAGE:CODE:PERCENT%%, such as "
	    "rcpt:550:10%%; stages are connect, hello, tls, auth, mail, rcpt, data and "
	    "message, and drop in place of a code ends the connection",
	    (int)(text.n < 100 ? text.n : 100), text.p);
}

/* xorshift64*, by Marsaglia and Vigna: good enough for dice. */
static unsigned
roll(uint64_t *random)
{
	uint64_t x = *random != 0 ? *random : 1;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	*random = x;
	return (unsigned)((x * 0x2545f4914f6cdd1dULL) >> 33) % 100;
}

/* The stage is one at which a code passes to the client as it is. */
static bool
say(struct outcome *o, int code, const char *text)
{
	return outcome_reply(o, STAGE_FINAL, code, text);
}

bool
fault_spares(const struct fault *f, enum stage stage, uint64_t *random, struct outcome *o)
{
	if (f->stage != stage ||
	    (f->percent < 100 && roll(random) >= (unsigned)f->percent))
		return true;
	if (f->code == 0)
		return outcome_fail(o, CAUSE_HANGUP, "%s", "on purpose");
	return say(o, f->code, "this is a failure on purpose (--fail)");
}

static void
wait_seconds(int n)
{
	struct timespec left = { .tv_sec = n < SLOW_MAX ? n : SLOW_MAX };

	while (nanosleep(&left, &left) != 0)
		;
}

bool
fault_spares_recipient(const char *address, struct outcome *o)
{
	static const char slow[] = "slow-";
	const struct span local = span_bytes(address, strcspn(address, "@"));
	int seconds = 0;

	if (span_is_nocase(local, "bounce"))
		return say(o, 550, "5.1.1 bounce@ always bounces");
	if (span_is_nocase(local, "tempfail"))
		return say(o, 451, "4.7.1 tempfail@ is never ready");
	if (span_is_nocase(local, "full"))
		return say(o, 552, "5.2.2 full@ has a full mailbox");
	if (span_starts_nocase(local, slow))
		seconds =
		    number(span_bytes(local.p + strlen(slow), local.n - strlen(slow)));
	if (seconds > 0)
		wait_seconds(seconds);
	return true;
}
