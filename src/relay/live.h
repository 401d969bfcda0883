/* SPDX-License-Identifier: ISC
 *
 * live.h - a mail whose sender waits for each answer: the server is asked about sender
 * and recipients at once, before there is a message
 */
#ifndef RELAY_LIVE_H
#define RELAY_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "conf/password.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/channel.h"
#include "smtp/session.h"

/* The zero value is ready for live_begin(). */
struct live {
	struct session session;
	struct password password;
	bool is_open;   /* the session is */
	bool utf8;      /* SMTPUTF8 is used */
	bool dsn;       /* the server takes wishes for notices */
	bool asked;     /* the server holds a sender: RSET comes before the next one */
	bool stale;     /* it holds recipients who aren't to get the message */
	unsigned mails; /* handed over in this session */
};

/* Asks whether the sender of `e` may send; `smtputf8`: recipients outside ASCII may
 * follow; `size`: bytes of the message, as its sender reckons them, or 0. That is in the
 * session of the message before, where there is one that is still good, else in one with
 * the first of the account's hosts that can be reached. Fails as session_open(), or with
 * the server's refusal. The account, which must be the same for all messages, and the
 * observer are borrowed until live_end(), which is due in any case.
 */
bool live_begin(struct live *l, struct account *a, const struct envelope *e,
    bool smtputf8, uint64_t size, const struct observer *observer, struct outcome *o);

/* Asks about a recipient. */
bool live_rcpt(struct live *l, const struct envelope *e, const struct recipient *to,
    struct outcome *o);

/* Some of those who were accepted aren't to get the message after all. */
void live_forget(struct live *l);

/* Hands the message over to the recipients that were accepted, who are those of the
 * envelope, and fills the outcome of each. */
void live_message(struct live *l, struct envelope *e, struct source *m);

/* Says goodbye. */
void live_end(struct live *l);

#endif
