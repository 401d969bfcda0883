/* SPDX-License-Identifier: ISC
 *
 * field.h - what the names of header fields stand for
 */
#ifndef MAIL_FIELD_H
#define MAIL_FIELD_H

#include "base/span.h"

enum field_kind {
	FIELD_UNKNOWN,    /* no name that mail knows; read as text */
	FIELD_TEXT,       /* unstructured: RFC 5322, 2.2.1 */
	FIELD_ADDRESSES,  /* an address list */
	FIELD_IDS,        /* message identifiers */
	FIELD_STRUCTURED, /* words, with commas and semicolons between them */
};

/* Names are compared without regard to case. All that begin with "X-" are text; those
 * that begin with "Content-", "List-", "ARC-" and "Resent-" and have no row of their own
 * are structured. */
enum field_kind field_kind(struct span name);

#endif
