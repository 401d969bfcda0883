/* SPDX-License-Identifier: ISC
 *
 * lane.h - one connection after another to one account's server, with many mails in each
 *
 * A lane is a child process: a server that hangs keeps nobody else waiting, and a program
 * that is asked for a password can't stop the runner.
 */
#ifndef QUEUE_LANE_H
#define QUEUE_LANE_H

#include <sys/types.h>

#include "conf/account.h"
#include "queue/errand.h"
#include "queue/spool.h"
#include "queue/work.h"

/* Who hears what happens; both are called in the lane. */
struct lane_listener {
	const struct observer *observer; /* of the dialogue; NULL: nobody */
	/* A mail was tried; its outcomes are those of the envelope. NULL: nobody */
	void (*tried)(void *arg, const struct account *a, const struct ticket *t,
	    const struct envelope *e, const struct source *m);
	void *arg;
};

/* What a lane is to do; all is borrowed. */
struct lane_task {
	struct spool *spool;
	struct work *work;
	unsigned number;             /* of the lane: its place in work->report */
	const struct ticket *ticket; /* of all mails in the work */
	struct due due;
	/* Gets one byte once the account is known to work, and is closed with the end. */
	int pipe;
	const struct lane_listener *listener;
};

/* Starts it: -1 where there can be no process more, with errno. On SIGTERM it finishes
 * the transactions under way and ends, as it does when we are gone. */
pid_t lane_start(const struct lane_task *t);

#endif
