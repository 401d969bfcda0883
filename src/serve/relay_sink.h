/* SPDX-License-Identifier: ISC
 *
 * relay_sink.h - messages go on at once, while the client waits, and nothing is kept here
 *
 * The client hears what the account's server says about the sender, about each recipient,
 * and about the message. Where an account doesn't send as it is told (it has routes,
 * guards, or catches mail) it hears at the end how it went.
 *
 * One thing SMTP can't say: that a message has gone to some recipients, and to others,
 * whom we had accepted before, not. Then the client hears yes, because it would send to
 * all again; and the sender gets a mail about the others.
 */
#ifndef SERVE_RELAY_SINK_H
#define SERVE_RELAY_SINK_H

#include "conf/account.h"
#include "conf/config.h"
#include "relay/live.h"
#include "serve/sink.h"
#include "smtp/channel.h"

/* The first five are to be set, before each message, and are borrowed. */
struct relay_sink {
	struct account *account;
	const struct config *config;     /* for its routes */
	const struct observer *observer; /* NULL: nobody */
	/* Called for each account that the message has gone through: for its log. */
	void (*sent)(void *arg, const struct account *a, const struct envelope *e,
	    const struct source *m);
	void *arg;

	bool is_live; /* the server is asked at each step */
	struct live live;
};

/* `self` is a struct relay_sink *. */
extern const struct sink relay_sink;

#endif
