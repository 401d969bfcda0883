/* SPDX-License-Identifier: ISC */
#include "queue/pick.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/mem.h"
#include "queue/hurry.h"
#include "queue/scan.h"
#include "queue/wreck.h"

#define BUSY 5 /* seconds until mails that somebody else holds are tried again */

/* One look. */
struct look {
	struct pick *p;
	const struct news *news;
	struct teller *teller;
};

void
pick_begin(struct pick *p, const struct drain_wish *wish)
{
	*p = (struct pick){ .wish = wish };
	p->due.all = wish->all;
	p->next = INT64_MAX;
}

void
pick_end(struct pick *p)
{
	while (p->n > 0)
		pick_drop(p, p->n - 1);
	free(p->group);
	set_free(&p->offered);
}

void
pick_drop(struct pick *p, size_t i)
{
	group_free(&p->group[i]);
	memmove(&p->group[i], &p->group[i + 1], (--p->n - i) * sizeof *p->group);
}

/* NULL: there are too many. */
static struct group *
group_of(struct pick *p, const struct ticket *t, bool is_alone)
{
	for (size_t i = 0; i < p->n; i++)
		if (group_is_for(&p->group[i], t, is_alone))
			return &p->group[i];
	if (p->n == PICK_ACCOUNTS_MAX)
		return NULL;
	p->group = mem_room(p->group, p->n, sizeof *p->group);
	group_init(&p->group[p->n], t, is_alone);
	return &p->group[p->n++];
}

/* Whether it was tried already, in a run that tries each mail once. */
static bool
was_offered(struct pick *p, const char *id)
{
	return p->wish->all && !set_add(&p->offered, id);
}

static bool
is_due(const struct due *due, const struct entry *e)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (due_is(due, &e->progress[i]))
			return true;
	return false;
}

/* Whether the account may be tried; else *next is when. One whose settings have changed
 * may always. */
static bool
is_open(const struct pick *p, const struct group *g, const struct account_state *a)
{
	if (a == NULL || a->next <= p->due.now || a->mark != g->agent.mark)
		return true;
	return !a->failed_now && (p->wish->forced || (p->wish->all && !a->held));
}

/* Whether its sender is to be told of something, or we have given it up. */
static bool
is_to_attend(const struct look *l, const struct group *g, const struct entry *e,
    const struct account_state *trouble)
{
	const struct account *a = g->agent.account;

	return teller_is_needed(e, l->p->due.now, a != NULL ? a->queue_warn : 0,
	    a != NULL ? a->queue_lifetime : 0, trouble);
}

/* What its account's trouble keeps back is due as soon as the settings are mended. */
static bool
is_due_now(const struct look *l, const struct group *g, const struct entry *e,
    const struct account_state *trouble)
{
	if (is_due(&l->p->due, e))
		return true;
	return trouble != NULL && trouble->mark != g->agent.mark &&
	       hurry_is_of_account(e) && hurry_mail(l->news->spool, e->id);
}

/* Returns false where the teller fails. */
static bool
consider(struct look *l, const struct entry *e, struct outcome *o)
{
	struct pick *p = l->p;
	const struct account_state *trouble = state_find(l->news->state, &e->ticket);
	struct group *g;

	if (!agent_may(&e->ticket))
		return true;
	g = group_of(p, &e->ticket, wreck_is_suspect(e));
	if (g == NULL)
		pick_put_off(p);
	if (g == NULL || g->work != NULL || !selection_fits(&p->wish->selection, e))
		return true;
	if (is_to_attend(l, g, e, trouble) && !teller_attend(l->teller, e->id, o))
		return false;
	if (entry_waiting(e) == 0)
		return true;
	if (!is_due_now(l, g, e, trouble)) {
		p->next = clock_first(p->next, entry_next(e));
	} else if (!is_open(p, g, trouble)) {
		p->next = clock_first(p->next, trouble->next);
		g->waiting++;
	} else if (g->n < (g->is_alone ? 1 : PICK_MAX) && !was_offered(p, e->id)) {
		group_add(g, e->id);
	}
	return true;
}

/* What can't be read is set aside by the teller, who takes it. */
static bool
consider_id(struct look *l, const char *id, struct outcome *o)
{
	struct outcome ignored;
	struct entry e;
	bool ok;

	entry_init(&e);
	if (spool_look(l->news->spool, FOLDER_NEW, id, false, &e, &ignored))
		ok = consider(l, &e, o);
	else
		ok = teller_attend(l->teller, id, o);
	entry_free(&e);
	return ok;
}

/* Accounts for which nothing is to be sent. */
static void
drop_idle(struct pick *p)
{
	for (size_t i = p->n; i-- > 0;)
		if (p->group[i].n == 0)
			pick_drop(p, i);
}

/* Why mail that waits is not sent now. */
static void
tell(const struct look *l)
{
	const struct pick *p = l->p;
	bool told = false;

	for (size_t i = 0; i < p->n; i++) {
		const struct group *g = &p->group[i];

		if (g->waiting > 0)
			news_pause(l->news, &g->ticket, g->waiting);
		told |= g->waiting > 0 || g->n > 0;
	}
	if (!told && p->next < INT64_MAX)
		news_idle(l->news, p->next);
}

bool
pick_mails(
    struct pick *p, const struct news *news, struct teller *teller, struct outcome *o)
{
	struct look l = { p, news, teller };
	struct scan scan;
	bool ok = true;

	p->due.now = (int64_t)time(NULL);
	p->next = INT64_MAX;
	scan_begin(&scan, news->spool, FOLDER_NEW);
	scan.tidy = true;
	while (ok && scan_next(&scan))
		ok = consider_id(&l, scan.id, o);
	scan_end(&scan);
	if (!p->looked)
		tell(&l);
	p->looked = true;
	drop_idle(p);
	return ok;
}

void
pick_put_off(struct pick *p)
{
	p->next = clock_first(p->next, (int64_t)time(NULL) + BUSY);
}
