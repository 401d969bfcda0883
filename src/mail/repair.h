/* SPDX-License-Identifier: ISC
 *
 * repair.h - mails whose programs didn't make them fit for the way
 *
 * Many programs hand to sendmail what no server has to take: raw 8-bit text in headers,
 * lines without end, local names, and a body that nobody has labelled. What was signed
 * stays as it is, but for what the standard doesn't allow on the wire.
 */
#ifndef MAIL_REPAIR_H
#define MAIL_REPAIR_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "mail/compose.h"
#include "mail/header.h"

/* Whether nobody meant this block as a header: no empty line has ended it, and none of
 * its names is one that mail knows ("Warning: the disk is full"). */
bool repair_is_body(const struct header *h);

/* Whether changes would break a signature: of the header; of the body. */
bool repair_header_is_signed(const struct header *h);
bool repair_body_is_signed(const struct header *h);

/* How a block of fields is to be written. */
struct repairs {
	unsigned wanted;    /* a set of enum repair: REPAIR_HEADERS, REPAIR_ADDRESSES */
	const char *domain; /* for local names */
	bool is_signed;     /* only what can't be sent is changed */
	unsigned done;      /* a set of enum repaired */
};

/* Appends the fields v[from] to v[to - 1] of the header that aren't removed, each
 * repaired, in lines that end with LF. Fails with CAUSE_MESSAGE, naming the header, where
 * a line is too long and can't be folded. */
bool repair_fields(struct buf *out, const struct header *h, size_t from, size_t to,
    struct repairs *r, struct outcome *o);

/* What a body turned out to hold. */
struct body_facts {
	bool is_8bit;
	bool is_utf8;
	bool is_long; /* a line is longer than LINE_LIMIT */
};

/* Removes from the header, and from `block`, which is its text as it will be sent, a
 * label that the body proves wrong: text/plain in US-ASCII, which is what cron and mail
 * programs write without a locale, over text with 8 bits. */
void repair_drop_label(
    struct header *h, struct buf *block, const struct body_facts *body);

/* Appends those of MIME-Version, Content-Type and Content-Transfer-Encoding that the
 * header lacks and the body needs; false where it needs none, or has labels that say
 * something else. */
bool repair_label(struct buf *out, const struct header *h, const struct body_facts *body);

#endif
