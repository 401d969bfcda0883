/* SPDX-License-Identifier: ISC
 *
 * fleet.h - the lanes of all groups that were picked
 */
#ifndef QUEUE_FLEET_H
#define QUEUE_FLEET_H

#include <stdbool.h>

#include "queue/lane.h"
#include "queue/pick.h"

/* How many run. */
unsigned fleet_size(const struct pick *p);

/* Starts a lane for each group that has none, and then more where they help, as far as
 * there may be more. A group that gets none, for there can be no process more, is
 * dropped, and picked again later. */
void fleet_start(struct pick *p, const struct lane_task *task);

/* Whether a group may get another lane once the others have gone on for a while. */
bool fleet_may_grow(const struct pick *p);

/* Asks all to end. */
void fleet_stop(const struct pick *p);

/* The same, and waits for it. */
void fleet_end(const struct pick *p);

#endif
