/* SPDX-License-Identifier: ISC */
#include "queue/errand.h"

#include <stdlib.h>

#include "base/mem.h"
#include "mail/downgrade.h"
#include "queue/bounce.h"
#include "queue/journal.h"
#include "queue/schedule.h"
#include "smtp/transaction.h"

bool
due_is(const struct due *due, const struct progress *p)
{
	return p->state == PROGRESS_WAITING && (due->all || p->next <= due->now);
}

/* Those who are due, and where they stand in the entry. Notices that the server doesn't
 * send are ours to send. */
static void
choose_due(struct errand *d, const struct due *due)
{
	const struct envelope *all = &d->entry.envelope;
	struct envelope *e = &d->envelope;

	if (all->sender != NULL)
		envelope_set_sender(e, all->sender);
	e->notify = all->notify;
	e->ret = all->ret;
	e->envid = all->envid != NULL ? mem_dup(all->envid) : NULL;
	e->only_wished = true;
	d->index = mem_new((all->n + 1) * sizeof *d->index);
	for (size_t i = 0; i < all->n; i++) {
		const struct recipient *to = &all->rcpt[i];

		if (!due_is(due, &d->entry.progress[i]))
			continue;
		d->index[e->n] = i;
		envelope_add_for(e, to->address, to);
	}
}

struct errand *
errand_take(struct spool *s, struct work_item *item, const struct due *due)
{
	struct errand *d = mem_new(sizeof *d);
	struct outcome ignored; /* the spool tells its observer what it set aside */

	entry_init(&d->entry);
	source_init(&d->plain);
	d->item = item;
	if (spool_take(s, FOLDER_NEW, item->id, &d->entry, &ignored) == TAKEN) {
		d->message = &d->entry.source;
		choose_due(d, due);
	}
	if (d->envelope.n > 0)
		return d;
	errand_free(d);
	return NULL;
}

void
errand_free(struct errand *d)
{
	envelope_free(&d->envelope);
	source_free(&d->plain);
	entry_free(&d->entry);
	free(d->index);
	free(d);
}

bool
errand_prepare(struct errand *d, const struct caps *caps, struct outcome *o)
{
	bool changed;

	d->message = &d->entry.source;
	if (!d->message->is_8bit || caps_have(caps, CAP_8BITMIME))
		return true;
	source_free(&d->plain);
	if (!downgrade(&d->entry.source, &d->plain, &changed, o))
		return false;
	if (changed)
		d->message = &d->plain;
	return true;
}

bool
errand_got_on(const struct errand *d)
{
	bool got_on = false;

	for (size_t i = 0; i < d->envelope.n; i++)
		got_on |= trouble_of(&d->envelope.rcpt[i].outcome) == TROUBLE_NONE;
	return got_on;
}

/* Who is one too many gets it in another session; but not where nobody else was named who
 * won't be next time. */
static enum trouble
trouble_with(const struct errand *d, const struct outcome *o)
{
	const enum trouble t = trouble_of(o);

	return t == TROUBLE_SESSION && transaction_is_too_many(o) && !errand_got_on(d)
		   ? TROUBLE_MESSAGE
		   : t;
}

enum trouble
errand_trouble(const struct errand *d, const struct outcome **why)
{
	enum trouble gravest = TROUBLE_NONE;

	*why = NULL;
	for (size_t i = 0; i < d->envelope.n; i++) {
		const struct outcome *o = &d->envelope.rcpt[i].outcome;

		if (trouble_with(d, o) > gravest) {
			gravest = trouble_with(d, o);
			*why = o;
		}
	}
	return gravest;
}

/* What is to be written down of one recipient. */
static enum record_kind
kind_of(const struct outcome *o)
{
	switch (outcome_verdict(o)) {
	case VERDICT_DONE:
		return RECORD_SENT;
	case VERDICT_REJECT:
		return RECORD_FAILED;
	case VERDICT_RETRY:
	case VERDICT_HOLD:
		break;
	}
	return RECORD_LATER;
}

/* Whether this recipient's getting it needs no notice: none is wanted, or the server will
 * send it. */
static bool
is_told(const struct errand *d, size_t i, const struct caps *caps)
{
	return !bounce_is_wanted(&d->envelope, &d->envelope.rcpt[i], BOUNCE_RELAYED) ||
	       (caps != NULL && caps_have(caps, CAP_DSN));
}

static void
note(struct errand *d, size_t i, const struct errand_facts *facts, struct buf *lines)
{
	const struct outcome *o = &d->envelope.rcpt[i].outcome;
	struct record r = {
		.kind = kind_of(o), .recipient = d->index[i], .time = facts->now
	};

	if (trouble_with(d, o) > (facts->blamed ? TROUBLE_SESSION : TROUBLE_MESSAGE))
		return;
	r.tries = d->entry.progress[r.recipient].tries + 1;
	if (r.kind == RECORD_LATER)
		r.next = facts->now + schedule_message_pause((unsigned)r.tries);
	journal_note(&d->entry, lines, &r, o);
	if (r.kind != RECORD_SENT || !is_told(d, i, facts->caps))
		return;
	r.kind = RECORD_NOTICED;
	journal_note(&d->entry, lines, &r, o);
}

/* Whether nothing is left to be done about anybody. */
static bool
is_over(const struct entry *e)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (e->progress[i].state == PROGRESS_WAITING || !e->progress[i].noticed)
			return false;
	return true;
}

bool
errand_record(struct errand *d, struct spool *s, const struct errand_facts *facts,
    bool *removed, struct outcome *o)
{
	struct buf lines;
	bool ok;

	buf_init(&lines, ENTRY_JOURNAL_MAX);
	for (size_t i = 0; i < d->envelope.n; i++)
		note(d, i, facts, &lines);
	*removed = is_over(&d->entry);
	if (*removed)
		ok = spool_unlink(s, FOLDER_NEW, &d->entry, o);
	else
		ok = lines.len == 0 || journal_append(&d->entry, buf_span(&lines), o);
	if (!*removed && entry_waiting(&d->entry) < d->entry.envelope.n)
		atomic_store(&d->item->attention, true);
	buf_free(&lines);
	return ok;
}
