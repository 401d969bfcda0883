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

#include "base/outcome.h"
#include "queue/lane.h"
#include "queue/spool.h"
#include "queue/wish.h"

/* Runs the queue, which the caller has opened. False where it can't be done: *o says why;
 * or, with *busy, another runner does it. SIGTERM and SIGINT end it, politely. */
bool drain_run(struct spool *s, const struct drain_wish *wish,
    const struct lane_listener *listener, bool *busy, struct outcome *o);

#endif
