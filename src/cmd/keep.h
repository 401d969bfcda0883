/* SPDX-License-Identifier: ISC
 *
 * keep.h - a mail that can't go out at once, or isn't to, is kept in the queue
 */
#ifndef CMD_KEEP_H
#define CMD_KEEP_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/choose.h"
#include "cmd/invocation.h"
#include "conf/config.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "queue/room.h"
#include "queue/spool.h"

struct keep {
	enum queue_policy policy; /* for this mail */
	struct spool spool;       /* open, but where the policy is off */
	struct ticket ticket;
	struct room most;
	bool starts_runner; /* once mail was kept */
	bool kept;
	bool is_open; /* keep_open() has been through */
};

void keep_init(struct keep *k);

/* Starts a runner of the queue, where the account says so, and mail was kept since. */
void keep_wake(struct keep *k);

/* Wakes, and closes. */
void keep_close(struct keep *k);

/* Settles what is to be done with the mail for an account, and opens the queue where it
 * may be needed; that stays so for the next mail. Fails where the queue is needed for
 * sure, as spool_open() does; where it only may be, that is told, and this mail will have
 * none. */
bool keep_open(struct keep *k, const struct invocation *v, const struct config *c,
    enum choice_by by, const struct account *a, struct outcome *o);

/* Keeps the mail for all its recipients, whose outcomes then say so, or why not. */
void keep_mail(
    struct keep *k, const struct invocation *v, struct envelope *e, struct source *m);

/* Keeps it for those whom a later try may reach: their outcomes then say so. Where that
 * can't be done, it is told, and the outcomes stay. */
void keep_rest(struct keep *k, const struct invocation *v, const struct account *a,
    struct envelope *e, struct source *m);

/* Where others got it, or will: keeps it for its sender to be told by mail of those who
 * were refused for good. Their outcomes then say so; where that can't be done, it is
 * told, and the outcomes stay. */
void keep_refused(
    struct keep *k, const struct invocation *v, struct envelope *e, struct source *m);

/* How many bytes of the mail of this submitter wait in the queue of the account. */
uint64_t keep_waiting(const struct config *c, const struct account *a, const char *who);

/* Whether somebody runs the queue of the account. */
bool keep_is_run(const struct config *c, const struct account *a);

/* For who has seen that the account works: its queue holds it no longer. */
void keep_release(const struct invocation *v, const struct config *c, enum choice_by by,
    const struct account *a);

#endif
