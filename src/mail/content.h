/* SPDX-License-Identifier: ISC
 *
 * content.h - what a message has for its reader: text, the same in HTML, and what is
 * attached
 *
 * Text is in UTF-8, as decode.h has it, with lines that end with LF. Of parts that are
 * text, those that have a file name or ask to be attachments (RFC 2183) are such.
 */
#ifndef MAIL_CONTENT_H
#define MAIL_CONTENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "mail/source.h"

#define CONTENT_MAX (512 * 1024 * 1024) /* bytes of text, and of an attachment */

struct attachment {
	char *name;  /* of the file; "" where there is none; owned */
	char *type;  /* "image/png"; owned */
	size_t size; /* bytes of it, decoded */
};

struct content {
	struct buf text; /* of all parts that are text but HTML, one behind the other */
	struct buf html;
	struct attachment *v;
	size_t n;
};

/* Fills *c, which content_free() frees in any case. Fails as source_next(). */
bool content_read(struct content *c, struct source *m, struct outcome *o);
void content_free(struct content *c);

#endif
