/* SPDX-License-Identifier: ISC
 *
 * bounce.h - the mail that tells a sender what became of theirs (RFC 3464, RFC 6522)
 *
 * Its first part is for people, the second for programs, and the third is the mail that
 * it is about, or the header of that. All lines are short, and all but the third part is
 * ASCII, unless the address of the sender isn't.
 */
#ifndef QUEUE_BOUNCE_H
#define QUEUE_BOUNCE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"

/* A mail that is larger goes back as its header only, unless the sender wants all. */
#define BOUNCE_WHOLE_MAX 50000

enum bounce_kind {
	BOUNCE_FAILED,  /* it will not arrive */
	BOUNCE_DELAYED, /* it is still being tried */
	BOUNCE_RELAYED  /* a server has it that will send no notices */
};

/* One mail, and those of its recipients who are told of. All is borrowed. */
struct bounce_item {
	const char *id; /* in the queue */
	time_t arrived;
	const struct envelope *envelope;
	const struct recipient *const *rcpt;
	size_t n;
	const char *server; /* the name of the one that was asked; NULL: none */
};

/* What is told. Several items make a digest, which has no third part. */
struct bounce {
	enum bounce_kind kind;
	const char *host;       /* this machine */
	const char *maildomain; /* of MAILER-DAEMON, who is the author */
	time_t now;
	time_t until;                   /* until when it is tried, where it is delayed */
	const struct bounce_item *item; /* all from the same sender */
	size_t n;
	struct source *message; /* of the only item; NULL: it can't be had */
};

/* Whether the sender wants to hear this of a recipient, by NOTIFY (RFC 3461, 4.1): the
 * recipient's, else that of the envelope; without either, failures and delays. The null
 * sender, and so every bounce, is never told anything. */
bool bounce_is_wanted(
    const struct envelope *e, const struct recipient *to, enum bounce_kind kind);

/* Writes the notice into `out`, which the caller has initialised, and seals it, with all
 * its figures. It goes from the null sender to that of the items. Fails with CAUSE_STORE
 * or CAUSE_SYSTEM. */
bool bounce_write(struct source *out, const struct bounce *b, struct outcome *o);

#endif
