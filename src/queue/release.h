/* SPDX-License-Identifier: ISC
 *
 * release.h - an account that was seen to work is held no longer, and what waited for it
 * is due
 */
#ifndef QUEUE_RELEASE_H
#define QUEUE_RELEASE_H

#include "queue/entry.h"
#include "queue/spool.h"

/* Releases the account in this queue, and wakes a runner that stays. */
void release_account(struct spool *s, const struct ticket *t);

/* Releases the account in all queues of the place, and in what the runs of root's keep
 * for them, and wakes the runners that stay. For who may act for all users; the process
 * has no groups afterwards. A queue that can't be opened is left alone. */
void release_everywhere(const char *path, const struct ticket *t);

#endif
