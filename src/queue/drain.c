/* SPDX-License-Identifier: ISC */
#include "queue/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/stop.h"
#include "queue/fleet.h"
#include "queue/news.h"
#include "queue/pick.h"
#include "queue/state.h"
#include "queue/tally.h"
#include "queue/teller.h"
#include "queue/uplink.h"
#include "queue/wake.h"
#include "queue/wreck.h"

#define WORDS_MAX 4096
#define PACE 200 /* milliseconds between looks at whether another lane would help */
#define REST 10  /* a look at the queue takes at most one part of so many of the time */
#define SICK 60  /* seconds after trouble with the queue itself */

struct drain {
	struct spool *spool;
	const struct drain_wish *wish;
	const struct lane_listener *listener;
	struct state state;
	struct news news;
	struct wake wake;
	struct pick pick;
	struct teller teller;
	int bell[2];   /* lanes write to it when their account works */
	bool look;     /* there may be something to be done */
	int64_t quiet; /* until then nobody looks because of new mail; milliseconds */
	struct stop stop;
};

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
	tally_add(d->spool, &(struct tally){ .failed = d->teller.given_up });
	return ok;
}

/* Who mends the settings of an account need not say so. */
static void
watch_settings(const struct drain *d, const struct agent *r)
{
	for (size_t i = 0; i < r->config.files; i++)
		wake_on(&d->wake, r->config.file[i]->path);
	if (r->account != NULL && r->account->password_file != NULL)
		wake_on(&d->wake, r->account->password_file);
}

static void
note_trouble(struct drain *d, const struct group *g, bool held, uint64_t mark,
    const struct outcome *why)
{
	news_trouble(&d->news, &g->ticket, held, mark, why);
	watch_settings(d, &g->agent);
}

/* All lanes of the group have ended. */
static bool
finish_group(struct drain *d, struct group *g, struct outcome *o)
{
	const struct work_report *r = group_trouble(g);

	state_refresh(&d->state, d->spool); /* who asks us to hurry has changed it */
	if (r != NULL)
		note_trouble(d, g, r->trouble == TROUBLE_HELD, r->mark, &r->why);
	else if (atomic_load(&g->work->works))
		news_works(&d->news, &g->ticket);
	if (r != NULL || g->is_wrecked || atomic_load(&g->work->settled) > 0)
		d->look = true;
	else /* somebody else holds its mails */
		pick_put_off(&d->pick);
	tally_add(d->spool, &(struct tally){ .sent = atomic_load(&g->work->sent),
				.failed = atomic_load(&g->work->failed),
				.deferred = atomic_load(&g->work->deferred) });
	return attend(d, g, o) && save(d, o);
}

/* A lane never ends so by itself. */
static bool
salvage(
    const struct drain *d, struct group *g, unsigned lane, int status, struct outcome *o)
{
	struct wreck w = {
		.spool = d->spool,
		.work = g->work,
		.lane = lane,
		.status = status,
		.account = g->ticket.account,
		.mark = g->agent.mark,
		.due = d->pick.due,
		.observer = d->listener->observer,
	};
	bool ok = wreck_salvage(&w, o);

	g->is_wrecked |= w.n > 0;
	return ok;
}

/* One lane has ended. */
static bool
note_end(struct drain *d, pid_t pid, int status, struct outcome *o)
{
	unsigned lane;
	bool ok = true;

	for (size_t i = 0; i < d->pick.n; i++) {
		struct group *g = &d->pick.group[i];

		if (!group_reap(g, pid, &lane))
			continue;
		if (status != 0)
			ok = salvage(d, g, lane, status, o);
		if (g->running > 0)
			return ok;
		ok = finish_group(d, g, o) && ok;
		pick_drop(&d->pick, i);
		return ok;
	}
	return true;
}

static bool
reap(struct drain *d, struct outcome *o)
{
	bool ok = true;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		ok = note_end(d, pid, status, o) && ok;
	return ok;
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

	if (!spool_is_there(d->spool))
		return outcome_fail(o, CAUSE_NO_QUEUE, "%s was removed", d->spool->path);
	state_refresh(&d->state, d->spool);
	teller_begin(
	    &d->teller, d->spool, &d->state, d->listener->observer, (int64_t)time(NULL));
	ok = pick_mails(&d->pick, &d->news, &d->teller, o) && teller_end(&d->teller, o);
	tally_add(d->spool, &(struct tally){ .failed = d->teller.given_up });
	d->look = d->teller.notices > 0; /* they are mail that is due */
	d->pick.next = clock_first(d->pick.next, d->teller.next);
	d->quiet = clock_now() + REST * (clock_now() - begun);
	return ok && fail_unfound(d, o) &&
	       (!d->state.is_news || d->spool->keeper == NULL || save(d, o));
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
	bool rest = clock_left(d->quiet) > 0, pace = fleet_may_grow(&d->pick), network;
	int64_t most = pace ? PACE : rest ? clock_left(d->quiet) : -1;
	const struct timespec timeout = { most / 1000, most % 1000 * 1000000 };
	char piece[LANES_MAX];

	for (int i = 0; i < WAKE_DESCRIPTORS; i++)
		fds[1 + i] = (struct pollfd){ d->wake.fd[i], POLLIN, 0 };
	if (rest)
		fds[1 + WAKE_MAIL].fd = -1;
	if (!state_waits(&d->state))
		fds[1 + WAKE_NETWORK].fd = -1;
	(void)ppoll(fds, 1 + WAKE_DESCRIPTORS, most < 0 ? NULL : &timeout, &d->stop.mask);
	(void)!read(
	    d->bell[0], piece, sizeof piece); /* what rang counts, not how often */
	if (fds[1 + WAKE_MAIL].revents == 0 && fds[1 + WAKE_NETWORK].revents == 0 &&
	    fds[1 + WAKE_TIME].revents == 0)
		return;
	network = wake_take(&d->wake);
	if (fds[1 + WAKE_NETWORK].revents != 0 && network)
		(void)state_hurry(&d->state, false);
	d->look = true;
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

	if (fleet_size(&d->pick) > 0)
		return false;
	if (stop_is_asked() || !d->wish->stays)
		return stop_is_asked() || !d->look;
	if (d->look || d->wish->patience == 0 ||
	    d->pick.next <= (int64_t)time(NULL) + d->wish->patience)
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

	if (!d->wish->stays || stop_is_asked() || o->cause == CAUSE_NO_QUEUE)
		return false;
	buf_init(&words, WORDS_MAX);
	outcome_words(o, NULL, &words);
	buf_puts(&words, "; the queue is looked at again in a minute");
	news_say(&d->news, words.data);
	buf_free(&words);
	d->pick.next = (int64_t)time(NULL) + SICK;
	d->look = false;
	return true;
}

static void
start_lanes(struct drain *d)
{
	const struct lane_task task = {
		.spool = d->spool,
		.due = d->pick.due,
		.pipe = d->bell[1],
		.listener = d->listener,
	};

	fleet_start(&d->pick, &task);
}

static bool
run(struct drain *d, struct outcome *o)
{
	bool ok = true, told = false;

	d->look = true;
	while (ok) {
		if (d->look && !stop_is_asked())
			ok = look(d, o) || bear(d, o);
		if (ok && !stop_is_asked())
			start_lanes(d);
		if (!ok || is_finished(d))
			break;
		if (fleet_size(&d->pick) == 0 && (d->look || !d->wish->stays))
			continue;
		if (d->wish->stays)
			set_alarm(d);
		wait_for_news(d);
		if (stop_is_asked() && !told) {
			fleet_stop(&d->pick);
			told = true;
		}
		ok = ok && (reap(d, o) || bear(d, o));
	}
	return ok;
}

static bool
begin(struct drain *d, struct outcome *o)
{
	const bool hears_network = d->spool->keeper == NULL; /* else round.c does */
	bool ok;

	d->wake = (struct wake){ { -1, -1, -1 } };
	if (pipe2(d->bell, O_CLOEXEC | O_NONBLOCK) != 0)
		return outcome_fail(o, CAUSE_SYSTEM, "no pipe: %s", strerror(errno));
	if (!d->wish->stays)
		return true;
	ok = wake_init(&d->wake, d->spool->path, hears_network, o);
	if (ok && hears_network && d->wake.fd[WAKE_NETWORK] < 0)
		news_say(&d->news, UPLINK_NONE);
	if (d->spool->keeper != NULL) /* others see that an account works again */
		wake_on(&d->wake, d->spool->keeper->path);
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
	d->news = (struct news){ s, &d->state, listener->observer };
	state_load(&d->state, s);
	pick_begin(&d->pick, wish);
	stop_catch(&d->stop);
	ok = begin(d, o) && run(d, o);
	fleet_end(&d->pick); /* whatever went wrong, no lane is left behind */
	stop_release(&d->stop);
	pick_end(&d->pick);
	wake_free(&d->wake);
	for (int i = 0; i < 2; i++)
		if (d->bell[i] >= 0)
			(void)close(d->bell[i]);
	state_free(&d->state);
	free(d);
	return ok;
}
