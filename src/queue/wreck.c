/* SPDX-License-Identifier: ISC */
#include "queue/wreck.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/mem.h"
#include "queue/journal.h"
#include "queue/schedule.h"

bool
wreck_is_suspect(const struct entry *e)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (e->progress[i].state == PROGRESS_WAITING && e->progress[i].kills > 0)
			return true;
	return false;
}

static void
describe(const struct wreck *w, struct outcome *why)
{
	const int signal = WTERMSIG(w->status);

	if (WIFSIGNALED(w->status))
		(void)outcome_fail(why, CAUSE_KILLED,
		    "the process that was sending was killed by signal %d (%s)", signal,
		    strsignal(signal));
	else
		(void)outcome_fail(why, CAUSE_KILLED,
		    "the process that was sending ended with status %d",
		    WEXITSTATUS(w->status));
}

static void
say(const struct wreck *w, const struct entry *e, int kills, const struct outcome *why)
{
	const long long minutes = schedule_message_pause((unsigned)kills) / 60;
	char *words, *end;

	if (w->observer == NULL || w->observer->warn == NULL)
		return;
	if (kills < WRECK_MAX)
		end = mem_printf(
		    "it is kept, and tried again on its own in %lld minutes", minutes);
	else
		end =
		    mem_printf("it is set aside after %d times in a row: mailchute queue "
			       "show %s",
			kills, e->id);
	words = mem_printf("account %s: %s, with the mail %s under way: %s", w->account,
	    why->text, e->id, end);
	w->observer->warn(w->observer->arg, words);
	free(words);
	free(end);
}

/* Who was due was tried, and may have got it: as where a connection is lost. Returns how
 * often in a row that was so with lanes that were killed; 0: nobody was due any more. */
static int
note(const struct wreck *w, struct entry *e, const struct outcome *why, struct buf *lines)
{
	const int64_t now = (int64_t)time(NULL);
	int kills = 0;

	for (size_t i = 0; i < e->envelope.n; i++) {
		const struct progress *p = &e->progress[i];
		struct record r = { RECORD_LATER, i, now, now, p->tries + 1 };

		if (!due_is(&w->due, p))
			continue;
		r.next += schedule_message_pause((unsigned)p->kills + 1);
		journal_note(e, lines, &r, why);
		if (p->kills > kills)
			kills = p->kills;
	}
	return kills;
}

static bool
salvage(struct wreck *w, const char *id, const struct outcome *why, struct outcome *o)
{
	struct outcome ignored; /* then it has its end, or is told of already */
	struct buf lines;
	struct entry e;
	bool ok = true;
	int kills;

	if (spool_take(w->spool, FOLDER_NEW, id, &e, &ignored) != TAKEN)
		return true;
	buf_init(&lines, ENTRY_JOURNAL_MAX);
	kills = note(w, &e, why, &lines);
	if (kills > 0) {
		w->n++;
		ok = journal_append(&e, buf_span(&lines), o) &&
		     (kills < WRECK_MAX ||
			 spool_move(w->spool, FOLDER_NEW, FOLDER_FAILED, id, o));
		say(w, &e, kills, why);
	}
	buf_free(&lines);
	entry_free(&e);
	return ok;
}

bool
wreck_salvage(struct wreck *w, struct outcome *o)
{
	struct work_report *report = &w->work->report[w->lane];
	struct outcome why;
	bool ok = true;

	describe(w, &why);
	for (size_t i = 0; i < w->work->n; i++)
		if (atomic_load(&w->work->item[i].lane) == w->lane + 1)
			ok = salvage(w, w->work->item[i].id, &why, o) && ok;
	if (w->n == 0 && report->trouble == TROUBLE_NONE) {
		report->trouble = TROUBLE_ACCOUNT;
		report->why = why;
		report->mark = w->mark;
	}
	return ok;
}
