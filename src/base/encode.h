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

#endif
