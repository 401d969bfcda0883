/* SPDX-License-Identifier: ISC
 *
 * drain.h - the runner of a queue: it sends what is due, until nothing is, or for ever
 *
 * There is one for each queue. Mails that are due are grouped by account, and each group
 * gets lanes (lane.h): one until the account is known to work, then more where there is
 * much to do. All accounts together have no more lanes than `queue_lanes` of the one that
 * has most.
 */
#ifndef QUEUE_DRAIN_H
#define QUEUE_DRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "queue/lane.h"
#include "queue/spool.h"

/* Which mails a run is about; NULL: any. All of them must fit. */
struct selection {
	const char *id;        /* a part of it */
	const char *recipient; /* a part of one recipient's address */
	const char *sender;
};

struct drain_wish {
	bool all;     /* also what isn't due yet, each once */
	bool forced;  /* also for accounts that are held */
	bool stays;   /* and waits for more, until SIGTERM */
	int interval; /* then: seconds after which it looks again in any case, while
		       * something waits; 0: when something is due */
	int patience; /* then: it ends where nothing is due for so many seconds; 0: never
		       */
	struct selection selection;
};

/* Runs the queue, which the caller has opened. False where it can't be done: *o says why;
 * or, with *busy, another runner does it. SIGTERM and SIGINT end it, politely. */
bool drain_run(struct spool *s, const struct drain_wish *wish,
    const struct lane_listener *listener, bool *busy, struct outcome *o);

#endif
