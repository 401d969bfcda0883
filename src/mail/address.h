/* SPDX-License-Identifier: ISC
 *
 * address.h - address lists (RFC 5322, 3.4 and 4.4), as they stand in To and Cc headers
 * and on command lines
 *
 * Read are mailboxes with and without a name, groups, comments, quoted strings, domain
 * literals, UTF-8 (RFC 6532), and the obsolete forms: blanks around dots, source routes
 * (dropped), empty elements. Beyond the RFC: local names without a domain ("root"), ';'
 * where ',' should be, dots anywhere in a local part (some Japanese carriers hand out
 * "a..b.@"), and an unquoted address as the name in "a@b <a@b>".
 */
#ifndef MAIL_ADDRESS_H
#define MAIL_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "base/span.h"

/* The longest address, of either form. RFC 5321, 4.5.3.1.3 asks for 256 at least. */
#define ADDRESS_MAX 900

struct address {
	char *spec; /* "local@domain" or "local", without comments and folding, the local
		     * part quoted where it must be; "" for the null address <> */
	char *name; /* what stands before <...>, unquoted; NULL: nothing */
};

/* A list owns its addresses. The zero value is the empty list. */
struct address_list {
	struct address *v;
	size_t n;
};

/* Appends the addresses in `text` to the list. Folding (line ends before a blank) is read
 * as blanks; any other control character, 8-bit text that isn't UTF-8, and whatever can't
 * be read as an address, fails with CAUSE_ADDRESS, and the words name the part that is
 * wrong. */
bool address_list_parse(struct address_list *list, struct span text, struct outcome *o);
void address_list_free(struct address_list *list);

/* Reads exactly one address, or none: "" and "<>" both give a spec of "". The caller owns
 * what is put into *a, and frees it with address_free(). */
bool address_parse(struct address *a, struct span text, struct outcome *o);
void address_free(struct address *a);

/* Where the first of the characters in `stops` stands outside of quotes, comments and
 * domain literals; the length of the text where none does. For those who take texts apart
 * that aren't all addresses. */
size_t address_find(struct span text, const char *stops);

/* The part behind the last '@' of a spec; NULL where there is none. */
const char *address_domain(const char *spec);

/* Appends `content` as a local part or a display name: as it is where it is made of atoms
 * (blanks may stand between those of a name), else as a quoted string. */
void address_add_local(struct buf *out, struct span content);
void address_add_phrase(struct buf *out, struct span content);

#endif
