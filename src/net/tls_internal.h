/* SPDX-License-Identifier: ISC
 *
 * tls_internal.h - what tls.c, tls_setup.c, certificate.c and facts.c share,
 * and nobody else
 */
#ifndef NET_TLS_INTERNAL_H
#define NET_TLS_INTERNAL_H

#include "base/buf.h"
#include "net/gnutls.h"
#include "net/tls.h"
#include "net/trust.h"

/* What became of a token's question for a PIN. */
enum tls_pin { PIN_UNASKED, PIN_MISSING, PIN_GIVEN, PIN_WRONG, PIN_LAST_TRY };

struct tls {
	const struct tls_settings *settings;
	const struct secret *pin; /* NULL: none */
	enum tls_pin asked;
	gnutls_certificate_credentials_t cred;
	gnutls_session_t session;
	struct trust trust; /* where it isn't empty, `cred` holds no authorities yet */
	int fd;
	char *description;
	char first[TLS_FIRST_MAX]; /* the first bytes that the server sent, and a NUL */
	size_t nfirst;
};

/* Appends the names that the certificate is for, as a list. */
void certificate_names(struct buf *out, gnutls_x509_crt_t cert);

/* Its digest, and the SHA-256 of its SubjectPublicKeyInfo (RFC 5280, 4.1.2.7); no bytes
 * where that can't be had. */
struct fingerprint certificate_digest(
    gnutls_x509_crt_t cert, gnutls_digest_algorithm_t how);
struct fingerprint certificate_key_digest(gnutls_x509_crt_t cert);

/* The server's certificate, to be freed with gnutls.x509_crt_deinit(). False where it has
 * shown none, or none that can be read: CAUSE_CERT_BAD. */
bool certificate_shown(const struct tls *t, gnutls_x509_crt_t *cert, struct outcome *o);

/* Hands the whole trust store over to `cred`. Fails with CAUSE_FILE. */
bool tls_load_trust(struct tls *t, struct outcome *o);

/* A file that is ours; `what` stands before its path where it can't be read. */
struct own_file {
	const char *what, *path;
};

/* Reads a certificate and its key (PEM), and hands them over to `cred`: *error is what
 * GnuTLS has said to them. Fails with CAUSE_FILE where one can't be read, also where that
 * is a pipe that stays silent for 10 seconds. */
bool tls_give_own(gnutls_certificate_credentials_t cred, struct own_file cert,
    struct own_file key, int *error, struct outcome *o);

/* Makes the session and the credentials. Fails as tls_new(). */
bool tls_set_up(struct tls *t, struct outcome *o);

#endif
