/* SPDX-License-Identifier: ISC
 *
 * detach.h - a runner that nobody waits for, where there is no other
 */
#ifndef QUEUE_DETACH_H
#define QUEUE_DETACH_H

#include "queue/spool.h"

/* Whether somebody runs the queue, which must be open. */
bool detach_is_running(struct spool *s);

/* Starts a process of its own that runs the queue, which must be open, until nothing is
 * due for a minute; unless one runs already. Nobody hears from it but the logs of the
 * accounts. What can't be started isn't: the mail is safe. */
void detach_runner(struct spool *s);

#endif
