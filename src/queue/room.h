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
#include <stdint.h>

#include "base/outcome.h"
#include "queue/spool.h"

/* So many hundredths of a disk stay free. */
#define ROOM_FREE_MIN 1

#define ROOM_MEGABYTE 1000000

/* Processes that keep mails at once. */
#define ROOM_WRITERS 100

/* What may wait at once; 0: any number. */
struct room {
	int mails;
	int megabytes; /* of all of them; exact to one part in a thousand, about */
	int uncounted; /* mails that come before they are counted again; at first 0 */
};

/* Whether there is room for a mail of so many bytes. Fails with CAUSE_QUEUE, and with
 * what to do. */
bool room_check(struct spool *s, struct room *r, uint64_t size, struct outcome *o);

#endif
