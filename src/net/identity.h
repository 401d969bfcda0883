/* SPDX-License-Identifier: ISC
 *
 * identity.h - who we are to clients that ask for TLS: a certificate and its key
 */
#ifndef NET_IDENTITY_H
#define NET_IDENTITY_H

#include <stdbool.h>

#include "base/outcome.h"
#include "net/tls.h"

struct tls_identity;

/* Reads certificate and key, which may be in one file (PEM), and waits 10 seconds at most
 * for a pipe. NULL: CAUSE_FILE, or CAUSE_TLS_SETUP. */
struct tls_identity *tls_identity_load(
    const char *cert_file, const char *key_file, struct outcome *o);
void tls_identity_free(struct tls_identity *i);

/* One that was never before, and that is kept nowhere: a key and a certificate that it
 * signs itself, for the host `name`. *shown is the certificate's SHA-256, by which
 * clients can know it. NULL: CAUSE_TLS_SETUP. */
struct tls_identity *tls_identity_new(
    const char *name, struct fingerprint *shown, struct outcome *o);

/* Makes a key and a certificate that it signs itself, for the host `name`, and puts both
 * into the file, which only its owner can read; one that is there stays. Fails with
 * CAUSE_FILE or CAUSE_TLS_SETUP. */
bool tls_identity_make(const char *file, const char *name, struct outcome *o);

/* For one client; the identity must outlive it. NULL: CAUSE_TLS_SETUP. */
struct tls *tls_identity_session(const struct tls_identity *i, struct outcome *o);

#endif
