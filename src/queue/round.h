/* SPDX-License-Identifier: ISC
 *
 * round.h - root runs the queues of all users who have one in a shared place
 *
 * Each is run by a child that acts for its user (privilege.h), so that nothing they put
 * there can make us do what they can't. What stands under a user's name in the place and
 * isn't theirs is moved out of their way. Everybody gets a turn: see turn.h.
 */
#ifndef QUEUE_ROUND_H
#define QUEUE_ROUND_H

#include <stdbool.h>

#include "base/outcome.h"
#include "queue/spool.h"

/* So many queues are run at once; one that waits for more to do counts, too. */
#define ROUND_AT_ONCE 8
#define ROUND_STAYING 500

struct round {
	const char *path; /* of the place */
	bool stays;       /* a queue is run for as long as there is one */
	int64_t largest;  /* bytes of a mail, see struct spool */
	/* Runs a queue, in the child, and returns its exit status. A queue that can't be
	 * opened is NULL, and *o says why. `again`: its run was cut short before, for the
	 * sake of others, and what it has tried is not to be tried at once. */
	int (*run)(void *arg, struct spool *s, bool again, const struct outcome *o);
	void *arg;
	const struct observer *observer; /* hears what was moved; NULL: nobody */
};

/* *status is the first of the children's that isn't 0. Fails, before there is any, as
 * spool_open() for root's own queue, which is made where it isn't there. */
bool round_run(const struct round *r, int *status, struct outcome *o);

#endif
