/* SPDX-License-Identifier: ISC */
#include "smtp/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "mail/downgrade.h"
#include "smtp/transaction.h"

/* Each server takes so many recipients in a transaction (RFC 5321, 4.5.3.1.8). */
#define ALWAYS_TAKEN 100

static const struct span nothing = { "", 0 };

/* A message between next() and settled(). */
struct slot {
	struct envelope *e;
	struct source *m;
	struct source plain;  /* the same in 7 bits, where it must be */
	struct transaction t; /* the one under way */
	bool alone;           /* it started when no other was */
};

/* Messages in the order in which they start: first those that have, then those that wait
 * for a further transaction. */
struct window {
	struct batch *b;
	const struct supply *supply;
	struct flight flight;
	struct slot *slot[BATCH_DEPTH_MAX];
	size_t n;
	size_t started;
	bool dry; /* there is no next message */
};

bool
batch_is_rest(const struct outcome *o)
{
	return o->cause == CAUSE_SESSION_FULL || transaction_is_too_many(o);
}

static void
give_open(struct envelope *e, const struct outcome *o)
{
	for (size_t i = 0; i < e->n; i++)
		if (outcome_is_open(&e->rcpt[i].outcome))
			e->rcpt[i].outcome = *o;
}

static void
settle(struct window *w, struct slot *s)
{
	if (w->supply->settled != NULL)
		w->supply->settled(w->supply->arg, s->e, s->m);
	source_free(&s->plain);
	free(s->t.to);
	free(s);
}

/* The message in the form that the server takes, if it can be one. */
static bool
fit(struct window *w, struct slot *s, struct outcome *o)
{
	const struct caps *caps = w->b->caps;
	bool changed = false;

	if (s->m->is_8bit && !caps_have(caps, CAP_8BITMIME) &&
	    !downgrade(s->m, &s->plain, &changed, o))
		return false;
	s->t.m = changed ? &s->plain : s->m;
	return transaction_is_possible(caps, s->e, s->t.m, o);
}

/* Takes in a message; one that the server can't take is settled at once. */
static void
admit(struct window *w, struct envelope *e, struct source *m)
{
	struct slot *s = mem_new(sizeof *s);
	struct outcome why;

	*s = (struct slot){ .e = e, .m = m };
	source_init(&s->plain);
	for (size_t i = 0; i < e->n; i++)
		if (!w->b->only_rest || batch_is_rest(&e->rcpt[i].outcome))
			e->rcpt[i].outcome = OUTCOME_OPEN;
	if (e->n > 0 && fit(w, s, &why)) {
		w->slot[w->n++] = s;
		return;
	}
	give_open(e, &why);
	settle(w, s);
}

/* How many may be on their way now. */
static size_t
depth(const struct window *w)
{
	if (!w->flight.pipelining || w->b->lmtp || !w->b->trusted || w->b->depth < 1)
		return 1;
	return w->b->depth < BATCH_DEPTH_MAX ? w->b->depth : BATCH_DEPTH_MAX;
}

/* The one that started last; NULL: none is under way. */
static struct slot *
newest(const struct window *w)
{
	return w->started > 0 ? w->slot[w->started - 1] : NULL;
}

/* A message whose turn it is to be said mustn't be preceded by anything. */
static bool
may_start(const struct window *w)
{
	const struct slot *before = newest(w);

	return !w->b->full && !w->b->quit && w->started < depth(w) &&
	       (before == NULL || before->t.sent);
}

static bool
has_waiting(struct window *w)
{
	struct envelope *e;
	struct source *m;

	while (w->n == w->started && !w->dry) {
		w->dry = !w->supply->next(w->supply->arg, &e, &m);
		if (!w->dry)
			admit(w, e, m);
	}
	return w->n > w->started;
}

/* The recipients of the next transaction: those that are open, as many as go at a time.
 */
static void
choose(struct window *w, struct slot *s)
{
	size_t max = w->b->rcpt_max > 0 ? w->b->rcpt_max : w->b->caps->rcpt_max;

	if (max == 0 || max > s->e->n || w->b->asked)
		max = s->e->n;
	s->t.to = mem_grow(s->t.to, max, sizeof(struct recipient *));
	s->t.n = 0;
	for (size_t i = 0; i < s->e->n && s->t.n < max; i++)
		if (outcome_is_open(&s->e->rcpt[i].outcome))
			s->t.to[s->t.n++] = &s->e->rcpt[i];
}

static bool
start(struct window *w, struct outcome *o)
{
	const struct slot *before = newest(w);
	struct slot *s = w->slot[w->started++];
	struct batch *b = w->b;

	choose(w, s);
	s->alone = before == NULL;
	s->t = (struct transaction){
		.flight = &w->flight,
		.caps = b->caps,
		.lmtp = b->lmtp,
		.resets = before != NULL ? transaction_is_open(&before->t) : b->is_open,
		.asked = b->asked,
		.bdat_works = b->bdat_works,
		.habit = &b->habit,
		.e = s->e,
		.m = s->t.m,
		.to = s->t.to,
		.n = s->t.n,
	};
	b->asked = false;
	b->mails++;
	b->full = b->caps->mail_max > 0 && b->mails >= b->caps->mail_max;
	return transaction_start(&s->t, o);
}

/* Whether a message may need a further transaction, for all that is known. */
static bool
may_have_rest(const struct slot *s)
{
	for (size_t i = 0; i < s->e->n; i++)
		if (transaction_is_too_many(&s->e->rcpt[i].outcome))
			return true;
	return s->t.n < s->e->n || (s->t.n > ALWAYS_TAKEN && s->t.data.code == 0);
}

/* Goes along with the end of the last message, where the server lets us. */
static bool
say_goodbye(struct window *w, struct outcome *o)
{
	struct batch *b = w->b;

	if (b->quit || b->stays || !w->flight.pipelining || (!w->dry && !b->full) ||
	    flight_owed(&w->flight) == 0 || w->started < w->n || !newest(w)->t.sent)
		return true;
	for (size_t i = 0; i < w->n; i++)
		if (may_have_rest(w->slot[i]) && !b->full)
			return true;
	b->quit = true;
	return channel_command(b->channel, STAGE_FINAL, "QUIT", nothing, o);
}

/* Starts what may start; in groups, so that they share their writes. */
static bool
fill(struct window *w, struct outcome *o)
{
	bool ok = true;

	if (w->started <= depth(w) / 2)
		while (ok && may_start(w) && has_waiting(w))
			ok = start(w, o);
	return ok && say_goodbye(w, o);
}

/* The words with which a server wants an end made of the session. */
static bool
is_enough(const struct window *w, const struct outcome *mail)
{
	return w->flight.closing.code == FLIGHT_CLOSING || mail->code == 452 ||
	       strcmp(mail->status, "4.3.2") == 0 || mail->cause == CAUSE_QUOTA;
}

/* With none behind it, its answers are its own. */
static void
learn_habit(struct window *w, const struct slot *s)
{
	const struct transaction *t = &s->t;

	if (!s->alone || w->started > 1 || t->body.cause != CAUSE_NONE)
		return;
	memcpy(w->b->habit.recipient, t->word, HABIT_MAX);
	habit_word(w->b->habit.message, t->body.text);
}

static void
learn(struct window *w, const struct slot *s)
{
	const struct transaction *t = &s->t;
	struct batch *b = w->b;

	learn_habit(w, s);
	b->trusted = transaction_taken(t) == t->n && (b->trusted || s->alone);
	b->bdat_works = t->bdat_works;
	b->is_open = transaction_is_open(t);
	b->full = b->full || is_enough(w, &t->mail);
}

/* What is true of all recipients, also of those that weren't named yet; NULL: nothing. */
static const struct outcome *
word_to_all(const struct transaction *t)
{
	const struct outcome *many = NULL;

	if (outcome_is_refusal(&t->mail))
		return &t->mail;
	for (size_t i = 0; i < t->n; i++) {
		const struct outcome *o = &t->to[i]->outcome;

		if (outcome_is_refusal(o) && o->stage > STAGE_RCPT && !t->lmtp)
			return o;
		if (transaction_is_too_many(o))
			many = o;
	}
	return transaction_taken(t) == 0 ? many : NULL;
}

/* Whether there is a rest of recipients that goes in a further transaction: only where
 * this one got us further. */
static bool
has_rest(struct window *w, struct slot *s)
{
	const struct outcome *all = word_to_all(&s->t);
	size_t taken = transaction_taken(&s->t), open = 0;
	bool goes_on = !w->b->full && !w->b->quit && taken > 0;

	if (all != NULL)
		give_open(s->e, all);
	for (size_t i = 0; i < s->t.n && goes_on; i++)
		if (transaction_is_too_many(&s->t.to[i]->outcome)) {
			s->t.to[i]->outcome = OUTCOME_OPEN;
			w->b->rcpt_max = taken;
		}
	for (size_t i = 0; i < s->e->n; i++)
		open += outcome_is_open(&s->e->rcpt[i].outcome);
	return open > 0;
}

/* Takes the oldest out of the window, or puts it behind all others. */
static void
retire(struct window *w)
{
	struct slot *s = w->slot[0];
	bool again;

	learn(w, s);
	again = has_rest(w, s);
	w->n--;
	w->started--;
	memmove(w->slot, w->slot + 1, w->n * sizeof(struct slot *));
	if (again)
		w->slot[w->n++] = s;
	else
		settle(w, s);
}

/* The next thing that has to be waited for. */
static bool
step(struct window *w, struct outcome *o)
{
	struct transaction *t = &w->slot[0]->t;

	if (!t->sent)
		return transaction_send(t, o);
	if (!transaction_finish(t, o))
		return false;
	retire(w);
	return true;
}

static void
lose_all(struct window *w, const struct outcome *why)
{
	if (why->cause == CAUSE_HANGUP || why->cause == CAUSE_TIMEOUT)
		flight_salvage(&w->flight);
	for (size_t i = 0; i < w->n; i++) {
		struct slot *s = w->slot[i];

		if (i < w->started) {
			transaction_lose(&s->t, why);
			w->b->no_chunking = w->b->no_chunking || s->t.no_bdat;
		}
		give_open(s->e, why);
		settle(w, s);
	}
}

static void
give_session_full(const struct window *w, struct envelope *e)
{
	struct outcome full;

	(void)outcome_fail(
	    &full, CAUSE_SESSION_FULL, "it has had %u in this session", w->b->mails);
	(void)outcome_at(&full, STAGE_MAIL);
	give_open(e, &full);
}

static bool
run(struct window *w, struct outcome *o)
{
	bool ok = fill(w, o);

	while (ok && w->started > 0)
		ok = step(w, o) && fill(w, o);
	if (!ok)
		lose_all(w, o);
	for (size_t i = 0; ok && i < w->n; i++) {
		give_session_full(w, w->slot[i]->e);
		settle(w, w->slot[i]);
	}
	flight_free(&w->flight);
	return ok;
}

static void
begin(struct window *w, struct batch *b, const struct supply *supply)
{
	*w = (struct window){ .b = b, .supply = supply };
	flight_init(&w->flight, b->channel, caps_have(b->caps, CAP_PIPELINING));
}

bool
batch_run(struct batch *b, const struct supply *supply, struct outcome *o)
{
	struct window w;

	begin(&w, b, supply);
	return run(&w, o);
}

bool
transact(struct batch *b, struct envelope *e, struct source *m, struct outcome *o)
{
	static const struct supply none = { 0 };
	struct window w;

	begin(&w, b, &none);
	w.dry = true;
	admit(&w, e, m);
	return run(&w, o);
}
