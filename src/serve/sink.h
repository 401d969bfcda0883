/* SPDX-License-Identifier: ISC
 *
 * sink.h - what becomes of a message that somebody hands to us
 *
 * The session (server.h) speaks SMTP and knows nothing of where messages go; a sink knows
 * where they go and nothing of SMTP. What the client hears is made from the outcomes that
 * the sink gives: the words of another server pass as they are, with their code.
 *
 * For each message the session calls
 *
 *	begin		at MAIL: may this sender send?
 *	rcpt		at each RCPT: does this recipient get mail?
 *	message		once the whole of it has come: an outcome for each recipient
 *	end		when the message is done, or given up, after every begin that
 *			said yes
 *
 * A sink may stand before another one, to change what it gets or to share it out.
 */
#ifndef SERVE_SINK_H
#define SERVE_SINK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"

/* Who is at the other end. Strings are borrowed. */
struct visitor {
	const char *address; /* of its machine, as for inet_pton(3); NULL: it is this one,
			      * through a unix socket or standard input */
	const char *place;   /* for the log: "127.0.0.1:4711", "uid 1000", "stdin" */
	const char *hello;   /* what it says its name is; "": nothing yet */
	const char *user;    /* whom it has signed in as; NULL: nobody */
	long uid;            /* on a unix socket; -1: not known */
	bool extended;       /* it said EHLO */
	bool encrypted;
	bool lmtp;
};

/* A message on its way in. */
struct posting {
	const struct visitor *visitor;
	struct envelope envelope; /* sender and wishes from MAIL on; recipients as they
				   * are accepted */
	uint64_t size;            /* of the message, as announced; 0: not */
	bool smtputf8;
	char *options;       /* behind the sender's address, as it came; owned */
	char **rcpt_options; /* the same for each recipient of the envelope; owned */
};

/* How the session goes on, where a sink wants it to be a nuisance. */
struct manner {
	int wait; /* milliseconds before the client hears anything */
	int pace; /* bytes a second that are read of it from now on; 0: as they come */
};

struct sink {
	/* True, or false with an outcome for the client. */
	bool (*begin)(void *self, struct posting *p, struct outcome *o);

	/* `to` isn't in the envelope yet: the session puts it there when this is true. */
	bool (*rcpt)(
	    void *self, struct posting *p, const struct recipient *to, struct outcome *o);

	/* Fills the outcome of each recipient of the envelope. The message is sealed and
	 * in order, as source.h has it; from now on it is the sink's to change. */
	void (*message)(void *self, struct posting *p, struct source *m);

	void (*end)(void *self, struct posting *p);

	/* Asked before the session does what the client wants at this stage: GREETING
	 * (a connection), HELLO, TLS, AUTH (once name and password have turned out
	 * right), MAIL, RCPT, DATA and FINAL (all has come). *m is zeroed. False: the
	 * client gets the outcome in place of it; at GREETING the session ends with that,
	 * and at any stage it ends where the outcome's stage is LOCAL: without a word
	 * where the cause is CAUSE_HANGUP, with a goodbye where the code is 421. NULL:
	 * no objections, ever. */
	bool (*permits)(
	    void *self, enum stage stage, struct manner *m, struct outcome *o);
};

#endif
