/* SPDX-License-Identifier: ISC
 *
 * gate.h - what each client may send, before the sink that takes it: as whom, how much in
 * an hour and a day, and how much of it may wait
 *
 * Root is free of all this where it comes through a unix socket.
 */
#ifndef SERVE_GATE_H
#define SERVE_GATE_H

#include "mail/local.h"
#include "serve/senders.h"
#include "serve/sink.h"
#include "serve/usage.h"

struct gate_rules {
	const char *senders; /* as senders.h has them; NULL: the usual rule */
	struct usage_limits limits[USAGE_LAST];
	uint64_t waiting; /* bytes; 0: any number */
};

/* All is borrowed, and set before the session, but for `who`. */
struct gate {
	const struct gate_rules *rules;
	const struct local *local;
	const struct usage *usage;
	/* How many bytes of this client's mail wait in the queue. */
	uint64_t (*waiting)(void *arg, const char *who);
	void *arg;
	const struct sink *next;
	void *self;
	char who[SENDERS_NAME_MAX]; /* of the present message, as visitor_name() */
};

/* `self` is a struct gate *. */
extern const struct sink gate_sink;

#endif
