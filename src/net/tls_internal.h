/* SPDX-License-Identifier: ISC
 *
 * tls_internal.h - what tls.c and certificate.c share, and nobody else
 */
#ifndef NET_TLS_INTERNAL_H
#define NET_TLS_INTERNAL_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "base/buf.h"
#include "net/tls.h"

/* What became of a token's question for a PIN. */
enum tls_pin { PIN_UNASKED, PIN_MISSING, PIN_GIVEN, PIN_WRONG, PIN_LAST_TRY };

struct tls {
	const struct tls_settings *settings;
	const struct secret *pin; /* NULL: none */
	enum tls_pin asked;
	gnutls_certificate_credentials_t cred;
	gnutls_session_t session;
	int fd;
	char *description;
	char first[64]; /* the first bytes that the server sent, and a NUL */
	size_t nfirst;
};

/* Appends the names that the certificate is for, as a list. */
void certificate_names(struct buf *out, gnutls_x509_crt_t cert);

#endif
