/* SPDX-License-Identifier: ISC
 *
 * guard.h - who gets mail from here at all: for systems that must not write to people
 *
 * With redirect_all somebody else gets the mail, with a line before its header that says
 * whom it was for; allow_recipients refuses all but those whom it names.
 */
#ifndef RELAY_GUARD_H
#define RELAY_GUARD_H

#include <stdbool.h>

#include "conf/account.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "relay/part.h"

/* What guards put above the header. */
#define GUARD_HEADER "X-Original-To"

struct guard {
	struct part part; /* what may be sent; it may be empty */
	size_t lead;      /* bytes put before the message */
};

bool guard_is_set(const struct account *a);

/* Whether this recipient may have mail; whoever gets it in the end. */
bool guard_allows(const struct account *a, const char *address);

/* Sorts out who gets the mail; the others have their outcome, CAUSE_GUARDED, at once. */
void guard_begin(
    struct guard *g, const struct account *a, struct envelope *e, struct source *m);

/* Takes back the outcomes, and from the message what was put before it. */
void guard_end(struct guard *g, struct envelope *e, struct source *m);

#endif
