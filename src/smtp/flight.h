/* SPDX-License-Identifier: ISC
 *
 * flight.h - commands on their way, and the replies they expect
 *
 * Pipelining (RFC 2920) is one idea: each command that is sent also says what reply it
 * expects and where its outcome goes; replies are matched to commands in order, when
 * somebody needs an answer. With PIPELINING that is when a whole group is out; without
 * it, after each command. So one straight-line code serves both.
 */
#ifndef SMTP_FLIGHT_H
#define SMTP_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "smtp/channel.h"

#define FLIGHT_CLOSING 421 /* RFC 5321, 3.8: the server goes away, at any command */

/* The reply to a command. */
struct expect {
	enum stage stage; /* of the command */
	int yes;          /* the code of a reply that means yes, or its first digit */
	struct outcome *outcome; /* where it goes; borrowed */
};

struct flight {
	struct channel *channel;
	bool pipelining;
	struct expect *v;
	size_t n;               /* commands out */
	size_t answered;        /* of these */
	size_t gone;            /* answered ones that were dropped from the front */
	struct outcome closing; /* of a server that has said 421 */
};

void flight_init(struct flight *f, struct channel *c, bool pipelining);
void flight_free(struct flight *f);

/* Sends a command; without pipelining, also waits for its reply. The outcome must stay
 * where it is until then, and is left alone until then. One that several commands share
 * keeps the first refusal: it must not be one before. False only where the connection is
 * lost or makes no sense any more. */
bool flight_command(struct flight *f, const char *verb, struct span arg, struct expect e,
    struct outcome *o);

/* Expects a reply to something that was not sent by flight_command(). */
void flight_expect(struct flight *f, struct expect e);

/* Waits for all replies that are still owed. */
bool flight_land(struct flight *f, struct outcome *o);

/* Waits for the replies to what was out when flight_mark() gave this mark. */
size_t flight_mark(const struct flight *f);
bool flight_land_to(struct flight *f, size_t mark, struct outcome *o);

bool flight_land_next(struct flight *f, struct outcome *o); /* one that is owed */

/* How many replies are owed. */
size_t flight_owed(const struct flight *f);

/* Takes what replies have arrived when the connection breaks: what a server said before
 * it closed tells more than the break. */
void flight_salvage(struct flight *f);

#endif
