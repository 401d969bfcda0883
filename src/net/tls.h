/* SPDX-License-Identifier: ISC
 *
 * tls.h - TLS over a connected socket, and who is at the other end
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "base/secret.h"
#include "net/fingerprint.h"
#include "net/stream.h"

/* Strings are borrowed; NULL: not set. */
struct tls_settings {
	char *trust_file; /* "system", or a file of CA certificates (PEM) */
	char *crl_file;
	char *key_file; /* ours, with cert_file; files or PKCS#11 URIs */
	char *cert_file;
	char *priorities;    /* GnuTLS's; NULL: the system's, from TLS 1.2 on */
	char *host_override; /* the name to expect in place of the host */
	struct fingerprint
	    fingerprint; /* the one certificate to accept; no CA is asked */
	struct fingerprint pubkey_fingerprint; /* the same for its public key */
	int min_dh_bits;                       /* 0: GnuTLS's */
	int min_version;                       /* 12 or 13; 0: as the priorities say */
	bool check;                            /* off: anybody is accepted */
};

#define TLS_FIRST_MAX 64 /* bytes of a server's first words, and a NUL */

enum tls_binding { TLS_BINDING_NONE, TLS_BINDING_UNIQUE, TLS_BINDING_EXPORTER };

struct tls;

/* Whether a "file" is a URI that GnuTLS resolves, such as a PKCS#11 one (RFC 7512): what
 * it names lies in a token, which may want a PIN. */
bool tls_is_token(const char *file);

/* How much of such a name can be shown: a PIN that stands in it ends it. */
size_t tls_shown_length(const char *file);

/* Makes ready what a handshake needs. This reads the trust store, which takes longer than
 * all else before it: it is worth doing while a connection is under way. The settings
 * and the PIN (NULL: none) of the token that our key lies in must outlive the result.
 * Fails with CAUSE_FILE, CAUSE_PASSWORD or CAUSE_TLS_SETUP. */
struct tls *tls_new(
    const struct tls_settings *settings, const struct secret *pin, struct outcome *o);
void tls_free(struct tls *t);

/* Shakes hands over the non-blocking descriptor, and makes sure that the peer is `host`
 * (a name, or an IP address, which must then stand in the certificate as such).
 * `from_start` tells that TLS should be the first thing that the server speaks. Fails
 * with CAUSE_TLS_..., CAUSE_CERT_... or CAUSE_TIMEOUT. */
bool tls_handshake(struct tls *t, int fd, const char *host, bool from_start,
    int64_t deadline, struct outcome *o);

/* The server's side of it, with a client that has asked for TLS; `t` is from
 * tls_identity_session() (identity.h). */
bool tls_answer(struct tls *t, int fd, int64_t deadline, struct outcome *o);

/* What a server that said nothing answers to a TLS hello. The connection is of no use
 * afterwards. */
enum tls_answer {
	TLS_ANSWER_NONE,
	TLS_ANSWER_TLS,
	TLS_ANSWER_TEXT /* its first line, printable, is in `line` */
};
enum tls_answer tls_probe(int fd, int64_t deadline, char line[TLS_FIRST_MAX]);

/* Carries bytes over TLS; `self` is the struct tls *. Closing says goodbye (close_notify)
 * without waiting for an answer, frees it, and closes the descriptor. */
extern const struct carrier tls_carrier;

/* "(TLS1.3)-(ECDHE-X25519)-(RSA-PSS-RSAE-SHA256)-(AES-256-GCM)", once hands were shaken,
 * whoever the peer is; before, "". Good as long as t. */
const char *tls_description(const struct tls *t);

/* Appends the channel binding (RFC 5929, RFC 9266) that this session has: tls-exporter
 * with TLS 1.3, tls-unique with TLS 1.2 and the extended master secret (RFC 7627), else
 * none. */
enum tls_binding tls_binding(const struct tls *t, struct buf *out);

#endif
