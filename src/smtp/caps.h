/* SPDX-License-Identifier: ISC
 *
 * caps.h - what a server can do: its answer to EHLO (RFC 5321, 4.1.1.1)
 */
#ifndef SMTP_CAPS_H
#define SMTP_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"

#define CAPS_AUTH_MAX 2048

enum cap {
	CAP_PIPELINING = 1, /* RFC 2920 */
	CAP_8BITMIME = 2,   /* RFC 6152 */
	CAP_SMTPUTF8 = 4,   /* RFC 6531 */
	CAP_SIZE = 8,       /* RFC 1870 */
	CAP_DSN = 16,       /* RFC 3461 */
	CAP_STARTTLS = 32,  /* RFC 3207 */
	CAP_AUTH = 64,      /* RFC 4954 */
	CAP_ENHANCED = 128, /* RFC 2034 */
	CAP_CHUNKING = 256, /* RFC 3030 */
	CAP_ETRN = 512,     /* RFC 1985 */
	CAP_LIMITS = 1024   /* RFC 9422 */
};

struct caps {
	unsigned set;      /* of enum cap */
	uint64_t size;     /* the largest message, in bytes; 0: the server doesn't say */
	unsigned mail_max; /* messages in one session; 0: the server doesn't say */
	unsigned rcpt_max; /* recipients of one; 0: the same */
	char auth[CAPS_AUTH_MAX]; /* names of mechanisms in capitals, separated by blanks
				   */
};

/* Reads the text of a reply to EHLO or LHLO, as in struct reply. The first line is the
 * server's name and greeting: nothing in it is a capability. Keywords match whole. */
void caps_parse(struct caps *c, struct span text);

/* Appends the names of those that we know, with blanks between them. */
void caps_names(const struct caps *c, struct buf *out);

static inline bool
caps_have(const struct caps *c, enum cap cap)
{
	return (c->set & (unsigned)cap) != 0;
}

#endif
