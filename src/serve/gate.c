/* SPDX-License-Identifier: ISC */
#include "serve/gate.h"

#include <inttypes.h>
#include <stdio.h>

#define SECOND 1000000
#define COUNTED_FOR (3600LL * SECOND) /* how long a look into the queue is good */
#define COUNT_PAUSE (10LL * SECOND)   /* before who has too much in it has another */
#define LABEL_SIZE 2048               /* what stands on a mail in the queue, roughly */

static bool
is_free(const struct posting *p)
{
	return p->visitor->uid == 0 && p->visitor->user == NULL;
}

/* "36 seconds", "2 hours". */
static void
tell_time(char *out, size_t size, int64_t seconds)
{
	static const struct {
		int64_t seconds;
		const char *word;
	} units[] = { { 2 * 3600, "hours" }, { 2 * 60, "minutes" }, { 1, "seconds" } };
	const int64_t length[] = { 3600, 60, 1 };
	size_t i = 0;

	while (i < 2 && seconds < units[i].seconds)
		i++;
	(void)snprintf(out, size, "%" PRId64 " %s", (seconds + length[i] - 1) / length[i],
	    units[i].word);
}

/* "100 mails an hour and 1000 a day". */
static void
tell_limits(char *out, size_t size, enum usage_of what, const struct usage_limits *l)
{
	const char *thing = what == USAGE_MAILS ? "mail" : "recipient";
	const int first = l->hour > 0 ? l->hour : l->day;
	int n = snprintf(out, size, "%d %s%s %s", first, thing, first == 1 ? "" : "s",
	    l->hour > 0 ? "an hour" : "a day");

	if (l->hour > 0 && l->day > 0)
		(void)snprintf(out + n, size - (size_t)n, " and %d a day", l->day);
}

static bool
may_send(
    const struct gate *g, const struct posting *p, enum usage_of what, struct outcome *o)
{
	const struct usage_limits *limits = &g->rules->limits[what];
	char pause[40], allowed[80];
	int64_t seconds;

	if (is_free(p))
		return true;
	seconds = usage_take(g->usage, g->who, what, limits, usage_now());
	if (seconds == 0)
		return true;
	tell_time(pause, sizeof pause, seconds);
	tell_limits(allowed, sizeof allowed, what, limits);
	return outcome_fail(
	    o, CAUSE_TOO_MUCH, "%s may have %s; try again in %s", g->who, allowed, pause);
}

/* How much waits: what is known of it, where that will do, or another look into the
 * queue; who has too much there waits a moment for that. */
static uint64_t
count_waiting(const struct gate *g, uint64_t more)
{
	const int64_t now = usage_now();
	const struct usage_waiting w = usage_waiting(g->usage, g->who, now);
	const uint64_t most = g->rules->waiting;
	const int64_t age = now - w.counted;
	uint64_t bytes;

	if (w.bytes + more > most && age >= 0 && age < COUNT_PAUSE)
		return w.bytes;
	if (w.bytes + w.since + more <= most && age >= 0 && age < COUNTED_FOR)
		return w.bytes + w.since;
	bytes = g->waiting(g->arg, g->who);
	usage_set_waiting(g->usage, g->who, bytes, now);
	return bytes;
}

static bool
has_room(const struct gate *g, const struct posting *p, struct outcome *o)
{
	const uint64_t most = g->rules->waiting;
	uint64_t bytes;

	if (most == 0 || is_free(p))
		return true;
	bytes = count_waiting(g, p->size);
	if (bytes + p->size <= most)
		return true;
	return outcome_fail(o, CAUSE_QUEUE,
	    "of the mail of %s, %" PRIu64 " bytes wait to be sent, and %" PRIu64
	    " may (listen_waiting); try again when some of it is gone",
	    g->who, bytes, most);
}

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct gate *g = self;

	visitor_name(p->visitor, g->who);
	return senders_allow(
		   g->rules->senders, g->local, p->visitor, p->envelope.sender, o) &&
	       has_room(g, p, o) && may_send(g, p, USAGE_MAILS, o) &&
	       g->next->begin(g->self, p, o);
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct gate *g = self;

	return may_send(g, p, USAGE_RECIPIENTS, o) && g->next->rcpt(g->self, p, to, o);
}

static bool
is_kept(const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (e->rcpt[i].outcome.cause == CAUSE_QUEUED)
			return true;
	return false;
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct gate *g = self;
	const uint64_t size = m->size;

	g->next->message(g->self, p, m);
	if (g->rules->waiting > 0 && is_kept(&p->envelope))
		usage_add_waiting(g->usage, g->who, size + LABEL_SIZE, usage_now());
}

static void
end(void *self, struct posting *p)
{
	struct gate *g = self;

	g->next->end(g->self, p);
}

const struct sink gate_sink = { begin, rcpt, message, end, NULL };
