/* SPDX-License-Identifier: ISC
 *
 * notice.h - what a bounce says: in words, and in the fields of RFC 3464
 */
#ifndef QUEUE_NOTICE_H
#define QUEUE_NOTICE_H

#include "base/buf.h"
#include "queue/bounce.h"

/* The subject of the notice; ASCII. */
const char *notice_subject(const struct bounce *b);

/* Appends what happened, who refused, and what to do, in UTF-8; lines end with LF. */
void notice_add_words(struct buf *out, const struct bounce *b);

/* Appends the body of message/delivery-status (RFC 3464, 2), in ASCII: an address that
 * isn't is written as utf-8-addr-xtext (RFC 6533, 3). Lines end with LF. */
void notice_add_status(struct buf *out, const struct bounce *b);

#endif
