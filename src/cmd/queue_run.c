/* SPDX-License-Identifier: ISC
 *
 * queue_run.c - sends what is in the queue
 */
#include <stdlib.h>
#include <sysexits.h>

#include "cmd/choose.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "queue/drain.h"
#include "queue/place.h"

static void
tried(
    void *arg, const struct account *a, const struct envelope *e, const struct source *m)
{
	report_tried(arg, a, e, m);
}

static int
run(const struct invocation *v, struct spool *spool)
{
	const struct observer observer = report_observer(v);
	const struct lane_listener listener = { &observer, tried, observer.arg };
	bool busy = false, ok;
	struct outcome o;

	spool->observer = &observer;
	ok = drain_run(spool, &v->queue_wish, &listener, &busy, &o);
	if (busy)
		report_note(v, "another process is running this queue");
	return ok || busy ? EX_OK : report_failure(v, &o);
}

/* A queue that isn't there is empty, unless somebody is to wait for it to fill. */
static bool
open_spool(struct spool *spool, const struct invocation *v, const struct config *c,
    const struct account *a, struct outcome *o)
{
	enum spool_mode mode;
	char *path = place_of(a, config_is_system(c, a), &mode);
	bool ok;

	if (path == NULL)
		return outcome_fail(o, CAUSE_QUEUE_DIR,
		    "this user has no home directory: name one with queue_dir");
	ok = spool_open(spool, path, v->queue_wish.stays ? mode : SPOOL_USE, o);
	free(path);
	return ok;
}

int
job_queue_run(const struct invocation *v)
{
	struct choice_made choice = { 0 };
	struct config config = { 0 };
	struct spool spool;
	struct outcome o;
	int status;

	spool_init(&spool);
	if (!choose(&choice, v, &config, NULL, &o))
		status = report_failure(v, &o);
	else if (open_spool(&spool, v, &config, choice.account, &o))
		status = run(v, &spool);
	else
		status = o.cause == CAUSE_NO_QUEUE ? EX_OK : report_failure(v, &o);
	spool_close(&spool);
	choice_free(&choice);
	config_free(&config);
	return status;
}
