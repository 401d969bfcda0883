/* SPDX-License-Identifier: ISC
 *
 * release.h - an account that was seen to work is held no longer, in the queues of all
 * users
 */
#ifndef QUEUE_RELEASE_H
#define QUEUE_RELEASE_H

#include "queue/entry.h"

/* Releases the account in all queues of the place, and in what the runs of root's keep
 * for them, and wakes the runners that stay. For who may act for all users; the process
 * has no groups afterwards. A queue that can't be opened is left alone. */
void release_everywhere(const char *path, const struct ticket *t);

#endif
