/* SPDX-License-Identifier: ISC */
#include "queue/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "queue/group.h"
#include "queue/pick.h"
#include "queue/state.h"
#include "queue/tally.h"
#include "queue/teller.h"
#include "queue/wake.h"

#define WORDS_MAX 4096
#define PACE 200 /* milliseconds between looks at whether another lane would help */
#define REST 10  /* a look at the queue takes at most one part of so many of the time */
#define SICK 60  /* seconds after trouble with the queue itself */
#define BUSY 5   /* seconds until mails that somebody else holds are tried again */

struct drain {
	struct spool *spool;
	const struct drain_wish *wish;
	const struct lane_listener *listener;
	struct state state;
	struct wake wake;
	struct pick pick;
	struct teller teller;
	int bell[2];   /* lanes write to it when their account works */
	bool look;     /* there may be something to be done */
	int64_t quiet; /* until then nobody looks because of new mail; milliseconds */
	struct sigaction old[3];
	sigset_t mask; /* while we wait */
};

static volatile sig_atomic_t stopping;

static void
on_signal(int signal)
{
	if (signal != SIGCHLD)
		stopping = 1;
}

static const int signals[] = { SIGTERM, SIGINT, SIGCHLD };

/* They come only while we wait: so none is missed. */
static void
catch_signals(struct drain *d)
{
	const struct sigaction action = { .sa_handler = on_signal };
	sigset_t blocked;

	(void)sigemptyset(&blocked);
	for (size_t i = 0; i < 3; i++) {
		(void)sigaddset(&blocked, signals[i]);
		(void)sigaction(signals[i], &action, &d->old[i]);
	}
	(void)sigprocmask(SIG_BLOCK, &blocked, &d->mask);
}

static void
release_signals(struct drain *d)
{
	for (size_t i = 0; i < 3; i++)
		(void)sigaction(signals[i], &d->old[i], NULL);
	(void)sigprocmask(SIG_SETMASK, &d->mask, NULL);
}

static void
say(const struct drain *d, const char *words)
{
	const struct observer *observer = d->listener->observer;

	if (observer != NULL && observer->warn != NULL)
		observer->warn(observer->arg, words);
}

/* One line for each change of an account. */
static void
say_trouble(const struct drain *d, const struct account_state *a)
{
	const long long minutes = (a->next - a->tried + 59) / 60;
	struct buf words;

	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "account %s %s: ", a->account,
	    a->held ? "is held, and its mail kept" : "waits, and its mail is kept");
	outcome_words(&a->why, NULL, &words);
	if (outcome_is_said(&a->why))
		buf_printf(&words, ": it said %d %s", a->why.code, a->why.text);
	buf_printf(&words, "; it is tried again in %lld minute%s", minutes,
	    minutes == 1 ? "" : "s");
	say(d, words.data);
	buf_free(&words);
}

static void
note_trouble(struct drain *d, const struct group *g, bool held, uint64_t mark,
    const struct outcome *why)
{
	int joined = state_join(&d->state, d->spool);
	bool is_news =
	    state_fail(&d->state, &g->ticket, held, mark, why, (int64_t)time(NULL));

	state_leave(&d->state, d->spool, joined);
	if (is_news)
		say_trouble(d, state_find(&d->state, &g->ticket));
}

static void
note_good(struct drain *d, const struct group *g)
{
	char words[256];
	bool is_news;
	int joined;

	if (state_find(&d->state, &g->ticket) == NULL)
		return;
	joined = state_join(&d->state, d->spool);
	is_news = state_clear(&d->state, &g->ticket);
	state_leave(&d->state, d->spool, joined);
	if (!is_news)
		return;
	(void)snprintf(
	    words, sizeof words, "account %.200s works again", g->ticket.account);
	say(d, words);
}

/* What is kept for people and monitors; they can do without. */
static void
add_to_tally(const struct drain *d, size_t sent, size_t failed, size_t deferred)
{
	struct outcome ignored;
	struct tally t;

	if (sent + failed + deferred == 0)
		return;
	tally_read(d->spool, &t);
	t.sent += sent;
	t.failed += failed;
	t.deferred += deferred;
	if (sent > 0)
		t.last_success = (uint64_t)time(NULL);
	(void)tally_write(d->spool, &t, &ignored);
}

static bool
save(struct drain *d, struct outcome *o)
{
	return state_save(&d->state, d->spool, o);
}

/* What is left to be done about the mails that the group's lanes have tried. */
static bool
attend(struct drain *d, struct group *g, struct outcome *o)
{
	bool ok = true;

	teller_begin(
	    &d->teller, d->spool, &d->state, d->listener->observer, (int64_t)time(NULL));
	for (size_t i = 0; i < g->n && ok; i++)
		if (atomic_load(&g->work->item[i].attention))
			ok = teller_attend(&d->teller, g->work->item[i].id, o);
	ok = teller_end(&d->teller, o) && ok;
	add_to_tally(d, 0, d->teller.given_up, 0);
	return ok;
}

/* All lanes of the group have ended. */
static bool
finish_group(struct drain *d, struct group *g, struct outcome *o)
{
	const struct work_report *r = group_trouble(g);

	if (r != NULL)
		note_trouble(d, g, r->trouble == TROUBLE_HELD, r->mark, &r->why);
	else if (atomic_load(&g->work->works))
		note_good(d, g);
	if (r != NULL || atomic_load(&g->work->settled) > 0)
		d->look = true;
	else /* somebody else holds its mails */
		d->pick.next = clock_first(d->pick.next, (int64_t)time(NULL) + BUSY);
	add_to_tally(d, atomic_load(&g->work->sent), atomic_load(&g->work->failed),
	    atomic_load(&g->work->deferred));
	return attend(d, g, o) && save(d, o);
}

static bool
reap(struct drain *d, struct outcome *o)
{
	bool ok = true;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < d->pick.n; i++) {
			struct group *g = &d->pick.group[i];

			if (!group_reap(g, pid) || g->running > 0)
				continue;
			ok = finish_group(d, g, o) && ok;
			pick_drop(&d->pick, i);
			break;
		}
	return ok;
}

static unsigned
lanes_running(const struct drain *d)
{
	unsigned n = 0;

	for (size_t i = 0; i < d->pick.n; i++)
		n += d->pick.group[i].running;
	return n;
}

static unsigned
lanes_allowed(const struct drain *d)
{
	unsigned most = 1;

	for (size_t i = 0; i < d->pick.n; i++) {
		const struct account *a = d->pick.group[i].agent.account;

		if (a != NULL && (unsigned)a->queue_lanes > most)
			most = (unsigned)a->queue_lanes;
	}
	return most;
}

/* A lane for each group that has none, if `first`; else one more where it helps. */
static void
start_lanes(struct drain *d, bool first)
{
	const struct lane_task task = {
		.spool = d->spool,
		.due = d->pick.due,
		.pipe = d->bell[1],
		.listener = d->listener,
	};
	unsigned running = lanes_running(d), allowed = lanes_allowed(d);

	for (size_t i = 0; i < d->pick.n; i++) {
		struct group *g = &d->pick.group[i];

		group_watch(g);
		while (running < allowed && (g->work == NULL) == first &&
		       group_wants_lane(g) && group_start_lane(g, task))
			running++;
	}
}

/* Where there can be no process more, the mails are picked again later. */
static void
drop_unstarted(struct drain *d)
{
	for (size_t i = d->pick.n; i-- > 0;) {
		const struct group *g = &d->pick.group[i];

		if (g->work == NULL || g->started > 0)
			continue;
		pick_drop(&d->pick, i);
		d->pick.next = clock_first(d->pick.next, (int64_t)time(NULL) + BUSY);
	}
}

/* An account whose settings can't be read needs no lane to fail. */
static bool
fail_unfound(struct drain *d, struct outcome *o)
{
	bool any = false;

	for (size_t i = d->pick.n; i-- > 0;) {
		struct group *g = &d->pick.group[i];

		if (g->has_agent)
			continue;
		note_trouble(d, g, true, g->agent.mark, &g->why);
		pick_drop(&d->pick, i);
		any = true;
	}
	return !any || save(d, o);
}

static bool
look(struct drain *d, struct outcome *o)
{
	int64_t begun = clock_now();
	bool ok;

	d->look = false;
	state_refresh(&d->state, d->spool);
	teller_begin(
	    &d->teller, d->spool, &d->state, d->listener->observer, (int64_t)time(NULL));
	ok = pick_mails(&d->pick, d->spool, &d->state, &d->teller, o) &&
	     teller_end(&d->teller, o);
	add_to_tally(d, 0, d->teller.given_up, 0);
	d->pick.next = clock_first(d->pick.next, d->teller.next);
	d->quiet = clock_now() + REST * (clock_now() - begun);
	return ok && fail_unfound(d, o) &&
	       (!d->state.is_news || d->spool->keeper == NULL || save(d, o));
}

/* Accounts that couldn't be reached are tried as soon as there is a network. */
static void
welcome_network(struct drain *d)
{
	for (size_t i = 0; i < d->state.n; i++)
		if (!d->state.account[i].held)
			d->state.account[i].next = 0;
}

static bool
is_somebody_unreachable(const struct drain *d)
{
	for (size_t i = 0; i < d->state.n; i++)
		if (!d->state.account[i].held)
			return true;
	return false;
}

static bool
may_get_lane(const struct drain *d)
{
	for (size_t i = 0; i < d->pick.n; i++) {
		const struct group *g = &d->pick.group[i];

		if (g->work != NULL && atomic_load(&g->work->works) &&
		    atomic_load(&g->work->next) < g->n &&
		    g->started < (unsigned)g->agent.account->queue_lanes)
			return true;
	}
	return false;
}

static void
set_alarm(struct drain *d)
{
	int64_t at = d->pick.next;

	if (d->wish->interval > 0 && at < INT64_MAX)
		at = clock_first(at, (int64_t)time(NULL) + d->wish->interval);
	wake_at(&d->wake, at);
}

/* Waits until something has happened: a lane has ended or found that its account works;
 * and, where we stay, there is mail, or the time has come. */
static void
wait_for_news(struct drain *d)
{
	struct pollfd fds[1 + WAKE_DESCRIPTORS] = { { d->bell[0], POLLIN, 0 } };
	bool rest = clock_left(d->quiet) > 0, pace = may_get_lane(d), network;
	int64_t most = pace ? PACE : rest ? clock_left(d->quiet) : -1;
	const struct timespec timeout = { most / 1000, most % 1000 * 1000000 };
	char piece[LANES_MAX];

	for (int i = 0; i < WAKE_DESCRIPTORS; i++)
		fds[1 + i] = (struct pollfd){ d->wake.fd[i], POLLIN, 0 };
	if (rest)
		fds[1 + WAKE_MAIL].fd = -1;
	if (!is_somebody_unreachable(d))
		fds[1 + WAKE_NETWORK].fd = -1;
	(void)ppoll(fds, 1 + WAKE_DESCRIPTORS, most < 0 ? NULL : &timeout, &d->mask);
	(void)!read(d->bell[0], piece, sizeof piece);
	if (fds[1 + WAKE_MAIL].revents == 0 && fds[1 + WAKE_NETWORK].revents == 0 &&
	    fds[1 + WAKE_TIME].revents == 0)
		return;
	wake_take(&d->wake, &network);
	if (fds[1 + WAKE_NETWORK].revents != 0 && network)
		welcome_network(d);
	d->look = true;
}

static void
stop_lanes(const struct drain *d)
{
	for (size_t i = 0; i < d->pick.n; i++)
		for (unsigned j = 0; j < d->pick.group[i].started; j++)
			if (d->pick.group[i].lane[j] > 0)
				(void)kill(d->pick.group[i].lane[j], SIGTERM);
}

/* Whether nothing more is to be done. Who leaves because nothing is due lets go of the
 * queue first: mail that came until then is seen, and what comes later finds no runner.
 */
static bool
is_finished(struct drain *d)
{
	struct pollfd mail = { d->wake.fd[WAKE_MAIL], POLLIN, 0 };
	struct outcome ignored;
	bool busy;

	if (lanes_running(d) > 0)
		return false;
	if (stopping || !d->wish->stays)
		return stopping || !d->look;
	if (d->look || d->wish->patience == 0 ||
	    d->pick.next < (int64_t)time(NULL) + d->wish->patience)
		return false;
	spool_unlock(d->spool);
	if (poll(&mail, 1, 0) <= 0)
		return true;
	return !spool_lock(d->spool, &busy, &ignored);
}

/* Who stays doesn't leave because a disk is full: that passes. */
static bool
bear(struct drain *d, const struct outcome *o)
{
	struct buf words;

	if (!d->wish->stays || stopping)
		return false;
	buf_init(&words, WORDS_MAX);
	outcome_words(o, NULL, &words);
	buf_puts(&words, "; the queue is looked at again in a minute");
	say(d, words.data);
	buf_free(&words);
	d->pick.next = (int64_t)time(NULL) + SICK;
	d->look = false;
	return true;
}

static bool
run(struct drain *d, struct outcome *o)
{
	bool ok = true, told = false;

	d->look = true;
	while (ok && !is_finished(d)) {
		if (d->look && !stopping)
			ok = look(d, o) || bear(d, o);
		if (!stopping) {
			start_lanes(d, true);
			start_lanes(d, false);
			drop_unstarted(d);
		}
		if (lanes_running(d) == 0 && (d->look || !d->wish->stays))
			continue;
		if (d->wish->stays)
			set_alarm(d);
		wait_for_news(d);
		if (stopping && !told) {
			stop_lanes(d);
			told = true;
		}
		ok = ok && (reap(d, o) || bear(d, o));
	}
	return ok;
}

/* Whatever went wrong, no lane is left behind. */
static void
end_lanes(struct drain *d)
{
	stop_lanes(d);
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		continue;
}

static bool
begin(struct drain *d, struct outcome *o)
{
	char *folder;
	bool ok;

	d->wake = (struct wake){ { -1, -1, -1 } };
	if (pipe2(d->bell, O_CLOEXEC | O_NONBLOCK) != 0)
		return outcome_fail(o, CAUSE_SYSTEM, "no pipe: %s", strerror(errno));
	if (!d->wish->stays)
		return true;
	folder = mem_printf("%s/new", d->spool->path);
	ok = wake_init(&d->wake, folder, o);
	free(folder);
	return ok;
}

bool
drain_run(struct spool *s, const struct drain_wish *wish,
    const struct lane_listener *listener, bool *busy, struct outcome *o)
{
	struct drain *d;
	bool ok;

	if (!spool_lock(s, busy, o))
		return false;
	spool_clean(s);
	d = mem_new(sizeof *d);
	d->spool = s;
	d->wish = wish;
	d->listener = listener;
	d->bell[0] = d->bell[1] = -1;
	state_load(&d->state, s);
	pick_begin(&d->pick, wish);
	stopping = 0;
	catch_signals(d);
	ok = begin(d, o) && run(d, o);
	end_lanes(d);
	release_signals(d);
	pick_end(&d->pick);
	wake_free(&d->wake);
	for (int i = 0; i < 2; i++)
		if (d->bell[i] >= 0)
			(void)close(d->bell[i]);
	state_free(&d->state);
	free(d);
	return ok;
}
