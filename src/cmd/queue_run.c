/* SPDX-License-Identifier: ISC
 *
 * queue_run.c - sends what is in the queue
 */
#include <stdlib.h>
#include <sysexits.h>

#include "base/privilege.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "queue/drain.h"
#include "queue/place.h"
#include "queue/room.h"
#include "queue/round.h"

static void
tried(
    void *arg, const struct account *a, const struct envelope *e, const struct source *m)
{
	const uid_t user = privilege_raise(); /* the log is ours */

	report_tried(arg, a, e, m);
	privilege_return(user);
}

static int
run(const struct invocation *v, struct spool *spool, const struct drain_wish *wish)
{
	const struct observer observer = report_observer(v);
	const struct lane_listener listener = { &observer, tried, observer.arg };
	bool busy = false, ok;
	struct outcome o;

	/* cppcheck-suppress autoVariables ; for the run only */
	spool->observer = &observer;
	ok = drain_run(spool, wish, &listener, &busy, &o);
	spool->observer = NULL;
	if (busy)
		report_note(v, "another process is running this queue");
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

static int
run_all(const struct invocation *v, const struct account *a, const char *path)
{
	const struct observer observer = report_observer(v);
	const struct round round = {
		.path = path,
		.stays = v->queue_wish.stays,
		.largest = (int64_t)a->queue_size * ROOM_MEGABYTE,
		.run = run_of_user,
		.arg = (void *)(uintptr_t)v,
		.observer = &observer,
	};
	struct outcome o;
	int status;

	return round_run(&round, &status, &o) ? status : report_failure(v, &o);
}

/* A queue that isn't there is empty, unless somebody is to wait for it to fill. */
static int
run_at(const struct invocation *v, const struct account *a, const char *path,
    enum spool_mode mode)
{
	struct spool spool;
	struct outcome o;
	int status;

	if (privilege_may_lend() && place_is_shared(path))
		return run_all(v, a, path);
	if (!spool_open(&spool, path, v->queue_wish.stays ? mode : SPOOL_USE, &o))
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
	enum spool_mode mode;
	char *path = place_of(a, config_is_system(c, a), &mode);
	struct outcome o;
	int status;

	if (path == NULL) {
		(void)outcome_fail(&o, CAUSE_QUEUE_DIR,
		    "this user has no home directory: name one with queue_dir");
		return report_failure(v, &o);
	}
	status = run_at(v, a, path, mode);
	free(path);
	return status;
}

int
job_queue_run(const struct invocation *v)
{
	return job_with_account(v, run_account);
}
