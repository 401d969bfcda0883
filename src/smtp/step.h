/* SPDX-License-Identifier: ISC
 *
 * step.h - are the replies still those to the commands?
 *
 * Replies have no names but their order. Where a server says more than it was asked, or
 * speaks too soon, all that follows is taken for something else: so what became of the
 * message is not known. Each function fails with CAUSE_PROTOCOL.
 */
#ifndef SMTP_STEP_H
#define SMTP_STEP_H

#include <stdbool.h>

#include "base/outcome.h"
#include "smtp/transaction.h"

/* Before anything of it is said. */
bool step_before(struct transaction *t, struct outcome *o);

/* With the last byte of the message. */
bool step_unanswered(struct transaction *t, struct outcome *o);

/* With the last answer to it, before the outcomes of its recipients are settled. */
bool step_behind(struct transaction *t, struct outcome *o);

#endif
