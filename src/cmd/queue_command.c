/* SPDX-License-Identifier: ISC
 *
 * queue_command.c - what people do with mail in the queue
 *
 * The mails that are meant are collected first, so that one that is moved isn't met again
 * in the folder that it has gone to.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/job.h"
#include "cmd/queue_words.h"
#include "cmd/queues.h"
#include "cmd/report.h"
#include "queue/hurry.h"

#define ANSWER_MS 120000
#define ANSWER_SIZE 64
#define UNWANTED 1 /* the status where the answer is no */

/* A mail that is meant. */
struct meant {
	struct spool *spool;
	enum folder folder;
	char id[ENTRY_ID_SIZE];
};

struct command {
	const struct invocation *v;
	const struct verb *verb;
	struct meant *found;
	size_t n;
	int status;
};

/* What can be done: returns false, and why not, where it couldn't. */
struct verb {
	const char *name;
	const char *done; /* in a report */
	bool of_held;     /* only what is held can be meant */
	bool (*act)(const struct meant *m, struct outcome *o);
};

static void
collect(void *arg, const struct found *f)
{
	struct command *c = arg;
	struct meant m = { .spool = f->spool, .folder = f->folder };

	if (!found_is_meant(f, c->v) || (c->verb->of_held && f->folder != FOLDER_HOLD))
		return;
	(void)snprintf(m.id, sizeof m.id, "%s", f->id);
	c->found = mem_room(c->found, c->n, sizeof *c->found);
	c->found[c->n++] = m;
}

/* Takes it for as long as something is done with it. */
static bool
take(const struct meant *m, struct entry *e, struct outcome *o)
{
	switch (spool_take(m->spool, m->folder, m->id, e, o)) {
	case TAKEN:
		return true;
	case TAKEN_BUSY:
		return outcome_fail(o, CAUSE_BUSY, "%s is just being sent", m->id);
	case TAKEN_GONE:
		return outcome_fail(o, CAUSE_NO_ENTRY, "%s", m->id);
	case TAKEN_ASIDE:
		break;
	}
	return false;
}

static bool
move_to(const struct meant *m, enum folder to, struct outcome *o)
{
	struct entry e;
	bool ok;

	if (m->folder == to)
		return true;
	if (!take(m, &e, o))
		return false;
	ok = spool_move(m->spool, m->folder, to, m->id, o);
	entry_free(&e);
	return ok;
}

static bool
act_hold(const struct meant *m, struct outcome *o)
{
	return move_to(m, FOLDER_HOLD, o);
}

static bool
act_release(const struct meant *m, struct outcome *o)
{
	return move_to(m, FOLDER_NEW, o);
}

/* All who haven't got it wait again, and are due. */
static bool
act_retry(const struct meant *m, struct outcome *o)
{
	struct entry e;
	bool ok;

	if (!take(m, &e, o))
		return false;
	ok = hurry_entry(&e, true, o) &&
	     (m->folder == FOLDER_NEW ||
		 spool_move(m->spool, m->folder, FOLDER_NEW, m->id, o));
	entry_free(&e);
	hurry_accounts(m->spool, false);
	hurry_runner(m->spool);
	return ok;
}

/* One that was set aside may be no mail at all, and goes as it is. */
static bool
act_delete(const struct meant *m, struct outcome *o)
{
	struct entry e;
	bool ok;

	if (m->folder == FOLDER_FAILED) {
		entry_init(&e);
		memcpy(e.id, m->id, sizeof e.id);
	} else if (!take(m, &e, o)) {
		return false;
	}
	ok = spool_remove(m->spool, m->folder, &e, o);
	entry_free(&e);
	return ok;
}

static void
print_message(struct source *m)
{
	struct outcome ignored; /* it was read just now */
	struct span piece;

	do {
		if (!source_next(m, &piece, &ignored))
			return;
		for (size_t i = 0; i < piece.n; i++)
			if (piece.p[i] != '\r')
				(void)putchar(piece.p[i]);
	} while (piece.n > 0);
}

static void
print_progress(const struct found *f, time_t now)
{
	for (size_t i = 0; i < f->entry->envelope.n; i++) {
		struct buf words;

		buf_init(&words, QUEUE_WORDS_MAX);
		queue_add_reason(&words, f->entry, i);
		if (words.len > 0)
			buf_puts(&words, "; ");
		queue_add_next(&words, f, i, now);
		(void)printf(
		    "to: %s (%s)\n", f->entry->envelope.rcpt[i].address, words.data);
		buf_free(&words);
	}
}

/* The message is shown as it is: to a file, or to a pager. */
static bool
act_show(const struct meant *m, struct outcome *o)
{
	struct entry e;
	const struct found f = { m->spool, m->folder, m->id, &e, NULL };

	if (!spool_look(m->spool, m->folder, m->id, true, &e, o))
		return false;
	(void)printf("queue: %s/%s\naccount: %s\nfrom: %s\n", m->spool->path,
	    folder_word(m->folder), e.ticket.account, e.envelope.sender);
	print_progress(&f, time(NULL));
	(void)printf("\n");
	print_message(&e.source);
	entry_free(&e);
	return true;
}

static const struct verb verbs[] = {
	{ "show", NULL, false, act_show },
	{ "retry", "due with the next run", false, act_retry },
	{ "hold", "held", false, act_hold },
	{ "release", "released", true, act_release },
	{ "delete", "deleted", false, act_delete },
};

static const struct verb *
verb_of(const struct invocation *v)
{
	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(v->argument, verbs[i].name) == 0)
			return &verbs[i];
	return NULL;
}

/* One line from standard input, which is a terminal. */
static bool
is_yes(void)
{
	struct pollfd input = { STDIN_FILENO, POLLIN, 0 };
	char answer[ANSWER_SIZE];
	ssize_t n;

	(void)fflush(stdout);
	if (poll(&input, 1, ANSWER_MS) <= 0)
		return false;
	n = read(STDIN_FILENO, answer, sizeof answer);
	return n > 0 && span_is(span_trim(span_bytes(answer, (size_t)n)), "yes");
}

/* Whoever sits at a terminal is asked before mail is lost; a script means what it says.
 */
static bool
is_confirmed(const struct command *c)
{
	if (c->verb->act != act_delete || c->n == 0 || isatty(STDIN_FILENO) == 0)
		return true;
	(void)printf(
	    "delete %zu mail%s for good? Type yes: ", c->n, c->n == 1 ? "" : "s");
	return is_yes();
}

static void
act_on(struct command *c)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct meant *m = &c->found[i];
		struct outcome o;

		if (!c->verb->act(m, &o))
			c->status = report_failure(c->v, &o);
		else if (c->verb->done != NULL)
			(void)printf("%s: %s\n", m->id, c->verb->done);
	}
}

/* A name that nothing was found for. */
static void
report_missing(struct command *c)
{
	for (size_t i = 0; i < c->v->recipients; i++) {
		bool there = false;
		struct outcome o;

		for (size_t k = 0; k < c->n && !there; k++)
			there = strcmp(c->v->recipient[i], c->found[k].id) == 0;
		if (there)
			continue;
		(void)outcome_fail(&o, CAUSE_NO_ENTRY, "%.100s", c->v->recipient[i]);
		c->status = report_failure(c->v, &o);
	}
}

static bool
says_which(const struct invocation *v, struct outcome *o)
{
	return v->recipients > 0 || v->all || v->rcpt != NULL || v->sender != NULL ||
	       outcome_fail(o, CAUSE_USAGE,
		   "which mails? Give their names, or --rcpt, --sender or --all");
}

static int
refuse(void)
{
	(void)printf("nothing was deleted\n");
	return UNWANTED;
}

int
job_queue(const struct invocation *v)
{
	struct command c = { .v = v, .verb = verb_of(v), .status = EX_OK };
	struct queues q;
	struct outcome o;

	if (!says_which(v, &o) || !queues_open(&q, v, &o))
		return report_failure(v, &o);
	queues_each(&q, collect, &c);
	if (c.n == 0 && v->recipients == 0 && !v->all)
		report_warning(v, "no mail in the queue is meant by this");
	else if (is_confirmed(&c))
		act_on(&c);
	else
		c.status = refuse();
	report_missing(&c);
	free(c.found);
	queues_close(&q);
	return c.status;
}
