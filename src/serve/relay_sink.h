/* SPDX-License-Identifier: ISC
 *
 * relay_sink.h - messages go on at once, while the client waits: it hears what the
 * server says about the sender, about each recipient, and about the message
 *
 * Recipients may go through other accounts (route.h): then each hears what the server of
 * their account says, and the sender is asked about there, when the first of them comes.
 * Nothing is kept here. One thing SMTP can't say: see partial.h.
 */
#ifndef SERVE_RELAY_SINK_H
#define SERVE_RELAY_SINK_H

#include <stddef.h>

#include "conf/config.h"
#include "relay/live.h"
#include "serve/sink.h"
#include "smtp/channel.h"

/* A session with the server of one account. */
struct relay_lane {
	struct account *account;
	struct live live;
	bool asked; /* about the sender of the message that is on its way in */
	bool may;   /* the sender may send; else `why` not */
	struct outcome why;
};

/* The first three are to be set before the first message, and are borrowed. */
struct relay_sink {
	struct account *account;
	const struct config *config;     /* of the accounts that routes lead to */
	const struct observer *observer; /* NULL: nobody */
	struct relay_lane **lane;
	size_t lanes;
};

/* Says goodbye to the servers. After that, the account may be another one. */
void relay_sink_close(struct relay_sink *r);

/* A recipient that was accepted isn't to get the message on its way in. */
void relay_sink_forget(struct relay_sink *r, const char *address);

/* `self` is a struct relay_sink *. All recipients of the envelope that message() gets go
 * through the same account: routes_split() makes such parts. */
extern const struct sink relay_sink;

#endif
