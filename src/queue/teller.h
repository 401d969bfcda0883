/* SPDX-License-Identifier: ISC
 *
 * teller.h - what is left to be done about queued mails once nobody sends them: tell
 * their senders, give them up, remove them
 *
 * Notices are mails of the queue, of the same account. One is kept before it is written
 * down that it was: so, when killed between, a sender is told twice rather than never.
 */
#ifndef QUEUE_TELLER_H
#define QUEUE_TELLER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "queue/entry.h"
#include "queue/spool.h"
#include "queue/state.h"
#include "smtp/channel.h"

/* So many mails at most are told of in one digest. */
#define DIGEST_MAX 100

struct teller {
	struct spool *spool;
	struct state *state;
	const struct observer *observer; /* hears of mails set aside; NULL: nobody */
	int64_t now;
	int64_t next;    /* out: when notices that must wait can be written; INT64_MAX */
	size_t given_up; /* out: recipients, for their age */
	size_t notices;  /* out: how many were written */
	struct entry waiting[DIGEST_MAX]; /* mails for digests */
	size_t n;
};

void teller_begin(struct teller *t, struct spool *spool, struct state *state,
    const struct observer *observer, int64_t now);

/* Whether there is something to be done about the mail. `warn` and `lifetime` are those
 * of its account, in seconds, 0: never; `trouble` is what it is in, NULL: none. Nobody is
 * warned of or given up untried, unless the account was in trouble all the time. */
bool teller_is_needed(const struct entry *e, int64_t now, int64_t warn, int64_t lifetime,
    const struct account_state *trouble);

/* Does what there is to be done about the mail of this name in new/, if it is there still
 * and nobody has it. A sender gets so many notices in an hour (NOTICES_MAX), and the last
 * is a digest; what comes then waits for the next hour. Fails with CAUSE_QUEUE. */
bool teller_attend(struct teller *t, const char *id, struct outcome *o);

/* Writes the digests. */
bool teller_end(struct teller *t, struct outcome *o);

#endif
