/* SPDX-License-Identifier: ISC
 *
 * fold.h - lines of a header that aren't longer than they may be (RFC 5322, 2.1.1, 2.2.3)
 */
#ifndef MAIL_FOLD_H
#define MAIL_FOLD_H

#include <stdbool.h>

#include "base/buf.h"
#include "mail/field.h"

#define LINE_LIMIT 998 /* bytes of a line, without its end */

/* Whether any of the lines, which end with LF, is longer than LINE_LIMIT. */
bool fold_is_needed(struct span lines);

/* Appends a field, lines that end with LF, with each line that is longer than LINE_LIMIT
 * folded: before blanks, and in structured fields also behind commas and semicolons that
 * stand outside of quotes and comments, where a blank is put. The others stay as they
 * are. False where a line can't be folded; *longest is its length. */
bool fold_field(
    struct buf *out, struct span field, enum field_kind kind, size_t *longest);

#endif
