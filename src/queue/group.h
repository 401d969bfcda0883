/* SPDX-License-Identifier: ISC
 *
 * group.h - the mails of one account that are due, and the lanes that send them
 */
#ifndef QUEUE_GROUP_H
#define QUEUE_GROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "queue/agent.h"
#include "queue/lane.h"
#include "queue/work.h"

struct group {
	struct ticket ticket; /* of all its mails; owned */
	bool is_alone;        /* it is one mail, that may kill its lane: see wreck.h */
	struct agent agent;
	bool has_agent; /* else *why says why not */
	struct outcome why;
	char (*id)[ENTRY_ID_SIZE]; /* those that are due */
	size_t n;
	size_t waiting;    /* mails that are due, but not the account */
	struct work *work; /* NULL: no lane was started yet */
	int64_t since;     /* when it was seen to work; in milliseconds, see clock.h */
	size_t settled;    /* mails that were by then */
	pid_t lane[LANES_MAX]; /* 0: it has ended */
	unsigned started, running;
	bool is_wrecked; /* a lane was killed with mails under way */
};

/* Finds the account of such mails. */
void group_init(struct group *g, const struct ticket *t, bool is_alone);
void group_free(struct group *g);

bool group_is_for(const struct group *g, const struct ticket *t, bool is_alone);

void group_add(struct group *g, const char *id);

/* Whether another lane would help: the account is known to work, and there are many mails
 * left, or they go slowly. */
bool group_wants_lane(const struct group *g);

/* Notes when the account works, for the pace of its lanes. */
void group_watch(struct group *g);

/* Starts one; `task` says what for, but for the work and the number. False where there
 * can be no process more. */
bool group_start_lane(struct group *g, struct lane_task task);

/* Whether the process was one of its lanes, and the number of this. */
bool group_reap(struct group *g, pid_t pid, unsigned *number);

/* The gravest report of its lanes; NULL: no trouble, or, though one lane met some, others
 * got through. Whether the account works can so be said when all have ended. */
const struct work_report *group_trouble(const struct group *g);

#endif
