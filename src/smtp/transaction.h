/* SPDX-License-Identifier: ISC
 *
 * transaction.h - hand one message over (RFC 5321, 3.3; RFC 2033 for LMTP)
 */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include <stdbool.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/caps.h"
#include "smtp/channel.h"

struct transaction {
	struct channel *channel;
	const struct caps *caps;
	bool lmtp;
	bool last; /* nothing follows: QUIT goes out with the end of the message */
	bool quit; /* out: QUIT was sent */
};

/* Sends the message to all recipients of the envelope, and fills the outcome of each;
 * those that the server takes get the mail, whatever becomes of the others. False where
 * the connection is of no further use; `o` says why. An outcome that was accepted stays
 * so: what happens after the server's last word changes nothing. */
bool transact(
    struct transaction *t, struct envelope *e, struct source *m, struct outcome *o);

#endif
