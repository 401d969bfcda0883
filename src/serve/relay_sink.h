/* SPDX-License-Identifier: ISC
 *
 * relay_sink.h - messages go on at once, while the client waits: it hears what the
 * account's server says about the sender, about each recipient, and about the message
 *
 * Nothing is kept here. One thing SMTP can't say: see partial.h.
 */
#ifndef SERVE_RELAY_SINK_H
#define SERVE_RELAY_SINK_H

#include "conf/account.h"
#include "relay/live.h"
#include "serve/sink.h"
#include "smtp/channel.h"

/* The first two are to be set before the first message, and are borrowed. */
struct relay_sink {
	struct account *account;
	const struct observer *observer; /* NULL: nobody */
	struct live live;
};

/* Says goodbye to the server. After that, the account may be another one. */
void relay_sink_close(struct relay_sink *r);

/* `self` is a struct relay_sink *. */
extern const struct sink relay_sink;

#endif
