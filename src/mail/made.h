/* SPDX-License-Identifier: ISC
 *
 * made.h - the fields of a header that are made here
 */
#ifndef MAIL_MADE_H
#define MAIL_MADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "mail/compose.h"
#include "mail/envelope.h"
#include "mail/header.h"

/* Lines that end with LF. */
struct made {
	struct buf added;  /* stands in front of all */
	struct buf resent; /* goes in front of field `at` */
	size_t at;
};

void made_init(struct made *m);
void made_free(struct made *m);

/* Takes out of the header what must not be sent, and makes what is missing, both as the
 * policy wants it. Fails with CAUSE_SYSTEM, where there are no random numbers, and as
 * made_too_long(). */
bool made_fill(struct made *m, struct header *h, const struct envelope *e,
    const struct header_policy *policy, struct outcome *o);

/* CAUSE_MESSAGE: it is longer than anybody means. Always false. */
bool made_too_long(struct outcome *o);

#endif
