/* SPDX-License-Identifier: ISC */
#include "serve/answer.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define WORDS_MAX 4096
#define CLOSING 421

/* Codes for causes of ours; those that aren't here follow from
 * the verdict. */
static const struct {
	enum cause cause;
	int code;
} codes[] = {
	{ CAUSE_STORE, 452 },
	{ CAUSE_QUEUE, 452 },
	{ CAUSE_TOO_LARGE, 552 },
	{ CAUSE_NOT_YOURS, 550 },
	{ CAUSE_TOO_MUCH, 450 },
	{ CAUSE_ADDRESS, 553 },
	{ CAUSE_NO_SMTPUTF8, 553 },
};

static int
code_of(const struct outcome *o)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].cause == o->cause)
			return codes[i].code;
	switch (outcome_verdict(o)) {
	case VERDICT_DONE:
		return 250;
	case VERDICT_REJECT:
		return 554;
	case VERDICT_RETRY:
	case VERDICT_HOLD:
		break;
	}
	return 451;
}

/* Whether another server said it about the mail; what it said before, it said about us.
 */
static bool
is_about_mail(const struct outcome *o)
{
	return outcome_is_said(o) && o->stage >= STAGE_MAIL;
}

/* What it said, less the status in front: each line gets its own. A server that goes away
 * (421) is no reason for us to do so. */
static void
pass_on(struct answer *a, const struct outcome *o)
{
	const size_t n = strlen(o->status);
	const char *text = o->text;

	a->code = o->code == CLOSING ? 451 : o->code;
	(void)snprintf(a->status, sizeof a->status, "%s", o->status);
	if (strncmp(text, o->status, n) == 0 && (text[n] == ' ' || text[n] == '\0'))
		text += n + (text[n] == ' ');
	(void)snprintf(a->text, sizeof a->text, "%s", text);
}

/* Whether it is about what we have here, and not about the mail or its sender. */
static bool
is_of_the_house(const struct outcome *o)
{
	const enum verdict verdict = outcome_verdict(o);

	return outcome_is_said(o) || verdict == VERDICT_HOLD ||
	       (verdict == VERDICT_RETRY && o->cause != CAUSE_TOO_MUCH);
}

/* Sentences that are the same for all name nothing. */
static void
add_plain_words(struct buf *out, const struct outcome *o)
{
	if (outcome_seen(o) != NULL)
		outcome_sentence(o, NULL, out);
	else
		buf_puts(out, "no mail can be taken now; who runs this server can find "
			      "out why");
}

static void
add_words(struct buf *out, const struct outcome *o)
{
	outcome_words(o, NULL, out);
	if (outcome_is_said(o))
		buf_printf(out, ": %d %s", o->code, o->text);
}

void
answer_make(struct answer *a, const struct outcome *o, bool discreet)
{
	struct buf words;

	*a = (struct answer){ .code = 0 };
	if (is_about_mail(o)) {
		pass_on(a, o);
		return;
	}
	a->code = o->cause == CAUSE_REPLY ? 451 : code_of(o);
	(void)snprintf(a->status, sizeof a->status, "%s", o->status);
	a->status[0] = (char)('0' + a->code / 100);
	if (a->status[1] == '\0')
		(void)snprintf(a->status + 1, sizeof a->status - 1, ".0.0");
	buf_init(&words, WORDS_MAX);
	if (discreet && is_of_the_house(o))
		add_plain_words(&words, o);
	else
		add_words(&words, o);
	(void)snprintf(a->text, sizeof a->text, "%s", words.data);
	buf_free(&words);
}

/* The smaller, the more it counts. */
enum rank { KEPT, ACCEPTED, PUT_OFF, REFUSED };

static enum rank
rank(const struct outcome *o)
{
	const enum verdict verdict = outcome_verdict(o);

	if (verdict == VERDICT_DONE)
		return o->cause == CAUSE_QUEUED ? KEPT : ACCEPTED;
	return verdict == VERDICT_REJECT ? REFUSED : PUT_OFF;
}

/* The outcome of the one that counts the most, if `from` is the least rank that counts.
 */
static const struct outcome *
first_of_rank(const struct envelope *e, enum rank from)
{
	const struct outcome *first = NULL;

	assert(e->n == 0 || e->rcpt != NULL);
	for (size_t i = 0; i < e->n; i++) {
		const struct outcome *o = &e->rcpt[i].outcome;

		if (rank(o) >= from && (first == NULL || rank(o) < rank(first)))
			first = o;
	}
	return first;
}

const struct outcome *
answer_for_all(const struct envelope *e)
{
	assert(e->n > 0);
	return first_of_rank(e, KEPT);
}

const struct outcome *
answer_of_failures(const struct envelope *e)
{
	const struct outcome *failure = first_of_rank(e, PUT_OFF);

	return failure != NULL ? failure : answer_for_all(e);
}
