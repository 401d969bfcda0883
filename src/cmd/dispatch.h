/* SPDX-License-Identifier: ISC
 *
 * dispatch.h - a mail that is ready goes its ways: to servers, into the queue, or to the
 * one and then the other
 */
#ifndef CMD_DISPATCH_H
#define CMD_DISPATCH_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/mail.h"

/* Opens the queue of the account, where one will be needed: before the message is
 * composed. Other accounts to which parts of the mail go may have others. */
bool dispatch_prepare(struct mail *m, struct outcome *o);

/* Sends or keeps what goes through this account, and fills the outcome of each recipient:
 * of the mail, or of a notice about it. */
void dispatch_part(
    struct mail *m, struct account *a, struct envelope *e, struct source *source);

/* Sends or keeps each part of the mail, as m->routes has them, and fills the outcome of
 * each recipient. Says and logs what became of each part. */
void dispatch_mail(struct mail *m);

#endif
