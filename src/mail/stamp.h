/* SPDX-License-Identifier: ISC
 *
 * stamp.h - what marks a message as the one it is: dates, identifiers, boundaries
 */
#ifndef MAIL_STAMP_H
#define MAIL_STAMP_H

#include <stdbool.h>
#include <time.h>

#include "base/buf.h"
#include "base/outcome.h"

/* Appends a date and time (RFC 5322, 3.3), in local time. */
void stamp_add_date(struct buf *out, time_t when);

/* Appends 128 random bits, in hexadecimal, which nobody else will ever draw. Fails with
 * CAUSE_SYSTEM, saying for what they were. */
bool stamp_add_random(struct buf *out, const char *what, struct outcome *o);

/* Appends a message identifier (RFC 5322, 3.6.4): "<RANDOM@DOMAIN>". `what` as above. */
bool stamp_add_id(
    struct buf *out, const char *domain, const char *what, struct outcome *o);

#endif
