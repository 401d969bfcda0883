/* SPDX-License-Identifier: ISC
 *
 * queue_run.c - sends what is in the queue
 */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/child.h"
#include "base/inherit.h"
#include "base/mem.h"
#include "base/privilege.h"
#include "base/stop.h"
#include "cmd/job.h"
#include "cmd/queue_places.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"
#include "cmd/report_mail.h"
#include "cmd/step_down.h"
#include "queue/drain.h"
#include "queue/hurry.h"
#include "queue/place.h"
#include "queue/room.h"
#include "queue/round.h"

#define QUEUE_USER "queue_user"

/* Into our log, for which a user could write any name into the ticket of a queue of
 * theirs. */
static void
tried(void *arg, const struct account *a, const struct ticket *t,
    const struct envelope *e, const struct source *m)
{
	struct invocation v = *(const struct invocation *)arg;
	const bool is_ours = !privilege_is_lent();
	const uid_t user = privilege_raise();

	v.submitter = is_ours ? t->submitter : NULL;
	report_tried(&v, a, e, m);
	privilege_return(user);
}

static void
say(const struct invocation *v, const char *words)
{
	if (!v->verbose && isatty(STDERR_FILENO) != 0)
		report_warning(v, words);
	else
		report_note(v, words);
}

/* Who stays does what another one came for. */
static void
ask_runner(const struct invocation *v, struct spool *spool, const struct drain_wish *wish)
{
	if (wish->stays) {
		say(v, "another process is running this queue");
		return;
	}
	hurry_queue(spool, wish);
	say(v, "another process is running this queue: it was asked to send it now");
}

static int
run(const struct invocation *v, struct spool *spool, const struct drain_wish *wish)
{
	const struct observer observer = report_observer(v);
	const struct lane_listener listener = { &observer, tried, observer.arg };
	bool busy = false, ok;
	struct outcome o;

	spool->observer = &observer;
	ok = drain_run(spool, wish, &listener, &busy, &o);
	spool->observer = NULL;
	if (busy)
		ask_runner(v, spool, wish);
	return ok || busy ? EX_OK : report_failure(v, &o);
}

/* In a child that acts for the user of the queue. */
static int
run_of_user(void *arg, struct spool *spool, bool again, const struct outcome *o)
{
	const struct invocation *v = arg;
	struct drain_wish wish = v->queue_wish;

	wish.all = wish.all && !again;
	if (spool != NULL)
		return run(v, spool, &wish);
	return o->cause == CAUSE_NO_QUEUE ? EX_OK : report_failure(v, o);
}

/* As whom the command line says, who has become that already, or the settings. */
static const char *
other_user(const struct invocation *v, const struct queue_place *place)
{
	return invocation_given(v, QUEUE_USER) == NULL ? place->user : NULL;
}

static int
run_all(const struct invocation *v, const struct queue_place *place)
{
	const struct observer observer = report_observer(v);
	const struct round round = {
		.path = place->path,
		.stays = v->queue_wish.stays,
		.largest = (int64_t)place->megabytes * ROOM_MEGABYTE,
		.run = run_of_user,
		.arg = (void *)(uintptr_t)v,
		.observer = &observer,
	};
	struct outcome o;
	int status;

	if (step_down_to_lend(other_user(v, place), &o) && round_run(&round, &status, &o))
		return status;
	return report_failure(v, &o);
}

/* A queue that isn't there is empty, unless somebody is to wait for it to fill. */
static int
run_at(const struct invocation *v, const struct queue_place *place)
{
	const bool waits = v->queue_wish.stays;
	struct spool spool;
	struct outcome o;
	int status;

	if (privilege_may_lend() && place_is_shared(place->path))
		return run_all(v, place);
	if (!spool_open(&spool, place->path, waits ? place->mode : SPOOL_USE, &o))
		status = o.cause == CAUSE_NO_QUEUE ? EX_OK : report_failure(v, &o);
	else
		status = run(v, &spool, &v->queue_wish);
	spool_close(&spool);
	return status;
}

static int
run_account(
    const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	const struct account *a = made->account;
	const bool is_system = config_is_system(c, a);
	struct queue_place place = { .megabytes = a->queue_size,
		.user = is_system ? a->queue_user : NULL };
	struct outcome o;
	int status;

	place.path = place_of(a, is_system, &place.mode);
	if (place.path == NULL) {
		(void)outcome_fail(&o, CAUSE_QUEUE_DIR,
		    "this user has no home directory: name one with queue_dir");
		return report_failure(v, &o);
	}
	status = run_at(v, &place);
	free(place.path);
	return status;
}

/* Runs of several queues. */
struct runs {
	pid_t *pid; /* 0: it has ended */
	size_t n, running;
	int status; /* the first that isn't 0 */
};

/* The first has what we have inherited: news of the network, which two would take from
 * each other. */
static void
start_runs(struct runs *r, const struct invocation *v, const struct queue_places *places)
{
	const bool inherits = inherit_count() > 0;

	for (; r->n < places->n; r->n++) {
		pid_t pid = child_fork(SIGTERM);

		if (pid == 0) {
			if (inherits && r->n == 0)
				inherit_claim();
			_exit(run_at(v, &places->v[r->n]));
		}
		r->pid[r->n] = pid > 0 ? pid : 0;
		r->running += pid > 0;
		if (pid < 0)
			r->status = EX_OSERR;
	}
}

static void
reap(struct runs *r)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (size_t i = 0; i < r->n; i++)
			if (r->pid[i] == pid) {
				r->pid[i] = 0;
				r->running--;
				if (r->status == EX_OK)
					r->status = WIFEXITED(status)
							? WEXITSTATUS(status)
							: EX_SOFTWARE;
			}
}

/* Each by a process of its own, so that none waits for another. */
static int
run_beside(const struct invocation *v, const struct queue_places *places)
{
	struct runs r = { .pid = mem_new(places->n * sizeof *r.pid), .status = EX_OK };
	struct stop stop;
	bool told = false;

	stop_catch(&stop);
	start_runs(&r, v, places);
	for (reap(&r); r.running > 0; reap(&r)) {
		for (size_t i = 0; i < r.n && stop_is_asked() && !told; i++)
			if (r.pid[i] > 0)
				(void)kill(r.pid[i], SIGTERM);
		told = stop_is_asked();
		(void)ppoll(NULL, 0, NULL, &stop.mask);
	}
	stop_release(&stop);
	free(r.pid);
	return r.status;
}

static bool
names_account(const struct invocation *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (strcmp(v->given[i].row->name, QUEUE_USER) != 0)
			return true;
	return v->account != NULL;
}

/* Who names an account, or settings of one, means its queue; else it is all that mailq
 * shows. Nothing is read as root where the command line says who else is to do it. */
int
job_queue_run(const struct invocation *v)
{
	struct queue_places places;
	struct outcome o;
	int status;

	if (!step_down_to_lend(invocation_given(v, QUEUE_USER), &o))
		return report_failure(v, &o);
	if (names_account(v))
		return job_with_account(v, run_account);
	if (!queue_places_find(&places, v, &o))
		return report_failure(v, &o);
	if (places.accounts == 0)
		status = job_with_account(v, run_account);
	else if (places.n == 1)
		status = run_at(v, &places.v[0]);
	else
		status = run_beside(v, &places);
	queue_places_free(&places);
	return status;
}
