/* SPDX-License-Identifier: ISC
 *
 * facts.h - what a certificate says, for people
 */
#ifndef NET_FACTS_H
#define NET_FACTS_H

#include <stdbool.h>
#include <time.h>

#include "net/tls.h"

/* Strings are owned and printable (base/encode.h); NULL: there is none. */
struct certificate_facts {
	char *subject; /* RFC 4514 */
	char *issuer;
	char *names; /* DNS names and IP addresses, with commas */
	time_t from, until;
	struct fingerprint sha256, sha1;
	struct fingerprint pubkey; /* SHA-256 of the public key (RFC 7469, 2.4) */
};

/* Reads the certificate that the server has shown, whether it was accepted or not. False
 * where it has shown none that can be read. */
bool certificate_facts(const struct tls *t, struct certificate_facts *facts);
void certificate_facts_free(struct certificate_facts *facts);

#endif
