/* SPDX-License-Identifier: ISC
 *
 * encode.h - base64 (RFC 4648) and domain names (IDNA 2008, RFC 5891)
 */
#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the base64 of `in`, on one line, to `out`. */
void base64_encode(struct buf *out, struct span in);

/* Appends what `in` decodes to. False, and nothing appended, where `in` is no base64. */
bool base64_decode(struct buf *out, struct span in);

/* The domain name in ASCII: each label that isn't becomes an A-label, the rest stay as
 * they are. A new string, or NULL where a label can't be one. */
char *domain_to_ascii(const char *domain);

/* Whether it can be the name of a host in ASCII: letters, digits, '-', '_' (which some
 * use, although they shouldn't) and dots, up to 253 bytes (RFC 1035, 2.3.4), each label
 * of 1 to 63. A dot may stand at its end. */
bool is_host_name(const char *s);

/* Whether it is an IPv4 or IPv6 address, as for inet_pton(3). */
bool is_ip_address(const char *s);

/* Makes text of unknown origin fit for terminals and logs: control characters (U+0080 to
 * U+009F, too), those that reorder what is shown, and bytes that aren't UTF-8 become '?',
 * one for each byte; line ends become `line_end`. */
void make_printable(char *s, size_t n, char line_end);

/* Whether the text is well-formed UTF-8 (RFC 3629). */
bool is_utf8(struct span s);

/* The same for a text that comes in parts, which may end inside of a character. Zero at
 * its beginning. */
struct utf8 {
	int more; /* bytes that the present character still needs */
	unsigned char first;
	bool begun; /* its second byte comes next */
	bool bad;
};

void utf8_feed(struct utf8 *u, struct span part);
bool utf8_is_whole(const struct utf8 *u); /* all of it was UTF-8, up to its end */

#endif
