/* SPDX-License-Identifier: ISC
 *
 * work.h - what the lanes of one account share: the mails that are due, and how it goes
 *
 * It lies in memory that children share with their parent, so nobody has to hand out
 * work: a lane takes the next mail by counting up. Nothing in it is needed to keep a mail
 * safe.
 */
#ifndef QUEUE_WORK_H
#define QUEUE_WORK_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/outcome.h"
#include "queue/entry.h"
#include "queue/trouble.h"

#define LANES_MAX 64

struct work_item {
	char id[ENTRY_ID_SIZE];
	atomic_bool attention; /* a notice may be due, or it is to be removed */
	atomic_uint lane;      /* number + 1 of the one that has it; 0: none */
};

/* How one lane ended; written by the lane, read when it has. */
struct work_report {
	enum trouble trouble;
	struct outcome why; /* where there was trouble */
	uint64_t mark;      /* of the configuration, see agent.h */
};

struct work {
	size_t n;
	atomic_size_t next;    /* the item that is taken next */
	atomic_size_t settled; /* how many a server has answered */
	atomic_size_t sent;    /* recipients, as tally.h counts them */
	atomic_size_t failed;
	atomic_size_t deferred;
	atomic_bool works; /* a server has: so the account does */
	atomic_bool stop;  /* a lane has found that nothing goes */
	struct work_report report[LANES_MAX];
	struct work_item item[];
};

/* Zeroed, for `n` items. */
struct work *work_new(size_t n);
void work_free(struct work *w);

/* The next item; NULL: there is none left, or nothing goes. */
struct work_item *work_take(struct work *w);

#endif
