/* SPDX-License-Identifier: ISC
 *
 * named.h - whom a header names (RFC 5322, 3.6)
 */
#ifndef MAIL_NAMED_H
#define MAIL_NAMED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/header.h"

/* The first run of Resent- fields that names recipients: *start is its first field, *end
 * the one behind it. False where there is none. */
bool header_resent_block(const struct header *h, size_t *start, size_t *end);

/* Adds to the envelope the recipients that the header names: those of the first block of
 * Resent-To, -Cc and -Bcc where there is one (RFC 5322, 3.6.6), else those of To, Cc and
 * Bcc. Those of a Bcc alone are hidden. Fails with CAUSE_ADDRESS, naming the header, also
 * where that had to be repaired. */
bool recipients_from_header(
    struct envelope *e, const struct header *h, struct outcome *o);

/* The first address of the first From that has one, or of a Resent-From before it; owned
 * by the caller. NULL: there is none. */
char *sender_from_header(const struct header *h);

#endif
