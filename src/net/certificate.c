/* SPDX-License-Identifier: ISC */
#include "net/certificate.h"

#include <arpa/inet.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "net/tls_internal.h"

#define NAME_MAX_LENGTH 256
#define WORDS_MAX 400

bool
is_ip_address(const char *s)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, address) == 1 ||
	       inet_pton(AF_INET6, s, address) == 1;
}

/* What each finding of GnuTLS means; where there are several, the first row counts. */
static const struct {
	unsigned bits;
	enum cause cause;
} findings[] = {
	{ GNUTLS_CERT_REVOKED, CAUSE_CERT_REVOKED },
	{ GNUTLS_CERT_SIGNER_NOT_FOUND, CAUSE_CERT_UNKNOWN },
	{ GNUTLS_CERT_UNEXPECTED_OWNER, CAUSE_CERT_NAME },
	{ GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED, CAUSE_CERT_EXPIRED },
	{ ~0U, CAUSE_CERT_BAD },
};

/* One of the certificate's names: a DNS name or an IP address, else nothing. */
static void
print_name(struct buf *out, int type, const char *name, size_t size, const char *before)
{
	char address[INET6_ADDRSTRLEN];

	if (type == GNUTLS_SAN_DNSNAME)
		buf_printf(out, "%s%.*s", before, (int)size, name);
	else if (type == GNUTLS_SAN_IPADDRESS && (size == 4 || size == 16))
		buf_printf(out, "%s%s", before,
		    inet_ntop(
			size == 4 ? AF_INET : AF_INET6, name, address, sizeof address));
}

/* All of them; or the old common name. A name that is too long is left out. */
void
certificate_names(struct buf *out, gnutls_x509_crt_t cert)
{
	const size_t start = out->len;
	char name[NAME_MAX_LENGTH];
	size_t size = sizeof name;
	int type = 0;

	for (unsigned i = 0; type != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE; i++) {
		size = sizeof name;
		type = gnutls_x509_crt_get_subject_alt_name(cert, i, name, &size, NULL);
		if (type >= 0)
			print_name(out, type, name, size, out->len > start ? ", " : "");
		else if (type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			break;
	}
	size = sizeof name;
	if (out->len == start &&
	    gnutls_x509_crt_get_dn_by_oid(
		cert, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) == GNUTLS_E_SUCCESS)
		buf_puts(out, name);
	if (out->len == start)
		buf_puts(out, "no name at all");
}

static void
print_time(struct buf *out, const char *words, time_t when)
{
	char stamp[32];
	struct tm tm;

	(void)gmtime_r(&when, &tm);
	(void)strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M UTC", &tm);
	buf_printf(out, "%s %s", words, stamp);
}

static void
print_digest(struct buf *out, const unsigned char *digest, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buf_printf(out, "%s%02X", i > 0 ? ":" : "", digest[i]);
}

static void
print_fingerprint(struct buf *out, gnutls_x509_crt_t cert)
{
	unsigned char digest[FINGERPRINT_MAX];
	size_t size = sizeof digest;

	if (gnutls_x509_crt_get_fingerprint(cert, GNUTLS_DIG_SHA256, digest, &size) == 0)
		print_digest(out, digest, size);
}

/* The SHA-256 of the SubjectPublicKeyInfo (RFC 5280, 4.1.2.7). */
static bool
digest_key(gnutls_x509_crt_t cert, unsigned char digest[FINGERPRINT_MAX])
{
	size_t size = FINGERPRINT_MAX;

	return gnutls_x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, digest, &size) ==
		   0 &&
	       size == FINGERPRINT_MAX;
}

/* A setting that accepts this key from now on. */
static void
offer_key(gnutls_x509_crt_t cert, struct outcome *o)
{
	unsigned char digest[FINGERPRINT_MAX];
	struct buf value;

	if (!digest_key(cert, digest))
		return;
	buf_init(&value, WORDS_MAX);
	print_digest(&value, digest, sizeof digest);
	(void)outcome_offer(o, "tls_pubkey_fingerprint", value.data);
	buf_free(&value);
}

static void
print_issuer(struct buf *out, gnutls_x509_crt_t cert)
{
	char name[NAME_MAX_LENGTH];
	size_t size = sizeof name;

	if (gnutls_x509_crt_check_issuer(cert, cert) != 0)
		buf_puts(out, "it is self-signed");
	else if (gnutls_x509_crt_get_issuer_dn(cert, name, &size) == GNUTLS_E_SUCCESS)
		buf_printf(out, "it was issued by \"%s\"", name);
	buf_puts(out, "; its SHA-256 fingerprint is ");
	print_fingerprint(out, cert);
}

static void
print_findings(struct buf *out, unsigned status)
{
	gnutls_datum_t words;

	if (gnutls_certificate_verification_status_print(
		status, GNUTLS_CRT_X509, &words, 0) != GNUTLS_E_SUCCESS)
		return;
	buf_add_span(out, span_trim(span_bytes((const char *)words.data, words.size)));
	gnutls_free(words.data);
}

static bool
refuse(gnutls_x509_crt_t cert, unsigned status, const char *host, struct outcome *o)
{
	struct buf words;
	size_t i = 0;

	while ((findings[i].bits & status) == 0)
		i++;
	buf_init(&words, WORDS_MAX);
	if (findings[i].cause == CAUSE_CERT_UNKNOWN) {
		print_issuer(&words, cert);
	} else if (findings[i].cause == CAUSE_CERT_NAME) {
		buf_printf(&words, "\"%s\" was expected, and it is for ", host);
		certificate_names(&words, cert);
	} else if ((status & GNUTLS_CERT_EXPIRED) != 0) {
		print_time(
		    &words, "it expired on", gnutls_x509_crt_get_expiration_time(cert));
		print_time(&words, "; this machine's clock says", time(NULL));
	} else if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0) {
		print_time(&words, "it is valid from",
		    gnutls_x509_crt_get_activation_time(cert));
		print_time(&words, "; this machine's clock says", time(NULL));
	} else {
		print_findings(&words, status);
	}
	(void)outcome_fail(o, findings[i].cause, "%s", words.data);
	if (findings[i].cause == CAUSE_CERT_UNKNOWN)
		offer_key(cert, o);
	buf_free(&words);
	return false;
}

static bool
check_fingerprint(
    gnutls_x509_crt_t cert, const struct fingerprint *want, struct outcome *o)
{
	unsigned char digest[FINGERPRINT_MAX];
	size_t size = sizeof digest;
	struct buf words;

	if (gnutls_x509_crt_get_fingerprint(cert,
		want->n == 32   ? GNUTLS_DIG_SHA256
		: want->n == 20 ? GNUTLS_DIG_SHA1
				: GNUTLS_DIG_MD5,
		digest, &size) == GNUTLS_E_SUCCESS &&
	    size == want->n && memcmp(digest, want->bytes, size) == 0)
		return true;
	buf_init(&words, WORDS_MAX);
	print_fingerprint(&words, cert);
	(void)outcome_fail(o, CAUSE_CERT_PIN, "the server's is %s (SHA-256)", words.data);
	(void)outcome_offer(o, "tls_fingerprint", words.data);
	buf_free(&words);
	return false;
}

static bool
check_key(gnutls_x509_crt_t cert, const struct fingerprint *want, struct outcome *o)
{
	unsigned char digest[FINGERPRINT_MAX];

	if (!digest_key(cert, digest))
		return outcome_fail(o, CAUSE_CERT_BAD, "its public key can't be read");
	if (memcmp(digest, want->bytes, sizeof digest) == 0)
		return true;
	(void)outcome_fail(o, CAUSE_CERT_KEY_PIN, "%s", "");
	offer_key(cert, o);
	return false;
}

/* Whoever names both a certificate and a key wants both. */
static bool
check_pins(gnutls_x509_crt_t cert, const struct tls_settings *s, struct outcome *o)
{
	return (s->fingerprint.n == 0 || check_fingerprint(cert, &s->fingerprint, o)) &&
	       (s->pubkey_fingerprint.n == 0 ||
		   check_key(cert, &s->pubkey_fingerprint, o));
}

static bool
check_trust(
    const struct tls *t, gnutls_x509_crt_t cert, const char *host, struct outcome *o)
{
	unsigned char address[sizeof(struct in6_addr)];
	gnutls_typed_vdata_st data[2] = {
		{ GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)host, 0 },
		{ GNUTLS_DT_KEY_PURPOSE_OID,
		    (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER, 0 },
	};
	unsigned status = 0;
	int error;

	if (inet_pton(AF_INET, host, address) == 1)
		data[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS, address, 4 };
	else if (inet_pton(AF_INET6, host, address) == 1)
		data[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS, address, 16 };
	error = gnutls_certificate_verify_peers(t->session, data, 2, &status);
	if (error != GNUTLS_E_SUCCESS)
		return outcome_fail(o, CAUSE_CERT_BAD, "%s", gnutls_strerror(error));
	return status == 0 || refuse(cert, status, host, o);
}

bool
certificate_check(const struct tls *t, const char *host, struct outcome *o)
{
	const struct tls_settings *s = t->settings;
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t cert;
	unsigned n = 0;
	bool ok;

	if (!s->check)
		return true;
	chain = gnutls_certificate_get_peers(t->session, &n);
	if (chain == NULL || n == 0)
		return outcome_fail(o, CAUSE_CERT_BAD, "the server has shown none");
	if (gnutls_x509_crt_init(&cert) != GNUTLS_E_SUCCESS)
		return outcome_fail(o, CAUSE_SYSTEM, "GnuTLS has no memory");
	if (gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) !=
	    GNUTLS_E_SUCCESS)
		ok = outcome_fail(o, CAUSE_CERT_BAD, "it can't be read");
	else if (s->fingerprint.n > 0 || s->pubkey_fingerprint.n > 0)
		ok = check_pins(cert, s, o);
	else
		ok = check_trust(t, cert, host, o);
	gnutls_x509_crt_deinit(cert);
	return ok;
}

void
certificate_fingerprint(const struct tls *t, struct buf *out)
{
	unsigned char digest[FINGERPRINT_MAX];
	size_t size = sizeof digest;
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls_certificate_get_peers(t->session, &n);

	if (chain != NULL && n > 0 &&
	    gnutls_fingerprint(GNUTLS_DIG_SHA256, &chain[0], digest, &size) == 0)
		print_digest(out, digest, size);
}
