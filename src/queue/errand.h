/* SPDX-License-Identifier: ISC
 *
 * errand.h - one queued mail on its way: taken, tried, and what became of it written
 * down
 */
#ifndef QUEUE_ERRAND_H
#define QUEUE_ERRAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "queue/entry.h"
#include "queue/spool.h"
#include "queue/trouble.h"
#include "queue/work.h"
#include "smtp/caps.h"

struct errand {
	struct envelope envelope; /* of those recipients who are due */
	size_t *index;            /* which of the entry's each of them is */
	struct entry entry;       /* held by its lock */
	struct source plain;      /* the message in 7 bits, where the server needs that */
	struct source *message;   /* that, or the entry's */
	struct work_item *item;
	struct errand *next; /* among those on their way */
};

/* Which recipients are due: those whose time has come, or all who wait. */
struct due {
	int64_t now;
	bool all;
};

bool due_is(const struct due *due, const struct progress *p);

/* Takes the mail, which must be in new/, with those who are due. NULL: somebody else has
 * it, it is gone or was set aside, or nobody is due. */
struct errand *errand_take(
    struct spool *s, struct work_item *item, const struct due *due);

/* Frees it, and with it the lock. */
void errand_free(struct errand *d);

/* Chooses the form of the message that such a server takes. Fails as downgrade(). */
bool errand_prepare(struct errand *d, const struct caps *caps, struct outcome *o);

/* The gravest trouble that a recipient has met; *why is what it was, good as long as the
 * dispatch is. */
enum trouble errand_trouble(const struct errand *d, const struct outcome **why);

/* Whether a recipient got it, or was refused for good: they aren't asked again. */
bool errand_got_on(const struct errand *d);

/* What there is to know beside the outcomes. */
struct errand_facts {
	int64_t now;
	const struct caps *caps; /* of the server that answered; NULL: none did */
	bool blamed;             /* the mail is why the session broke */
};

/* Writes down what became of the recipients, durably but for the removal of a mail that
 * all have got, which is durable with the next spool_sync(): then *removed. Recipients
 * who met trouble that isn't theirs stay as they are. Where a server sends notices
 * itself, those about success are its matter. Fails with CAUSE_QUEUE. */
bool errand_record(struct errand *d, struct spool *s, const struct errand_facts *facts,
    bool *removed, struct outcome *o);

#endif
