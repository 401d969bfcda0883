/* SPDX-License-Identifier: ISC
 *
 * header.h - the header block of a message (RFC 5322, 2.2)
 *
 * A header block is read whole, because what is missing from it is known only at its end.
 * It ends at the first empty line, which is not part of it, or at the first line that
 * can't be a header line: so a text without any header is all body, and a header that
 * somebody forgot to end loses nothing. mbox separators ("From " and ">From ", with an
 * address or a time) before the first field are dropped, and so are a byte order mark and
 * blanks before a colon.
 */
#ifndef MAIL_HEADER_H
#define MAIL_HEADER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/input.h"
#include "base/outcome.h"

/* The longest header block that is read: some hundred thousand recipients. */
#define HEADER_MAX (4 * 1024 * 1024)

struct field {
	size_t start; /* in header.text */
	size_t len;   /* with its line ends */
	size_t name;  /* length of the name */
	bool removed; /* not to be written */
};

struct header {
	struct buf text; /* lines that end with LF; no CR, no NUL */
	struct field *v;
	size_t n;
	bool ended; /* by an empty line, which was consumed */
};

void header_init(struct header *h);
void header_free(struct header *h);

/* Reads a header block; the input is left at the first line of the body. Fails with
 * CAUSE_NO_INPUT, or CAUSE_MESSAGE where it is longer than HEADER_MAX or has a NUL or a
 * lone CR in it: who reads it as what, and which line is a Bcc, would be anybody's guess.
 */
bool header_read(struct header *h, struct input *in, struct outcome *o);

/* The same from lines in memory that end with LF; what can't be a header line ends it. */
void header_parse(struct header *h, struct span text);

/* Finds the next field of that name at or after *i and sets *i to it; names are compared
 * without regard to case, and blanks before the colon don't count. Removed fields aren't
 * found. */
bool header_find(const struct header *h, const char *name, size_t *i);

/* Whether there is a field of that name with something in it. */
bool header_has(const struct header *h, const char *name);

/* Marks every field of that name as removed. */
void header_remove(struct header *h, const char *name);

/* A field's name; and what stands behind its colon, with its folding. */
struct span field_name(const struct header *h, const struct field *f);
struct span field_body(const struct header *h, const struct field *f);

#endif
