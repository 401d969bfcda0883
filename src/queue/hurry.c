/* SPDX-License-Identifier: ISC */
#include "queue/hurry.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "queue/journal.h"
#include "queue/scan.h"
#include "queue/state.h"
#include "queue/trouble.h"

static bool
is_to_wait(const struct progress *p)
{
	return p->state == PROGRESS_WAITING && p->next > (int64_t)time(NULL);
}

bool
hurry_entry(struct entry *e, bool revives, struct outcome *o)
{
	struct buf lines;
	bool ok;

	buf_init(&lines, ENTRY_JOURNAL_MAX);
	for (size_t i = 0; i < e->envelope.n; i++) {
		const struct progress *p = &e->progress[i];
		const struct record r = { RECORD_LATER, i, p->last, 0, p->tries };

		if (revives ? p->state != PROGRESS_SENT : is_to_wait(p))
			journal_note(e, &lines, &r, &e->envelope.rcpt[i].outcome);
	}
	ok = lines.len == 0 || journal_append(e, buf_span(&lines), o);
	buf_free(&lines);
	return ok;
}

bool
hurry_mail(struct spool *s, const char *id)
{
	struct outcome ignored; /* it has its time, then */
	struct entry e;
	bool ok;

	if (spool_take(s, FOLDER_NEW, id, &e, &ignored) != TAKEN)
		return false;
	ok = hurry_entry(&e, false, &ignored);
	entry_free(&e);
	return ok;
}

static bool
waits(const struct entry *e)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (is_to_wait(&e->progress[i]))
			return true;
	return false;
}

bool
hurry_is_of_account(const struct entry *e)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (is_to_wait(&e->progress[i]) &&
		    trouble_of(&e->envelope.rcpt[i].outcome) < TROUBLE_ACCOUNT)
			return false;
	return waits(e);
}

/* Calls for each mail that somebody is to wait for; what can't be read is the runner's
 * matter. */
static void
each(struct spool *s, bool (*is_meant)(const void *arg, const struct entry *e),
    const void *arg)
{
	struct outcome ignored;
	struct scan scan;

	scan_begin(&scan, s, FOLDER_NEW);
	while (scan_next(&scan)) {
		struct entry e;
		bool meant;

		entry_init(&e);
		meant = spool_look(s, FOLDER_NEW, scan.id, false, &e, &ignored) &&
			waits(&e) && is_meant(arg, &e);
		entry_free(&e);
		if (meant)
			(void)hurry_mail(s, scan.id);
	}
	scan_end(&scan);
}

static bool
is_selected(const void *arg, const struct entry *e)
{
	return selection_fits(arg, e);
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
is_kept_back(const void *arg, const struct entry *e)
{
	const struct ticket *t = arg;

	return is_same(t->account, e->ticket.account) &&
	       is_same(t->config, e->ticket.config) && hurry_is_of_account(e);
}

void
hurry_accounts(const struct spool *s, bool forced)
{
	struct state state;
	struct outcome ignored;
	int joined;

	state_load(&state, s);
	joined = state_join(&state, s);
	if (state_hurry(&state, forced) && s->keeper == NULL)
		(void)state_save(&state, s, &ignored);
	state_leave(&state, s, joined);
	state_free(&state);
}

void
hurry_runner(const struct spool *s)
{
	if (s->folder[FOLDER_NEW] >= 0)
		(void)futimens(s->folder[FOLDER_NEW], NULL); /* see wake.c */
}

void
hurry_queue(struct spool *s, const struct drain_wish *wish)
{
	if (wish->all) {
		hurry_accounts(s, wish->forced);
		each(s, is_selected, &wish->selection);
	}
	hurry_runner(s);
}

void
hurry_account(struct spool *s, const struct ticket *t)
{
	each(s, is_kept_back, t);
	hurry_runner(s);
}
