/* SPDX-License-Identifier: ISC
 *
 * content.h - the bytes of a message on the wire: behind DATA, or in chunks
 */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "mail/source.h"
#include "smtp/channel.h"

/* Shows observers how large the message is, in place of the message. */
void content_note(const struct channel *c, const struct source *m);

/* Puts the whole message into the stream, with a dot more before each that starts a line
 * (RFC 5321, 4.5.2), and without the dot that ends it. Fails at STAGE_DATA. */
bool content_stuffed(struct channel *c, struct source *m, struct outcome *o);

/* The message as it is, so many bytes at a time. */
struct content {
	struct source *m;
	struct span rest; /* of the piece that was read last */
	uint64_t left;    /* bytes of the message that are still to come */
};

struct content content_begin(struct source *m);

/* Puts the next `n` bytes into the stream, which aren't more than are left. Fails at
 * STAGE_DATA. */
bool content_bytes(struct content *w, struct channel *c, uint64_t n, struct outcome *o);

#endif
