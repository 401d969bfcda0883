/* SPDX-License-Identifier: ISC
 *
 * identity.h - as whom: the envelope's sender, and what may stand in From
 */
#ifndef CMD_IDENTITY_H
#define CMD_IDENTITY_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/choose.h"
#include "cmd/recipients.h"
#include "mail/envelope.h"
#include "mail/rewrite.h"

/* It points into itself and can't be copied; the choice must outlive it. */
struct identity {
	struct here here;
	char *own; /* the account's own address, as address.spec; NULL: none is known */
	struct rewrite rewrite;
};

/* Settles the sender of the envelope, and what has to be done with the author of the
 * mail. The zero value can be freed. Fails with CAUSE_CONFIG or CAUSE_ADDRESS. */
bool identity_settle(struct identity *i, const struct choice_made *made,
    struct envelope *e, struct outcome *o);
void identity_free(struct identity *i);

/* What has to be done with From; NULL: nothing. */
const struct rewrite *identity_rewrite(const struct identity *i);

#endif
