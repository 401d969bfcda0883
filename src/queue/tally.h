/* SPDX-License-Identifier: ISC
 *
 * tally.h - what the runs of a queue have done so far, in its file "tally"
 *
 * Lines "NAME NUMBER". They are for people and monitors: a crash may lose the last of it,
 * and a file that isn't there, or that is damaged, counts as 0.
 */
#ifndef QUEUE_TALLY_H
#define QUEUE_TALLY_H

#include <stdint.h>

#include "queue/spool.h"

struct tally {
	uint64_t sent;         /* recipients that a server has accepted */
	uint64_t failed;       /* recipients that were refused for good, or given up */
	uint64_t deferred;     /* tries that are to be repeated */
	uint64_t last_success; /* seconds since 1970; 0: never */
};

void tally_read(const struct spool *s, struct tally *t);

/* Adds to it what has come since: the runner's alone, which holds the lock, and can do
 * without. Where something was sent, that was now. */
void tally_add(const struct spool *s, const struct tally *more);

#endif
