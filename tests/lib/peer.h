/* SPDX-License-Identifier: ISC
 *
 * peer.h - a server that understands what it hears
 *
 * A carrier (net/stream.h) with an SMTP server at its other end: no socket, no process
 * and no clock. It reads all that the client has written when the client comes to read,
 * and answers command by command; each time is a turn. Where a list of what is heard and
 * said will do, script.h is the simpler peer.
 */
#ifndef LIB_PEER_H
#define LIB_PEER_H

#include <stdbool.h>
#include <stddef.h>

#include "smtp/channel.h"

/* Another answer than usual. */
struct peer_quirk {
	const char *command; /* what begins so, */
	int nth;             /* for that time; 0: always */
	const char *says;    /* is answered so; NULL: the connection closes instead */
};

struct peer {
	/* Set after peer_init(). */
	const struct peer_quirk *quirk; /* borrowed; ends with a NULL command */
	size_t rcpt_max;                /* recipients in a transaction; 0: any number */
	unsigned mail_max;              /* transactions in a session; 0: the same */
	bool knows_no_bdat;             /* takes what stands behind it for commands */
	bool lmtp;

	/* What it has seen. */
	struct buf heard; /* every byte */
	struct buf taken; /* a line for each message: "SENDER: RCPT RCPT (BYTES)" */
	int turns;
	int writes;
	int rcpts; /* RCPT commands */

	/* private */
	struct buf said;
	size_t read;  /* of `heard` */
	size_t given; /* of `said` */
	int times[8]; /* how often each quirk was met */
	char sender[64];
	struct buf recipients; /* of this transaction, each after a blank */
	size_t n;
	unsigned mails;
	size_t bytes;
	bool in_mail, in_data, in_trouble, closed;
};

void peer_init(struct peer *p);
void peer_free(struct peer *p);

/* A channel to the peer, with the limits that it has by default. */
void peer_channel(struct peer *p, struct channel *channel);

#endif
