/* SPDX-License-Identifier: ISC
 *
 * fuzz_transaction.c - a client with three recipients, and a server that says anything
 *
 * The first byte chooses what the server offers, the protocol, and how the conversation
 * ends; the rest is what it says, all at once, but for what stands behind a 354. Nobody
 * counts as accepted unless the server has said yes to the sender, to that recipient, to
 * DATA, and to the message, each in its place: that is worked out here once more, in
 * another way. Who was one too many (452) is tried again, behind all this.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "lib/sample.h"
#include "lib/script.h"
#include "smtp/batch.h"

#define RECIPIENTS 3
#define REPLIES_MAX 16

/* The codes of the first replies; 0 where there is none, or what stands there is none. */
static void
codes_of(struct span says, int code[REPLIES_MAX])
{
	size_t n = 0;
	int first = 0;
	struct span line;

	memset(code, 0, REPLIES_MAX * sizeof *code);
	while (n < REPLIES_MAX && memchr(says.p, '\n', says.n) != NULL &&
	       span_cut(&says, '\n', &line)) {
		int now;

		if (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		if (line.n < 3 || !is_digit(line.p[0]) || !is_digit(line.p[1]) ||
		    !is_digit(line.p[2]))
			return;
		if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '-')
			return;
		now = (line.p[0] - '0') * 100 + (line.p[1] - '0') * 10 + line.p[2] - '0';
		if (now < 200 || now > 599 || (first != 0 && now != first))
			return;
		first = line.n > 3 && line.p[3] == '-' ? now : 0;
		if (first == 0)
			code[n++] = now;
	}
}

/* 221 is the answer to QUIT alone. */
static bool
is_yes(int code, int class)
{
	return code / 100 == class && code != 221;
}

/* Whether a reply can stand where one of `class` means yes. */
static bool
is_answer(int code, int class)
{
	return is_yes(code, class) || code >= 400;
}

/* Which of the recipients may count as accepted: none behind a reply that is none, or
 * that answers something else. */
static void
work_out(struct span says, bool lmtp, bool accepted[RECIPIENTS])
{
	const size_t data = 1 + RECIPIENTS;
	size_t verdict = data + 1;
	int code[REPLIES_MAX];
	bool sane = true;

	codes_of(says, code);
	for (size_t i = 0; i < data; i++)
		sane = sane && is_answer(code[i], 2);
	sane = sane && is_yes(code[0], 2) && code[data] == 354;
	for (size_t i = 0; i < RECIPIENTS; i++) {
		bool taken = is_yes(code[1 + i], 2);

		sane = sane && (!taken || is_answer(code[verdict], 2));
		accepted[i] = sane && taken && is_yes(code[verdict], 2);
		verdict += lmtp && taken;
	}
}

static void
check_outcomes(const struct envelope *e, struct span says, bool lmtp)
{
	bool may[RECIPIENTS];
	int code[REPLIES_MAX];

	codes_of(says, code);
	work_out(says, lmtp, may);
	for (size_t i = 0; i < e->n; i++) {
		const struct outcome *o = &e->rcpt[i].outcome;

		must(o->cause < CAUSE_LAST);
		must((o->cause == CAUSE_NONE) == may[i] || code[1 + i] == 452);
		must(o->cause != CAUSE_NONE || o->code / 100 == 2);
		must(o->cause != CAUSE_NONE || o->stage == STAGE_FINAL);
		must(o->cause != CAUSE_REPLY || o->code / 100 >= 4);
		must(o->stage >= STAGE_MAIL);
	}
}

/* The message is never sent but whole, and never behind a refusal of all. */
static void
check_wire(const struct script *s, const struct envelope *e, struct span text)
{
	const char *message = memmem(s->heard.data, s->heard.len, text.p, text.n);
	size_t end;

	if (message == NULL) {
		for (size_t i = 0; i < e->n; i++)
			must(e->rcpt[i].outcome.cause != CAUSE_NONE);
		return;
	}
	end = (size_t)(message - s->heard.data) + text.n;
	must(s->heard.len >= end + 3);
	must(memcmp(s->heard.data + end, ".\r\n", 3) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char message[] = "Subject: x\r\n\r\nhello\r\n";
	struct span says = { (const char *)data + 1, size - 1 };
	struct channel channel;
	struct envelope e;
	struct source m;
	struct script s;
	struct outcome o;
	struct caps caps = { 0 };
	size_t before;
	struct batch b = { .channel = &channel, .caps = &caps };

	if (size < 1)
		return 0;
	b.lmtp = (data[0] & 1) != 0;
	caps.set |= (data[0] & 2) != 0 ? CAP_PIPELINING : 0;
	caps.set |= (data[0] & 4) != 0 ? CAP_SIZE | CAP_DSN | CAP_8BITMIME : 0;
	before = script_invitation(says);
	script_init_bytes(&s, span_bytes(says.p, before),
	    (enum script_end)((data[0] >> 3 & 3) % (SCRIPT_RESETS + 1)));
	script_add_bytes(
	    &s, SCRIPT_END_OF_MESSAGE, span_bytes(says.p + before, says.n - before));
	s.read_max = (data[0] & 32) != 0 ? 1 : 0;
	s.hesitates = (data[0] & 64) != 0;
	s.crossed = (data[0] & 128) != 0;
	script_channel(&s, &channel, NULL);
	sample_envelope(&e, "s@x", "a@x, b@x, c@x");
	sample_source(&m, span_of(message));
	(void)transact(&b, &e, &m, &o);
	check_outcomes(&e, says, b.lmtp);
	check_wire(&s, &e, span_of(message));
	must(s.writes <= 20);
	channel_close(&channel);
	script_free(&s);
	envelope_free(&e);
	source_free(&m);
	return 0;
}
