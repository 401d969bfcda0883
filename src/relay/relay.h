/* SPDX-License-Identifier: ISC
 *
 * relay.h - envelope and message in, an outcome for each recipient out
 */
#ifndef RELAY_RELAY_H
#define RELAY_RELAY_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/channel.h"
#include "smtp/session.h"

/* Whether all mail through this account goes to its server, and as it is. Where not, only
 * relay_send() knows what becomes of it. */
bool relay_is_plain(const struct account *a);

/* Sends the message through the account's server, in the form that the server takes, and
 * fills the outcome of each recipient. Where `host` is a list, the next is tried when a
 * server could not be reached or put the whole mail off; in the end a->host is the one
 * that was tried last. `observer` may be NULL. */
void relay_send(struct account *a, struct envelope *e, struct source *m,
    const struct observer *observer);

/* The same through a session that is open, and goes on behind it. With `asked`, the
 * server has accepted sender and recipients already, just those of the envelope: only the
 * message is said. Where the server's limits, or what it promised and doesn't know, ask
 * for another session, that is opened in its place, in which all is said. False where the
 * session is of no further use. */
bool relay_hand_over(struct session *s, bool asked, struct envelope *e, struct source *m,
    struct outcome *o);

/* The outcome that stands for all: of the recipients that were refused for good the
 * first, else of those that were put off the first, else that of the mail. */
const struct outcome *relay_verdict(const struct envelope *e);

/* The exit status for a mail that was tried: 0 where every recipient was accepted; else
 * that of the verdict, but never "try again" (75) when somebody got the mail, because who
 * tries again would send it twice; and, but for sendmail, "no such user" (67) only then,
 * because a mail that nobody got was refused as a whole (65, as with msmtp). */
int relay_sysexit(const struct envelope *e, bool as_sendmail);

#endif
