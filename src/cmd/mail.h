/* SPDX-License-Identifier: ISC
 *
 * mail.h - one mail that a program gives us, made ready to be sent: by whichever way it
 * came
 */
#ifndef CMD_MAIL_H
#define CMD_MAIL_H

#include <stdbool.h>

#include "base/input.h"
#include "base/outcome.h"
#include "cmd/choose.h"
#include "cmd/identity.h"
#include "cmd/invocation.h"
#include "cmd/keep.h"
#include "mail/envelope.h"
#include "mail/header.h"
#include "mail/source.h"
#include "relay/route.h"

/* Everything about one mail. */
struct mail {
	const struct invocation *v;
	struct config config;
	struct choice_made choice;
	struct account *account; /* the choice's */
	char *full_name;         /* of who calls; NULL: not known */
	char *host;              /* the first of its; NULL: a socket has none */
	struct input input;      /* the caller's: initialised, and freed */
	struct header header;
	struct envelope envelope;
	struct envelope literal; /* recipients that are meant as they are written */
	struct envelope lost;    /* recipients whose aliases lead to nobody */
	struct routes routes;    /* the accounts that it goes through */
	struct identity identity;
	const char *trace;    /* a header of ours to stand before all others, as
			       * header_policy.trace; borrowed, or NULL */
	struct source source; /* what is to be sent */
	struct keep keep;     /* the account's queue: the caller's to open */
};

void mail_init(struct mail *m, const struct invocation *v);
void mail_free(struct mail *m);

/* Chooses the account, and settles who sends: that may depend on the header, where it has
 * been read already. */
bool mail_settle(struct mail *m, struct outcome *o);

/* Lets go of the message and its recipients; the account, and its queue, stay. */
void mail_clear(struct mail *m);

/* After mail_clear(): settles who sends the next message from the same sender. */
bool mail_renew(struct mail *m, struct outcome *o);

/* Makes the message from header and input, for those who are in the envelope by now. */
bool mail_compose(struct mail *m, struct outcome *o);

#endif
