/* SPDX-License-Identifier: ISC
 *
 * room.h - whether a queue has room for one mail more
 *
 * A program that runs wild shall not fill the disk for all others, nor the queue with
 * more than can be sent. Notices are kept all the same: they take the place of other
 * mails.
 */
#ifndef QUEUE_ROOM_H
#define QUEUE_ROOM_H

#include <stdbool.h>

#include "base/outcome.h"
#include "queue/spool.h"

/* Mails that wait at once. */
#define ROOM_MAILS_MAX 20000

/* So many hundredths of a disk stay free. */
#define ROOM_FREE_MIN 1

/* Fails with CAUSE_QUEUE, and with what to do. */
bool room_check(struct spool *s, struct outcome *o);

#endif
