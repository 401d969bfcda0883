/* SPDX-License-Identifier: ISC
 *
 * transaction.h - one message to some recipients (RFC 5321, 3.3; RFC 2033 for LMTP)
 *
 * Three steps, each of which says what it can before anybody waits:
 *
 *	start	the sender and the recipients, and what may go along: DATA, or, with
 *		CHUNKING (RFC 3030), the whole message unless it is large
 *	send	hears who is refused, and says the message where it hasn't gone yet
 *	finish	hears what became of the message
 *
 * Another transaction of the same flight can start as soon as this one has sent, whether
 * it has finished or not; they finish in the order in which they started.
 */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/caps.h"
#include "smtp/flight.h"
#include "smtp/habit.h"

/* A larger message waits until the server takes a recipient: it would be uploaded in
 * vain. */
#define TRANSACTION_RIDE_MAX (256 * 1024)

/* All but what is said otherwise is set by the caller, and borrowed. */
struct transaction {
	struct flight *flight;
	const struct caps *caps;
	bool lmtp;
	bool resets; /* the one before may still be open: RSET goes first */
	bool asked;  /* sender and recipients were accepted: only the message is left */
	bool bdat_works; /* in and out: it has, in this session */
	const struct habit *habit;
	struct envelope *e;
	struct source *m;
	struct recipient **to; /* of the envelope: who gets it now; their outcomes are
				* open */
	size_t n; /* out: less than before where the server takes no more at a time */

	/* out */
	bool sent;            /* the message has gone, or won't */
	bool no_bdat;         /* BDAT isn't known: the message wasn't taken */
	struct outcome mail;  /* what became of the sender, */
	struct outcome data;  /* of DATA, */
	struct outcome body;  /* and of the message, or of its first chunk refused */
	char word[HABIT_MAX]; /* of the answer to the last recipient who was accepted */

	/* private */
	struct outcome reset;
	bool utf8;
	bool dsn;
	bool chunks;
	bool ended;      /* a dot was said: nothing stays open */
	size_t envelope; /* the mark behind the last recipient and DATA, */
	size_t verdict;  /* before the verdict, */
	size_t end;      /* and behind all */
	uint64_t last;   /* the place of the last byte in the stream; 0: not written */
};

/* What can be known before anything is said: `e` and `m` against what the server can. */
bool transaction_is_possible(const struct caps *caps, const struct envelope *e,
    const struct source *m, struct outcome *o);

/* Each is false where the connection is of no further use: then transaction_lose() is
 * next. */
bool transaction_start(struct transaction *t, struct outcome *o);
bool transaction_send(struct transaction *t, struct outcome *o);
bool transaction_finish(struct transaction *t, struct outcome *o);

/* Settles a transaction that can't be finished, because of `why`: CAUSE_MAYBE_SENT where
 * the last byte of the message had left, unless the server had said goodbye before. */
void transaction_lose(struct transaction *t, const struct outcome *why);

/* Whether the server may hold it for unfinished: the next one begins with RSET. */
bool transaction_is_open(const struct transaction *t);

/* How many of its recipients got it. */
size_t transaction_taken(const struct transaction *t);

/* Whether a recipient was refused for being one too many (RFC 5321, 4.5.3.1.10). */
bool transaction_is_too_many(const struct outcome *o);

#endif
