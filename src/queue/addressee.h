/* SPDX-License-Identifier: ISC
 *
 * addressee.h - who gets a notice about a mail
 */
#ifndef QUEUE_ADDRESSEE_H
#define QUEUE_ADDRESSEE_H

#include "conf/account.h"
#include "mail/envelope.h"
#include "smtp/channel.h"

/* Adds the sender of the mail, or whom mail for a local one goes to, by the aliases of
 * the account; `host` is the name of this machine. Somebody is added in any case. */
void addressee_add(struct envelope *to, const struct account *a, const char *host,
    const char *sender, const struct observer *observer);

#endif
