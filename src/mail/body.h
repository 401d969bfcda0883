/* SPDX-License-Identifier: ISC
 *
 * body.h - the body of a message, on its way from the input into the source
 */
#ifndef MAIL_BODY_H
#define MAIL_BODY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/input.h"
#include "base/outcome.h"
#include "base/utf8.h"
#include "mail/repair.h"
#include "mail/source.h"

struct body {
	struct source *source;
	struct body_facts facts; /* once body_write() is through */
	bool is_cleaned;         /* it had NULs or lone CRs: neither may ever be sent */
	struct buf clean;        /* a part that had them */
	size_t length;           /* of the present line, so far */
	struct utf8 utf8;
};

/* For a source that has no body yet. */
void body_init(struct body *b, struct source *s);
void body_free(struct body *b);

/* Begins the body with lines that end with LF. Fails as source_write(), and so does
 * body_write(). */
bool body_write_lines(struct body *b, struct span text, struct outcome *o);

/* The rest of the input. */
bool body_write(struct body *b, struct input *in, struct outcome *o);

#endif
