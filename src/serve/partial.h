/* SPDX-License-Identifier: ISC
 *
 * partial.h - a message that went to some of its recipients, and not to others whom we
 * had accepted before
 *
 * SMTP has one answer for all. The client hears yes, because else it would send to all
 * again, but only once a mail to the sender about the others is safely on its way: where
 * that can't be had, that some get the message twice is better than that others get
 * neither it nor a word.
 */
#ifndef SERVE_PARTIAL_H
#define SERVE_PARTIAL_H

#include <stdbool.h>

#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/source.h"

/* Sends a notice, whose only recipient is that of the envelope; false where it is neither
 * taken by a server nor kept. */
typedef bool partial_send(
    void *arg, struct envelope *e, struct source *notice, struct outcome *o);

/* The one outcome of a message that was tried, for its client: a yes where some recipient
 * got it, and the sender hears about each of the others, or doesn't want to hear of a
 * refusal. Else that of one who gets nothing: rather of one whom another try may reach.
 * NULL: there are no recipients. */
const struct outcome *partial_answer(const struct account *a, const struct envelope *e,
    struct source *m, partial_send *send, void *arg);

#endif
