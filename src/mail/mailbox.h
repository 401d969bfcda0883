/* SPDX-License-Identifier: ISC
 *
 * mailbox.h - what an address header says, put into forms that every server takes
 */
#ifndef MAIL_MAILBOX_H
#define MAIL_MAILBOX_H

#include <stdbool.h>

#include "base/buf.h"

/* What is to be done, and what was. */
struct mailbox_repair {
	bool encode;        /* names and comments: as encoded words (RFC 2047, 5) */
	size_t longest;     /* words beyond this length are encoded as well */
	const char *domain; /* for local names; NULL: they stay */

	bool encoded;
	bool qualified;
};

/* Appends an address list (the body of a field, with its folding but for the last line
 * end) in its new form; `column` as for words_begin(). Nothing is appended, and false
 * returned, where it stays as it is, and where it can't be read. Addresses with bytes
 * above 0x7f stay in any case: those are SMTPUTF8's. */
bool mailbox_repair(
    struct buf *out, struct span text, size_t column, struct mailbox_repair *r);

#endif
