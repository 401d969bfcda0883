/* SPDX-License-Identifier: ISC
 *
 * partial.h - a message that went to some of its recipients, and whose client heard yes
 */
#ifndef SERVE_PARTIAL_H
#define SERVE_PARTIAL_H

#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/channel.h"

/* Where some recipients have got the message, and others not, sends the sender a notice
 * about the others through the account. What becomes of the notice is told to the
 * observer (NULL: nobody) where it can't be sent. */
void partial_tell(struct account *a, const struct envelope *e, struct source *m,
    const struct observer *observer);

#endif
