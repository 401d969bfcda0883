/* SPDX-License-Identifier: ISC
 *
 * partial.h - a message that went to some of its recipients, and not to others whom we
 * had accepted before
 *
 * SMTP has one answer for all. The client hears yes, because else it would send to all
 * again; and the sender gets a mail about the others.
 */
#ifndef SERVE_PARTIAL_H
#define SERVE_PARTIAL_H

#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/channel.h"

/* Where some recipients have got the message, and others not, sends the sender a notice
 * about those of the others of whom it wants to hear, through the account. What becomes
 * of the notice is told to the observer (NULL: nobody) where it can't be sent. */
void partial_tell(struct account *a, const struct envelope *e, struct source *m,
    const struct observer *observer);

#endif
