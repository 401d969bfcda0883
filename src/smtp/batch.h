/* SPDX-License-Identifier: ISC
 *
 * batch.h - messages handed over in one session, in as few round trips as there can be
 *
 * With PIPELINING the sender and recipients of a message leave together with the end of
 * the message before (RFC 2920, 3.1); with CHUNKING (RFC 3030) whole messages follow each
 * other, up to `depth` of them without an answer. The first message of a session goes
 * alone, and so does one behind a refusal; in LMTP, and without PIPELINING, each does.
 * What a server says it takes is respected (RFC 9422), and so is its answer that it takes
 * no more recipients at a time (RFC 5321, 4.5.3.1.10): the rest goes in further
 * transactions.
 */
#ifndef SMTP_BATCH_H
#define SMTP_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "smtp/caps.h"
#include "smtp/channel.h"
#include "smtp/habit.h"

#define BATCH_DEPTH_MAX 64

/* Who has the messages. */
struct supply {
	/* The next message; false where there is none left, or none shall follow. Both
	 * are borrowed until they are settled. */
	bool (*next)(void *arg, struct envelope **e, struct source **m);
	/* Called once for each message, as soon as the outcomes of all its recipients are
	 * known: mostly in the order in which they came. */
	void (*settled)(void *arg, struct envelope *e, struct source *m);
	void *arg;
};

/* One for each session, zero but for what is set here. */
struct batch {
	struct channel *channel;
	const struct caps *caps;
	bool lmtp;
	bool stays;     /* the session goes on behind it: no QUIT */
	bool only_rest; /* nobody but those of batch_is_rest() */
	bool asked;     /* the server has accepted sender and recipients of the first
			 * message already: only the message is said. It is false then */
	unsigned depth; /* messages on their way at once; 0 counts as 1 */

	/* out */
	bool quit; /* QUIT was sent */
	bool full; /* the server takes no more in this session; another may go on */
	/* BDAT isn't understood, whatever EHLO has said; what became of the bytes behind
	 * it nobody knows, so the session is of no further use. The outcomes ask for
	 * another try: let it be one in another session, with CAP_CHUNKING taken out. */
	bool no_chunking;

	/* private */
	bool is_open;       /* the server may hold the last transaction for unfinished */
	bool bdat_works;    /* it has */
	bool trusted;       /* nobody was refused since a message went alone */
	struct habit habit; /* of the server, when a message went alone */
	unsigned mails;     /* transactions so far */
	size_t rcpt_max;    /* what was learnt; 0: nothing */
};

/* Hands over all that `supply` has. False where the connection is of no further use; `o`
 * says why. An outcome that was accepted stays so: what happens after the server's last
 * word changes nothing. A message whose last byte had left, and that was not answered
 * when the connection broke, is CAUSE_MAYBE_SENT; others that were under way are not. */
bool batch_run(struct batch *b, const struct supply *supply, struct outcome *o);

/* Whether a recipient was put off by a limit of the session alone: another session may
 * take them at once, with `only_rest`, if this one took anybody. */
bool batch_is_rest(const struct outcome *o);

/* The same for one message. */
bool transact(struct batch *b, struct envelope *e, struct source *m, struct outcome *o);

#endif
