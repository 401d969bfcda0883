/* SPDX-License-Identifier: ISC
 *
 * wish.h - what a run of the queue is to do
 */
#ifndef QUEUE_WISH_H
#define QUEUE_WISH_H

#include <stdbool.h>

#include "queue/entry.h"

/* Which mails a run is about; NULL: any. All of them must fit. */
struct selection {
	const char *id;        /* a part of it */
	const char *recipient; /* a part of one recipient's address */
	const char *sender;
};

bool selection_fits(const struct selection *s, const struct entry *e);

struct drain_wish {
	bool all;     /* also what isn't due yet, each once */
	bool forced;  /* also for accounts that are held */
	bool stays;   /* and waits for more, until SIGTERM */
	int interval; /* then: seconds after which it looks again in any case, while
		       * something waits; 0: when something is due */
	int patience; /* then: it ends where nothing is due for so many seconds; 0: never
		       */
	struct selection selection;
};

#endif
