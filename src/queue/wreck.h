/* SPDX-License-Identifier: ISC
 *
 * wreck.h - a lane that was killed, and the mails that it had under way
 *
 * For lack of memory, by an operator, or because a mail makes it crash: it can't be told
 * which, nor, where many mails were under way, with which of them. So all of these are
 * put off, and sent each on its own from then on, until a server has said something about
 * it. One that has killed its lanes so often in a row is set aside.
 */
#ifndef QUEUE_WRECK_H
#define QUEUE_WRECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "queue/entry.h"
#include "queue/errand.h"
#include "queue/spool.h"
#include "queue/work.h"
#include "smtp/channel.h"

#define WRECK_MAX 3

struct wreck {
	struct spool *spool;
	struct work *work;
	unsigned lane;                   /* its number */
	int status;                      /* as waitpid() tells it; not 0 */
	const char *account;             /* its name */
	uint64_t mark;                   /* of its configuration, see agent.h */
	struct due due;                  /* what the lane was to send */
	const struct observer *observer; /* hears of the mails; NULL: nobody */
	size_t n;                        /* out: how many there were */
};

/* Whether the mail is one of those that are to be sent on their own. */
bool wreck_is_suspect(const struct entry *e);

/* Writes down, durably, what has happened to the mails that the lane had under way. Where
 * there were none, its report says that the account is in trouble: lanes that end before
 * they send anything are started ever later. Fails with CAUSE_QUEUE. */
bool wreck_salvage(struct wreck *w, struct outcome *o);

#endif
