/* SPDX-License-Identifier: ISC
 *
 * fingerprint.h - the digest of a certificate, or of its public key
 */
#ifndef NET_FINGERPRINT_H
#define NET_FINGERPRINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define FINGERPRINT_MAX 32

/* SHA-256, SHA-1 or MD5, told apart by their length. */
struct fingerprint {
	unsigned char bytes[FINGERPRINT_MAX];
	size_t n; /* 32, 20 or 16; 0: none */
};

/* Appends "AB:CD:..."; nothing where there is none. */
void fingerprint_add(struct buf *out, const struct fingerprint *f);

/* Whether both are there, and the same. */
bool fingerprint_is(const struct fingerprint *a, const struct fingerprint *b);

#endif
