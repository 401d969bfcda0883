/* SPDX-License-Identifier: ISC */
#include "queue/teller.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "queue/addressee.h"
#include "queue/agent.h"
#include "queue/bounce.h"
#include "queue/journal.h"
#include "queue/schedule.h"
#include "relay/route.h"

#define HOUR 3600

/* One mail, while it is attended to. */
struct care {
	struct teller *t;
	struct entry *e;
	struct agent agent;
	bool has_agent;                      /* else its account can't be found */
	const struct account_state *trouble; /* of the account; NULL: none */
};

static bool
is_null_sender(const struct envelope *e)
{
	return e->sender == NULL || *e->sender == '\0';
}

/* Whether this recipient is to be told of in a notice of this kind. */
static bool
is_about(const struct progress *p, enum bounce_kind kind)
{
	switch (kind) {
	case BOUNCE_FAILED:
		return p->state == PROGRESS_FAILED && !p->noticed;
	case BOUNCE_RELAYED:
		return p->state == PROGRESS_SENT && !p->noticed;
	case BOUNCE_DELAYED:
		break;
	}
	return p->state == PROGRESS_WAITING && !p->warned;
}

static size_t
count_about(const struct entry *e, enum bounce_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < e->envelope.n; i++)
		n += is_about(&e->progress[i], kind);
	return n;
}

/* Whether the notice names this recipient: it is about them, and the sender wants it. */
static bool
is_told_of(const struct entry *e, size_t i, enum bounce_kind kind)
{
	return is_about(&e->progress[i], kind) &&
	       bounce_is_wanted(&e->envelope, &e->envelope.rcpt[i], kind);
}

static size_t
count_told_of(const struct entry *e, enum bounce_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < e->envelope.n; i++)
		n += is_told_of(e, i, kind);
	return n;
}

static bool
was_tried(const struct entry *e)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (e->progress[i].last > 0)
			return true;
	return false;
}

/* Nobody is warned of or given up untried, unless the account was in trouble all the
 * time; nor while somebody must mend it. */
static enum age
age_of(const struct entry *e, int64_t now, int64_t warn, int64_t lifetime,
    const struct account_state *trouble)
{
	if (trouble != NULL ? trouble->held : !was_tried(e))
		return AGE_YOUNG;
	return schedule_age(e->ticket.created, now, warn, lifetime);
}

bool
teller_is_needed(const struct entry *e, int64_t now, int64_t warn, int64_t lifetime,
    const struct account_state *trouble)
{
	const enum age age = age_of(e, now, warn, lifetime, trouble);

	return entry_waiting(e) == 0 || count_about(e, BOUNCE_FAILED) > 0 ||
	       count_about(e, BOUNCE_RELAYED) > 0 || age == AGE_EXPIRED ||
	       (age == AGE_LATE && count_told_of(e, BOUNCE_DELAYED) > 0);
}

/* Writes the same into the journal for all whom such a notice is about. */
static bool
mark(struct care *c, enum bounce_kind about, enum record_kind kind, struct outcome *o)
{
	struct buf lines;
	bool ok;

	buf_init(&lines, ENTRY_JOURNAL_MAX);
	for (size_t i = 0; i < c->e->envelope.n; i++) {
		const struct progress *p = &c->e->progress[i];
		const struct record r = { kind, i, c->t->now, 0, p->tries };

		if (is_about(p, about))
			journal_note(c->e, &lines, &r, &c->e->envelope.rcpt[i].outcome);
	}
	ok = lines.len == 0 || journal_append(c->e, buf_span(&lines), o);
	buf_free(&lines);
	return ok;
}

static bool
is_expired(const struct care *c)
{
	return c->has_agent &&
	       age_of(c->e, c->t->now, 0, c->agent.account->queue_lifetime, c->trouble) ==
		   AGE_EXPIRED;
}

/* Gives up those who wait. Who was never tried, because the account was in trouble all
 * the time, failed for its reason. */
static bool
expire(struct care *c, struct outcome *o)
{
	struct buf lines;
	bool ok;

	buf_init(&lines, ENTRY_JOURNAL_MAX);
	for (size_t i = 0; i < c->e->envelope.n; i++) {
		const struct progress *p = &c->e->progress[i];
		const struct record r = { RECORD_FAILED, i, c->t->now, 0, p->tries };
		const struct outcome *why = &c->e->envelope.rcpt[i].outcome;

		if (p->state != PROGRESS_WAITING)
			continue;
		journal_note(c->e, &lines, &r,
		    why->cause == CAUSE_NONE && c->trouble != NULL ? &c->trouble->why
								   : why);
		c->t->given_up++;
	}
	ok = lines.len == 0 || journal_append(c->e, buf_span(&lines), o);
	buf_free(&lines);
	return ok;
}

/* Notices */

static bool
keep_notice(struct care *c, const struct bounce *told, struct outcome *o)
{
	const char *sender = c->e->envelope.sender;
	const struct account *a = route_back(c->agent.account, &c->agent.config, sender);
	struct ticket ticket = c->e->ticket;
	struct bounce b = *told;
	char host[HOST_NAME_MAX + 1] = "localhost", id[ENTRY_ID_SIZE];
	struct envelope to = { 0 };
	struct source notice;
	bool ok;

	(void)gethostname(host, sizeof host - 1);
	b.host = host;
	b.maildomain = a->maildomain != NULL ? a->maildomain : host;
	b.now = c->t->now;
	ticket.account = a->name;
	ticket.created = c->t->now;
	ticket.next = 0;
	addressee_add(&to, a, host, sender, c->t->observer);
	source_init(&notice);
	spool_buffer(c->t->spool, &notice);
	ok = bounce_write(&notice, &b, o) &&
	     spool_put(c->t->spool, &ticket, &to, &notice, id, o);
	source_free(&notice);
	envelope_free(&to);
	state_count_notice(c->t->state, sender, c->t->now);
	c->t->notices += ok;
	return ok;
}

/* The recipients of the mail whom the notice names; item->rcpt is the caller's. */
static void
fill_item(struct bounce_item *item, const struct care *c, const struct entry *e,
    enum bounce_kind kind)
{
	const struct recipient **rcpt =
	    mem_grow(NULL, e->envelope.n, sizeof(struct recipient *));

	*item = (struct bounce_item){
		.id = e->id,
		.arrived = (time_t)e->ticket.created,
		.envelope = &e->envelope,
		.rcpt = rcpt,
		.server = account_server(c->agent.account),
	};
	for (size_t i = 0; i < e->envelope.n; i++)
		if (is_told_of(e, i, kind))
			rcpt[item->n++] = &e->envelope.rcpt[i];
}

static void
free_item(struct bounce_item *item)
{
	free((void *)(uintptr_t)item->rcpt);
}

static bool
notify(struct care *c, enum bounce_kind kind, struct outcome *o)
{
	struct bounce_item item;
	struct bounce b = {
		.kind = kind,
		.item = &item,
		.n = 1,
		.message = &c->e->source,
		.until =
		    (time_t)(c->e->ticket.created + c->agent.account->queue_lifetime),
	};
	bool ok;

	fill_item(&item, c, c->e, kind);
	ok = keep_notice(c, &b, o);
	free_item(&item);
	return ok &&
	       mark(c, kind, kind == BOUNCE_DELAYED ? RECORD_WARNED : RECORD_NOTICED, o);
}

/* One notice about this mail, where it is wanted and there is somebody to tell of. */
static bool
notify_if_wanted(struct care *c, enum bounce_kind kind, struct outcome *o)
{
	if (count_about(c->e, kind) == 0)
		return true;
	if (count_told_of(c->e, kind) == 0)
		return kind == BOUNCE_DELAYED || mark(c, kind, RECORD_NOTICED, o);
	if (!c->has_agent)
		return true;
	if (state_notices_left(c->t->state, c->e->envelope.sender, c->t->now) > 1)
		return notify(c, kind, o);
	if (kind != BOUNCE_FAILED) /* of these, there are digests */
		c->t->next = c->t->now + HOUR;
	return true;
}

static bool
warn_if_late(struct care *c, struct outcome *o)
{
	if (!c->has_agent || age_of(c->e, c->t->now, c->agent.account->queue_warn, 0,
				 c->trouble) != AGE_LATE)
		return true;
	return notify_if_wanted(c, BOUNCE_DELAYED, o);
}

/* The end of a mail */

/* Nobody can be told: somebody must look after it. */
static bool
set_aside(struct care *c, struct outcome *o)
{
	const struct observer *observer = c->t->observer;
	char words[128];

	if (!spool_move(c->t->spool, FOLDER_NEW, FOLDER_FAILED, c->e->id, o))
		return false;
	(void)snprintf(words, sizeof words,
	    "%s: a notice that could not be delivered was set aside", c->e->id);
	if (observer != NULL && observer->warn != NULL)
		observer->warn(observer->arg, words);
	return true;
}

static bool
finish(struct care *c, struct outcome *o)
{
	if (entry_waiting(c->e) > 0)
		return true;
	if (count_about(c->e, BOUNCE_FAILED) + count_about(c->e, BOUNCE_RELAYED) > 0)
		return true;
	return spool_remove(c->t->spool, FOLDER_NEW, c->e, o);
}

/* Keeps it for a digest, or until the sender may be told again. True: it was kept. */
static bool
wait_for_digest(struct care *c)
{
	struct teller *t = c->t;
	const char *sender = c->e->envelope.sender;

	if (!c->has_agent || is_null_sender(&c->e->envelope) ||
	    count_about(c->e, BOUNCE_FAILED) == 0)
		return false;
	if (state_notices_left(t->state, sender, t->now) == 0 || t->n == DIGEST_MAX) {
		t->next = t->now + HOUR;
		return false;
	}
	t->waiting[t->n++] = *c->e;
	return true;
}

static bool
attend(struct care *c, struct outcome *o)
{
	if (is_expired(c) && !expire(c, o))
		return false;
	if (is_null_sender(&c->e->envelope) && count_about(c->e, BOUNCE_FAILED) > 0)
		return entry_waiting(c->e) > 0 || set_aside(c, o);
	return notify_if_wanted(c, BOUNCE_FAILED, o) &&
	       notify_if_wanted(c, BOUNCE_RELAYED, o) && warn_if_late(c, o) &&
	       finish(c, o);
}

static void
begin_care(struct care *c, struct teller *t, struct entry *e)
{
	struct outcome ignored; /* who sends the next mail of the account says it */

	*c = (struct care){
		.t = t,
		.e = e,
		.trouble = state_find(t->state, &e->ticket),
	};
	c->has_agent = agent_find(&c->agent, &e->ticket, &ignored);
}

bool
teller_attend(struct teller *t, const char *id, struct outcome *o)
{
	struct entry e;
	struct care c;
	bool ok;

	entry_init(&e);
	if (spool_take(t->spool, FOLDER_NEW, id, &e, o) != TAKEN) {
		entry_free(&e);
		return true;
	}
	begin_care(&c, t, &e);
	ok = attend(&c, o);
	if (!ok || !wait_for_digest(&c))
		entry_free(&e);
	agent_free(&c.agent);
	return ok;
}

/* Digests */

/* Tells of all waiting mails with this sender and account at once. */
static bool
tell_of_all(struct teller *t, struct entry **entry, size_t n, struct outcome *o)
{
	struct bounce_item *items = mem_new(n * sizeof *items);
	struct bounce b = { .kind = BOUNCE_FAILED, .item = items, .n = n };
	struct care c;
	bool ok;

	begin_care(&c, t, entry[0]);
	ok = c.has_agent;
	for (size_t i = 0; ok && i < n; i++)
		fill_item(&items[i], &c, entry[i], BOUNCE_FAILED);
	if (n == 1)
		b.message = &entry[0]->source;
	if (ok)
		ok = keep_notice(&c, &b, o);
	for (size_t i = 0; i < n; i++) {
		c.e = entry[i];
		ok = ok && mark(&c, BOUNCE_FAILED, RECORD_NOTICED, o) && finish(&c, o);
		free_item(&items[i]);
	}
	free(items);
	agent_free(&c.agent);
	return ok;
}

static bool
is_same_sender(const struct entry *a, const struct entry *b)
{
	return strcmp(a->envelope.sender, b->envelope.sender) == 0 &&
	       strcmp(a->ticket.account, b->ticket.account) == 0;
}

bool
teller_end(struct teller *t, struct outcome *o)
{
	struct entry *group[DIGEST_MAX];
	bool told[DIGEST_MAX] = { false }, ok = true;

	for (size_t i = 0; i < t->n && ok; i++) {
		size_t n = 0;

		for (size_t j = i; j < t->n; j++)
			if (!told[j] && is_same_sender(&t->waiting[i], &t->waiting[j])) {
				group[n++] = &t->waiting[j];
				told[j] = true;
			}
		ok = n == 0 || tell_of_all(t, group, n, o);
	}
	for (size_t i = 0; i < t->n; i++)
		entry_free(&t->waiting[i]);
	t->n = 0;
	return ok;
}

void
teller_begin(struct teller *t, struct spool *spool, struct state *state,
    const struct observer *observer, int64_t now)
{
	t->spool = spool;
	t->state = state;
	t->observer = observer;
	t->now = now;
	t->next = INT64_MAX;
	t->given_up = t->notices = 0;
	t->n = 0;
}
