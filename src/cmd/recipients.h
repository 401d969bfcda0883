/* SPDX-License-Identifier: ISC
 *
 * recipients.h - to whom: what the command line names, and what local names stand for
 */
#ifndef CMD_RECIPIENTS_H
#define CMD_RECIPIENTS_H

#include <limits.h>
#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/invocation.h"
#include "mail/aliases.h"
#include "mail/envelope.h"
#include "mail/local.h"

/* What is local, as the account and this machine have it. It points into itself: it can't
 * be copied, and the account must outlive it. */
struct here {
	char host[HOST_NAME_MAX + 1];
	struct local local;
};

void here_init(struct here *h, const struct account *a);

/* Adds those that the command line names. As sendmail, one that is written with a '\' is
 * meant as it is, whatever its alias: it goes to `literal`. Fails with CAUSE_ADDRESS. */
bool recipients_given(const struct invocation *v, struct envelope *e,
    struct envelope *literal, struct outcome *o);

/* Puts those whom they stand for into the place of local names (mail/expand.h, where
 * `known` is explained, too), and those of `literal` behind them. As sendmail, what has
 * no domain then gets maildomain.
 */
bool recipients_expand(const struct invocation *v, const struct account *a,
    struct aliases *known, struct envelope *e, const struct envelope *literal,
    struct envelope *lost, struct outcome *o);

#endif
