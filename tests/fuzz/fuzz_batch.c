/* SPDX-License-Identifier: ISC
 *
 * fuzz_batch.c - a client with four messages, and a server that says anything to them
 *
 * The first byte chooses what the server offers, how many messages may be on their way,
 * and how the conversation ends; the rest is what it says, all at once. Each message is
 * settled once, and nobody counts as accepted for whom no yes was left, or whose message
 * hadn't left.
 */
#include "fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

#include "lib/sample.h"
#include "lib/script.h"
#include "smtp/batch.h"

#define MESSAGES 4

struct run {
	struct script script;
	struct envelope e[MESSAGES];
	struct source m;
	size_t given;
	int settled[MESSAGES];
};

static bool
next(void *arg, struct envelope **e, struct source **m)
{
	struct run *r = arg;

	if (r->given == MESSAGES)
		return false;
	*e = &r->e[r->given++];
	*m = &r->m;
	return true;
}

/* Whether the sender was said, and behind that the whole message. */
static bool
has_left(const struct run *r, const struct envelope *e)
{
	char command[32];
	const char *at;

	(void)snprintf(command, sizeof command, "MAIL FROM:<%s>", e->sender);
	at = strstr(r->script.heard.data, command);
	return at != NULL && strstr(at, "\r\n\r\nhello\r\n") != NULL;
}

static void
settled(void *arg, struct envelope *e, struct source *m)
{
	struct run *r = arg;

	must(m == &r->m);
	must(++r->settled[e - r->e] == 1);
	for (size_t i = 0; i < e->n; i++) {
		const struct outcome *o = &e->rcpt[i].outcome;

		must(o->cause < CAUSE_LAST);
		must(o->cause != CAUSE_NONE || o->code / 100 == 2);
		must(o->cause != CAUSE_NONE || o->stage == STAGE_FINAL);
		must(o->cause != CAUSE_NONE || has_left(r, e));
		must(o->cause != CAUSE_MAYBE_SENT || has_left(r, e));
	}
}

static size_t
yeses(struct span says)
{
	struct span line;
	size_t n = 0;

	while (span_cut(&says, '\n', &line))
		n += line.n > 0 && line.p[0] == '2';
	return n;
}

static void
begin(struct run *r, struct span says, unsigned char choice)
{
	*r = (struct run){ .given = 0 };
	script_init_bytes(
	    &r->script, says, (enum script_end)((choice >> 3 & 3) % (SCRIPT_RESETS + 1)));
	r->script.read_max = (choice & 32) != 0 ? 1 : 0;
	r->script.hesitates = (choice & 64) != 0;
	sample_source(&r->m, span_of("Subject: x\r\n\r\nhello\r\n"));
	for (int i = 0; i < MESSAGES; i++) {
		char sender[16];

		(void)snprintf(sender, sizeof sender, "s%d@x", i);
		sample_envelope(&r->e[i], sender, "a@x, b@x");
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span says = { (const char *)data + 1, size - 1 };
	struct channel channel;
	struct caps caps = { .set = CAP_PIPELINING | CAP_CHUNKING };
	struct batch b = { .channel = &channel, .caps = &caps, .depth = 3 };
	struct supply supply = { .next = next, .settled = settled };
	struct outcome o;
	size_t taken = 0;
	struct run r;

	if (size < 1)
		return 0;
	supply.arg = &r;
	caps.set &= (data[0] & 1) != 0 ? ~(unsigned)CAP_CHUNKING : ~0U;
	caps.rcpt_max = (data[0] & 2) != 0 ? 1 : 0;
	caps.mail_max = (data[0] & 4) != 0 ? 3 : 0;
	begin(&r, says, data[0]);
	script_channel(&r.script, &channel, NULL);
	(void)batch_run(&b, &supply, &o);
	for (size_t i = 0; i < MESSAGES; i++) {
		must((r.settled[i] == 1) == (i < r.given));
		taken += i < r.given ? envelope_accepted(&r.e[i]) : 0;
		envelope_free(&r.e[i]);
	}
	must(taken == 0 || yeses(says) > taken);
	channel_close(&channel);
	script_free(&r.script);
	source_free(&r.m);
	return 0;
}
