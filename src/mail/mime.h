/* SPDX-License-Identifier: ISC
 *
 * mime.h - walking through the parts of a message (RFC 2045, RFC 2046)
 *
 * The walker reads a composed message and tells what each piece of it is: the header of
 * an entity, a part of a line of an entity's body, or a line of the frame around
 * entities. Entities are numbered from 0, the message itself, in the order of their
 * headers. Memory stays bounded, whatever the length of a line.
 */
#ifndef MAIL_MIME_H
#define MAIL_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "mail/header.h"
#include "mail/source.h"

/* What is inside an entity. */
enum mime_kind {
	MIME_LEAF,
	MIME_MULTIPART,
	MIME_MESSAGE, /* a message, not encoded, with a header of its own: the next
			 entity */
	MIME_OPAQUE   /* what must stay as it is: message/partial and the like */
};

struct mime_visitor {
	/* The header of entity `i`, without the empty line that ends it. `ended`: there
	 * is one. */
	bool (*header)(void *arg, size_t i, enum mime_kind kind, struct header *h,
	    bool ended, struct outcome *o);
	/* A part of a line, at most MIME_PART_MAX bytes, of the body of entity `i`,
	 * without its CR LF; `ends`: the line ends here. */
	bool (*body)(void *arg, size_t i, struct span part, bool ends, struct outcome *o);
	/* The same of a boundary, or of what stands outside all parts. */
	bool (*frame)(void *arg, struct span part, bool ends, struct outcome *o);
};

#define MIME_PART_MAX 4096

/* The Content-Transfer-Encoding; "7bit" where there is none (RFC 2045, 6.1). */
struct span mime_encoding(const struct header *h);

/* Whether bytes stand for themselves in it. */
bool mime_is_identity(struct span encoding);

/* Walks through the whole message, from its first byte, and hands out every byte of it.
 * *sound is false where the message could not be taken apart: a boundary isn't given, or
 * in a form that isn't read here, or never comes; the header of a part that is a message
 * doesn't end; or parts are nested too deep. Fails as the visitor or the source does. */
bool mime_walk(struct source *m, const struct mime_visitor *v, void *arg, bool *sound,
    struct outcome *o);

#endif
