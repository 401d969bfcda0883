/* SPDX-License-Identifier: ISC
 *
 * trust.h - of the authorities of a big trust store, the few that a chain has to do with
 *
 * GnuTLS takes longer to load the hundred and more authorities of a system than for all
 * the rest of a mail. So their file is only read here, and those alone go to GnuTLS whose
 * subject is a name that stands in the server's chain: it looks at no other ones. What
 * GnuTLS then says yes to, it would say yes to with all of them. Its no isn't final: then
 * it gets them all.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/span.h"

#define TRUST_SMALL (16 * 1024) /* bytes of a file that may as well be loaded whole */
#define TRUST_CHAIN 16          /* certificates: GnuTLS follows no longer chain */

struct trust {
	struct buf text; /* PEM (RFC 7468); empty: nothing was read */
};

void trust_init(struct trust *t);
void trust_free(struct trust *t);

/* Reads a file, unless it is small or no regular one: false, also where that fails. Then
 * GnuTLS is to load it, and has the words for what is wrong with it. */
bool trust_read(struct trust *t, const char *file);

/* Calls `take` for each certificate whose subject is, byte for byte, the issuer or the
 * subject of one of the chain's `n` (DER). False where this can't be told, or the file
 * holds anything but certificates. */
bool trust_find(const struct trust *t, const struct span chain[], size_t n,
    void (*take)(void *arg, struct span pem), void *arg);

#endif
