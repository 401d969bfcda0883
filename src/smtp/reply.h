/* SPDX-License-Identifier: ISC
 *
 * reply.h - one SMTP reply, of one or more lines (RFC 5321, 4.2)
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "net/stream.h"

#define REPLY_LINE_MAX (16 * 1024) /* RFC 5321, 4.5.3.1.5 says 512; the wild differs */
#define REPLY_TEXT_MAX (256 * 1024)

struct reply {
	int code;        /* 200..599 */
	struct buf text; /* the lines less their codes, joined by '\n' */
	struct span
	    hide[3]; /* in, borrowed: secrets, which are starred in what is read */
};

void reply_init(struct reply *r);
void reply_free(struct reply *r);

/* Reads the next reply. "250" alone is one; a code outside 200..599, another mark than '
 * ' or '-' behind it, or a second line with another code is CAUSE_PROTOCOL: a reply is
 * never skipped, guessed or repaired, because with pipelining that would lose mail. */
bool reply_read(struct reply *r, struct stream *s, int64_t deadline, struct outcome *o);

#endif
