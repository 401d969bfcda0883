/* SPDX-License-Identifier: ISC */
#include "queue/lane.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/privilege.h"
#include "queue/agent.h"
#include "relay/relay.h"
#include "smtp/batch.h"
#include "smtp/credentials.h"
#include "smtp/session.h"

/* Messages on their way at once: past this, only the server's buffers fill. */
#define DEPTH 40

/* Sessions in a row that ended before any mail was answered: then it's the server. */
#define STRIKES_MAX 3

struct lane {
	const struct lane_task *task;
	struct work_report *report;
	struct agent agent;
	struct password password;
	struct session session;
	struct errand *under_way;
	struct work_item **again; /* were in a session that broke, and aren't to blame */
	size_t n_again;
	bool answered; /* the server has said in this session what becomes of a mail */
	bool blamed;   /* a mail is taken for the reason why the session broke */
	unsigned strikes;
	struct outcome full; /* what it said to the mail with which it had enough */
	bool unsynced;       /* mails were removed whose names may still be on disk */
	bool whole;          /* BDAT isn't understood: messages go by DATA */
};

/* A lane has no more than one, and its process is its own. */
static volatile sig_atomic_t stopping;
static volatile sig_atomic_t in_session; /* where a mail may be under way */

static void
stop(int signal)
{
	(void)signal;
	if (!in_session)
		_exit(0);
	stopping = 1;
}

static void
give_up(struct lane *l, enum trouble trouble, const struct outcome *why)
{
	l->report->trouble = trouble;
	l->report->why = *why;
	/* a lane too many is no reason for the others to stop */
	if (trouble == TROUBLE_HELD || !atomic_load(&l->task->work->works))
		atomic_store(&l->task->work->stop, true);
}

static bool
is_over(const struct lane *l)
{
	return stopping || l->report->trouble != TROUBLE_NONE;
}

/* What was removed is so for good before anything else goes out. */
static bool
sync_names(struct lane *l)
{
	struct outcome o;

	if (l->unsynced && !spool_sync(l->task->spool, FOLDER_NEW, &o))
		give_up(l, TROUBLE_ACCOUNT, &o);
	l->unsynced = false;
	return !is_over(l);
}

static struct errand *
take(struct lane *l)
{
	struct errand *d = NULL;
	struct work_item *item;

	while (d == NULL) {
		item = l->n_again > 0 ? l->again[--l->n_again] : work_take(l->task->work);
		if (item == NULL)
			return NULL;
		atomic_store(&item->lane, l->task->number + 1);
		d = errand_take(l->task->spool, item, &l->task->due);
		if (d == NULL)
			atomic_store(&item->lane, 0);
	}
	d->next = l->under_way;
	l->under_way = d;
	return d;
}

static void
drop(struct lane *l, struct errand *d)
{
	struct errand **at = &l->under_way;

	while (*at != d)
		at = &(*at)->next;
	*at = d->next;
	atomic_store(&d->item->lane, 0);
	errand_free(d);
}

static void
try_again(struct lane *l, struct work_item *item)
{
	l->again = mem_room(l->again, l->n_again, sizeof(struct work_item *));
	l->again[l->n_again++] = item;
}

/* The account works: other lanes may start, if they haven't. */
static void
tell_it_works(struct lane *l)
{
	l->answered = true;
	l->strikes = 0;
	if (!atomic_exchange(&l->task->work->works, true))
		(void)fd_write(l->task->pipe, "w", 1); /* the parent will see the end */
}

/* For the tally. */
static void
count(struct work *w, const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		switch (outcome_verdict(&e->rcpt[i].outcome)) {
		case VERDICT_DONE:
			atomic_fetch_add(&w->sent, 1);
			break;
		case VERDICT_REJECT:
			atomic_fetch_add(&w->failed, 1);
			break;
		case VERDICT_RETRY:
		case VERDICT_HOLD:
			atomic_fetch_add(&w->deferred, 1);
			break;
		}
}

static void
record(struct lane *l, struct errand *d, const struct caps *caps, bool blamed)
{
	const struct lane_listener *listener = l->task->listener;
	const struct errand_facts facts = { time(NULL), caps, blamed };
	struct outcome o;
	bool removed;

	if (!errand_record(d, l->task->spool, &facts, &removed, &o))
		give_up(l, TROUBLE_ACCOUNT, &o);
	l->unsynced |= removed;
	count(l->task->work, &d->envelope);
	if (listener->tried != NULL)
		listener->tried(listener->arg, l->agent.account, &d->entry.ticket,
		    &d->envelope, d->message);
}

/* What the trouble means for this session: a mail that it broke with is to blame only if
 * it was the first, so that one that the server can't stand keeps back no others; and who
 * says goodbye to the first mail blames none. */
static enum trouble
judge_mail(
    struct lane *l, const struct errand *d, enum trouble met, const struct outcome *why)
{
	l->answered |= errand_got_on(d);
	if (met != TROUBLE_SESSION || l->answered || l->blamed)
		return met;
	if (outcome_is_said(why))
		return TROUBLE_ACCOUNT;
	l->blamed = true;
	return TROUBLE_MESSAGE;
}

/* It may be about this mail, which is large, or about any: so it waits, but is no proof
 * that the account works. */
static bool
is_full(const struct outcome *why)
{
	return why != NULL && why->stage == STAGE_MAIL && why->code == 452;
}

static void
settle(struct lane *l, struct errand *d)
{
	const struct outcome *why;
	const enum trouble met = errand_trouble(d, &why);
	const enum trouble trouble = judge_mail(l, d, met, why);

	record(l, d, &l->session.caps, trouble == TROUBLE_MESSAGE);
	if (trouble == TROUBLE_SESSION)
		try_again(l, d->item);
	else
		atomic_fetch_add(&l->task->work->settled, 1);
	if (trouble > TROUBLE_SESSION)
		give_up(l, trouble, why);
	else if (is_full(why))
		l->full = *why;
	else if (met <= TROUBLE_MESSAGE)
		tell_it_works(l);
	drop(l, d);
}

/* The next mail, in the form that the server takes. */
static bool
next(void *arg, struct envelope **e, struct source **m)
{
	struct lane *l = arg;
	struct outcome o;
	struct errand *d;

	while (sync_names(l)) {
		d = take(l);
		if (d == NULL)
			return false;
		*e = &d->envelope;
		*m = d->message;
		if (errand_prepare(d, &l->session.caps, &o)) {
			*m = d->message;
			return true;
		}
		envelope_settle(&d->envelope, &o);
		record(l, d, NULL, false);
		drop(l, d);
	}
	return false;
}

static void
settled(void *arg, struct envelope *e, struct source *m)
{
	struct lane *l = arg;
	struct errand *d = l->under_way;

	(void)m;
	while (&d->envelope != e)
		d = d->next;
	settle(l, d);
}

/* Passwords and keys are ours, whoever the mail is of. */
static bool
open_session(struct lane *l, struct outcome *o)
{
	const uid_t user = privilege_raise();
	bool ok = credentials_open_first(
	    &l->session, l->agent.account, &l->password, l->task->listener->observer, o);

	privilege_return(user);
	return ok;
}

/* A session that came to its end without an answer to any mail is a strike. */
static void
judge_session(struct lane *l, const struct outcome *why)
{
	if (l->answered || is_over(l))
		return;
	l->strikes++;
	if (l->strikes == STRIKES_MAX)
		give_up(l, TROUBLE_ACCOUNT, why);
}

static void
run_session(struct lane *l)
{
	const struct supply supply = { next, settled, l };
	struct outcome o = { .cause = CAUSE_NONE };
	struct batch b = { .depth = DEPTH };
	bool ok;

	l->answered = l->blamed = false;
	if (!open_session(l, &o)) {
		give_up(l,
		    trouble_of(&o) == TROUBLE_HELD ? TROUBLE_HELD : TROUBLE_ACCOUNT, &o);
		return;
	}
	if (l->whole)
		l->session.caps.set &= ~(unsigned)CAP_CHUNKING;
	b.channel = &l->session.channel;
	b.caps = &l->session.caps;
	b.lmtp = l->agent.account->protocol == PROTOCOL_LMTP;
	in_session = 1;
	ok = batch_run(&b, &supply, &o);
	l->whole |= b.no_chunking;
	l->session.quit = b.quit;
	session_close(&l->session, ok);
	(void)sync_names(l);
	in_session = 0;
	if (!ok)
		judge_session(l, &o);
	else if (b.full && is_full(&l->full))
		judge_session(l, &l->full);
}

/* Guards change who gets a mail, and a catcher is no server: such mails go one by one, as
 * they would have gone at once. */
static void
run_one_by_one(struct lane *l)
{
	struct errand *d;
	uid_t user;

	in_session = 1;
	while (sync_names(l) && (d = take(l)) != NULL) {
		l->answered = l->blamed = false;
		user = privilege_raise();
		relay_send(l->agent.account, &d->envelope, d->message,
		    l->task->listener->observer);
		privilege_return(user);
		settle(l, d);
	}
	in_session = 0;
}

/* Whether there is something for another session. */
static bool
is_work_left(const struct lane *l)
{
	const struct work *w = l->task->work;

	return l->n_again > 0 || (!atomic_load(&w->stop) && atomic_load(&w->next) < w->n);
}

static void
run(struct lane *l)
{
	struct outcome o;

	if (!agent_find(&l->agent, l->task->ticket, &o)) {
		give_up(l,
		    trouble_of(&o) == TROUBLE_HELD ? TROUBLE_HELD : TROUBLE_ACCOUNT, &o);
	} else {
		if (!relay_is_plain(l->agent.account))
			run_one_by_one(l);
		while (!is_over(l) && is_work_left(l))
			run_session(l);
	}
	l->report->mark = l->agent.mark;
}

static void
run_child(const struct lane_task *t)
{
	const struct sigaction action = { .sa_handler = stop };
	struct lane l = { .task = t, .report = &t->work->report[t->number] };
	sigset_t signals;

	(void)setsid(); /* nobody at a terminal is asked for anything */
	(void)sigaction(SIGTERM, &action, NULL);
	(void)sigemptyset(&signals);
	(void)sigprocmask(SIG_SETMASK, &signals, NULL);
	run(&l);
	password_free(&l.password);
	agent_free(&l.agent);
	free(l.again);
}

pid_t
lane_start(const struct lane_task *t)
{
	pid_t pid = child_fork(SIGTERM);

	if (pid == 0) {
		run_child(t);
		_exit(0);
	}
	return pid;
}
