/* SPDX-License-Identifier: ISC
 *
 * certificate.h - is the server who it should be?
 */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <stdbool.h>

#include "base/outcome.h"

struct tls;

bool is_ip_address(const char *s);

/* Checks the certificate that the server has shown, after the handshake, as the settings
 * want it: against the fingerprints of it and of its key, or against the trust store, the
 * name or address `host`, the dates, the revocation list, and the purpose (a TLS server).
 * Fails with CAUSE_CERT_..., and says what the certificate holds instead. */
bool certificate_check(const struct tls *t, const char *host, struct outcome *o);

/* Appends the SHA-256 fingerprint of the server's certificate, as settings have it. */
void certificate_fingerprint(const struct tls *t, struct buf *out);

#endif
