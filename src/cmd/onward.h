/* SPDX-License-Identifier: ISC
 *
 * onward.h - where a mail goes that comes by SMTP: through one account, or through
 * several where routes say so
 *
 * Where an account keeps no queue, its server is asked about the sender and about each
 * recipient while the client waits: what it refuses, and that it can't be reached, is
 * known before anybody has said yes to the message.
 */
#ifndef CMD_ONWARD_H
#define CMD_ONWARD_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/mail.h"
#include "serve/relay_sink.h"
#include "serve/sink.h"

/* The first, and the observer of the relay, are to be set, and are borrowed. Sessions
 * with servers stay open from one mail to the next, until onward_close(). */
struct onward {
	struct mail *mail;
	struct relay_sink relay;
	struct posting posting; /* what goes on: whom names stand for, and composed */
};

/* A mail begins, whose sender and wishes are those of the envelope of `mail`. Where there
 * are no routes, its server is asked about the sender at once; else the servers are, once
 * a recipient goes there. Fails as live_begin(). */
bool onward_begin(struct onward *w, const struct posting *p, struct outcome *o);

/* Whether this recipient gets mail: by its route, its guard, and, where it is asked, its
 * server. */
bool onward_ask(struct onward *w, const struct recipient *to, struct outcome *o);

/* Somebody who was accepted isn't to get it all the same. */
void onward_forget(struct onward *w, const char *address);

/* Sends or keeps the message for those in the envelope of `mail`, part by part as its
 * routes have it, and fills the outcome of each. Says and logs what became of each part.
 */
void onward_send(struct onward *w);

/* The same for a notice to one recipient, once the message is gone. False where it is
 * neither sent nor kept. `self` is a struct onward *. */
bool onward_send_notice(
    void *self, struct envelope *e, struct source *notice, struct outcome *o);

void onward_close(struct onward *w);

#endif
