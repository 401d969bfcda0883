/* SPDX-License-Identifier: ISC
 *
 * certificate.h - is the server who it should be?
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "net/fingerprint.h"

struct tls;

/* Checks the certificate that the server has shown, after the handshake, as the settings
 * want it: against the fingerprints of it and of its key, or against the trust store, the
 * name or address `host`, the dates, the revocation list, and the purpose (a TLS server).
 * Fails with CAUSE_CERT_..., and says what the certificate holds instead. */
bool certificate_check(struct tls *t, const char *host, struct outcome *o);

/* The SHA-256 fingerprint of the server's certificate; none where it has shown none. */
struct fingerprint certificate_fingerprint(const struct tls *t);

#endif
