/* SPDX-License-Identifier: ISC
 *
 * word.h - text that people write, in the forms that a header takes
 */
#ifndef MAIL_WORD_H
#define MAIL_WORD_H

#include "base/buf.h"

/* Appends a display name: as atoms or a quoted string where it is ASCII (RFC
 * 5322, 3.2.5), else as encoded words (RFC 2047), of which each holds whole characters
 * and is folded onto a line of its own; lines end with LF. `name` has no control
 * characters. */
void word_add_name(struct buf *out, struct span name);

#endif
