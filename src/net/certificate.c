/* SPDX-License-Identifier: ISC */
#include "net/certificate.h"

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/encode.h"
#include "net/tls_internal.h"

#define NAME_MAX_LENGTH 256
#define WORDS_MAX 4096
#define DAY 86400

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
		type = gnutls.x509_crt_get_subject_alt_name(cert, i, name, &size, NULL);
		if (type >= 0)
			print_name(out, type, name, size, out->len > start ? ", " : "");
		else if (type != GNUTLS_E_SHORT_MEMORY_BUFFER)
			break;
	}
	size = sizeof name;
	if (out->len == start &&
	    gnutls.x509_crt_get_dn_by_oid(
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

struct fingerprint
certificate_digest(gnutls_x509_crt_t cert, gnutls_digest_algorithm_t how)
{
	struct fingerprint f = { .n = sizeof f.bytes };

	if (gnutls.x509_crt_get_fingerprint(cert, how, f.bytes, &f.n) != GNUTLS_E_SUCCESS)
		f.n = 0;
	return f;
}

struct fingerprint
certificate_key_digest(gnutls_x509_crt_t cert)
{
	struct fingerprint f = { .n = sizeof f.bytes };

	if (gnutls.x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, f.bytes, &f.n) !=
	    GNUTLS_E_SUCCESS)
		f.n = 0;
	return f;
}

/* A setting that accepts this certificate, or key, from now on. */
static void
offer(const char *setting, const struct fingerprint *f, struct outcome *o)
{
	struct buf value;

	if (f->n == 0)
		return;
	buf_init(&value, WORDS_MAX);
	fingerprint_add(&value, f);
	(void)outcome_offer(o, setting, value.data);
	buf_free(&value);
}

static void
print_issuer(struct buf *out, gnutls_x509_crt_t cert)
{
	const struct fingerprint sha256 = certificate_digest(cert, GNUTLS_DIG_SHA256);
	char name[NAME_MAX_LENGTH];
	size_t size = sizeof name;

	if (gnutls.x509_crt_check_issuer(cert, cert) != 0)
		buf_puts(out, "it is self-signed");
	else if (gnutls.x509_crt_get_issuer_dn(cert, name, &size) == GNUTLS_E_SUCCESS)
		buf_printf(out, "it was issued by \"%s\"", name);
	buf_puts(out, "; its SHA-256 fingerprint is ");
	fingerprint_add(out, &sha256);
}

static void
print_findings(struct buf *out, unsigned status)
{
	gnutls_datum_t words;

	if (gnutls.certificate_verification_status_print(
		status, GNUTLS_CRT_X509, &words, 0) != GNUTLS_E_SUCCESS)
		return;
	buf_add_span(out, span_trim(span_bytes((const char *)words.data, words.size)));
	(*gnutls.free)(words.data);
}

/* The first of its names that can be a host's; false: there is none. */
static bool
first_name(gnutls_x509_crt_t cert, char *name, size_t size)
{
	int type = gnutls.x509_crt_get_subject_alt_name(cert, 0, name, &size, NULL);

	return type == GNUTLS_SAN_DNSNAME && is_host_name(name);
}

static bool
refuse_name(gnutls_x509_crt_t cert, const char *host, struct outcome *o)
{
	const struct fingerprint sha256 = certificate_digest(cert, GNUTLS_DIG_SHA256);
	char name[NAME_MAX_LENGTH];
	struct buf words;

	buf_init(&words, WORDS_MAX);
	certificate_names(&words, cert);
	(void)outcome_fail(o, CAUSE_CERT_NAME,
	    "the certificate is for %s, but \"%s\" was expected", words.data, host);
	if (first_name(cert, name, sizeof name))
		(void)outcome_offer(o, "host", name);
	buf_clear(&words);
	fingerprint_add(&words, &sha256);
	(void)outcome_note(o, "to accept just this one: tls_fingerprint %s", words.data);
	buf_free(&words);
	return false;
}

static bool
refuse_time(gnutls_x509_crt_t cert, bool early, struct outcome *o)
{
	const time_t now = time(NULL);
	const time_t limit = early ? gnutls.x509_crt_get_activation_time(cert)
				   : gnutls.x509_crt_get_expiration_time(cert);
	const long days = (long)(early ? limit - now : now - limit) / DAY;
	struct buf words, clock;

	buf_init(&words, WORDS_MAX);
	buf_init(&clock, WORDS_MAX);
	if (early)
		buf_printf(
		    &words, "the certificate is not valid yet, for %ld days", days);
	else
		buf_printf(&words, "the certificate expired %ld days ago", days);
	print_time(&words, early ? ": it begins on" : ", on", limit);
	print_time(&clock, "this machine's clock says", now);
	(void)outcome_fail(o, CAUSE_CERT_EXPIRED, "%s", words.data);
	(void)outcome_note(o, "%s; if that is wrong, set the clock first", clock.data);
	buf_free(&words);
	buf_free(&clock);
	return false;
}

static bool
refuse_issuer(gnutls_x509_crt_t cert, struct outcome *o)
{
	const struct fingerprint key = certificate_key_digest(cert);
	struct buf words;

	buf_init(&words, WORDS_MAX);
	print_issuer(&words, cert);
	(void)outcome_fail(o, CAUSE_CERT_UNKNOWN, "%s", words.data);
	offer("tls_pubkey_fingerprint", &key, o);
	buf_free(&words);
	return false;
}

static bool
refuse_as(gnutls_x509_crt_t cert, unsigned status, const char *host, struct outcome *o)
{
	struct buf words;
	size_t i = 0;

	while ((findings[i].bits & status) == 0)
		i++;
	if (findings[i].cause == CAUSE_CERT_UNKNOWN)
		return refuse_issuer(cert, o);
	if (findings[i].cause == CAUSE_CERT_NAME)
		return refuse_name(cert, host, o);
	if (findings[i].cause == CAUSE_CERT_EXPIRED)
		return refuse_time(cert, (status & GNUTLS_CERT_NOT_ACTIVATED) != 0, o);
	buf_init(&words, WORDS_MAX);
	print_findings(&words, status);
	(void)outcome_fail(o, findings[i].cause, "%s", words.data);
	buf_free(&words);
	return false;
}

static bool
refuse(const struct tls *t, unsigned status, const char *host, struct outcome *o)
{
	gnutls_x509_crt_t cert;

	if (!certificate_shown(t, &cert, o))
		return false;
	(void)refuse_as(cert, status, host, o);
	gnutls.x509_crt_deinit(cert);
	return false;
}

static gnutls_digest_algorithm_t
algorithm_of(const struct fingerprint *f)
{
	if (f->n == 16)
		return GNUTLS_DIG_MD5;
	return f->n == 20 ? GNUTLS_DIG_SHA1 : GNUTLS_DIG_SHA256;
}

static bool
check_fingerprint(
    gnutls_x509_crt_t cert, const struct fingerprint *want, struct outcome *o)
{
	struct fingerprint shown = certificate_digest(cert, algorithm_of(want));
	struct buf words;

	if (fingerprint_is(&shown, want))
		return true;
	shown = certificate_digest(cert, GNUTLS_DIG_SHA256);
	buf_init(&words, WORDS_MAX);
	fingerprint_add(&words, &shown);
	(void)outcome_fail(o, CAUSE_CERT_PIN, "the server's is %s (SHA-256)", words.data);
	offer("tls_fingerprint", &shown, o);
	buf_free(&words);
	return false;
}

static bool
check_key(gnutls_x509_crt_t cert, const struct fingerprint *want, struct outcome *o)
{
	const struct fingerprint shown = certificate_key_digest(cert);

	if (shown.n == 0)
		return outcome_fail(o, CAUSE_CERT_BAD, "its public key can't be read");
	if (fingerprint_is(&shown, want))
		return true;
	(void)outcome_fail(o, CAUSE_CERT_KEY_PIN, "%s", "");
	offer("tls_pubkey_fingerprint", &shown, o);
	return false;
}

/* Whoever names both a certificate and a key wants both. */
static bool
check_pins(const struct tls *t, struct outcome *o)
{
	const struct tls_settings *s = t->settings;
	gnutls_x509_crt_t cert;
	bool ok;

	if (!certificate_shown(t, &cert, o))
		return false;
	ok = (s->fingerprint.n == 0 || check_fingerprint(cert, &s->fingerprint, o)) &&
	     (s->pubkey_fingerprint.n == 0 || check_key(cert, &s->pubkey_fingerprint, o));
	gnutls.x509_crt_deinit(cert);
	return ok;
}

static bool
verify(const struct tls *t, const char *host, unsigned *status, struct outcome *o)
{
	unsigned char address[sizeof(struct in6_addr)];
	gnutls_typed_vdata_st data[2] = {
		{ GNUTLS_DT_DNS_HOSTNAME, (unsigned char *)(uintptr_t)host, 0 },
		{ GNUTLS_DT_KEY_PURPOSE_OID,
		    (unsigned char *)(uintptr_t)GNUTLS_KP_TLS_WWW_SERVER, 0 },
	};
	int error;

	if (inet_pton(AF_INET, host, address) == 1)
		data[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS, address, 4 };
	else if (inet_pton(AF_INET6, host, address) == 1)
		data[0] = (gnutls_typed_vdata_st){ GNUTLS_DT_IP_ADDRESS, address, 16 };
	error = gnutls.certificate_verify_peers(t->session, data, 2, status);
	return error == GNUTLS_E_SUCCESS ||
	       outcome_fail(o, CAUSE_CERT_BAD, "%s", gnutls.strerror(error));
}

static void
trust_one(void *arg, struct span pem)
{
	const struct tls *t = arg;
	const gnutls_datum_t text = { (unsigned char *)(uintptr_t)pem.p,
		(unsigned)pem.n };

	/* one that GnuTLS can't read is one that is missing */
	(void)gnutls.certificate_set_x509_trust_mem(t->cred, &text, GNUTLS_X509_FMT_PEM);
}

/* Of a store that was only read, trusts those that the chain has to do with. */
static bool
trust_chain(struct tls *t)
{
	struct span chain[TRUST_CHAIN];
	unsigned n = 0;
	const gnutls_datum_t *der = gnutls.certificate_get_peers(t->session, &n);

	if (n > TRUST_CHAIN)
		return false;
	for (unsigned i = 0; i < n; i++)
		chain[i] = span_bytes((const char *)der[i].data, der[i].size);
	return trust_find(&t->trust, chain, n, trust_one, t);
}

static bool
check_trust(struct tls *t, const char *host, struct outcome *o)
{
	const bool is_partial = t->trust.text.len > 0;
	unsigned status = ~0U;

	if (!is_partial || trust_chain(t))
		if (!verify(t, host, &status, o))
			return false;
	if (status != 0 && is_partial &&
	    (!tls_load_trust(t, o) || !verify(t, host, &status, o)))
		return false;
	return status == 0 || refuse(t, status, host, o);
}

bool
certificate_shown(const struct tls *t, gnutls_x509_crt_t *cert, struct outcome *o)
{
	unsigned n = 0;
	const gnutls_datum_t *chain = gnutls.certificate_get_peers(t->session, &n);

	*cert = NULL;
	if (chain == NULL || n == 0)
		return outcome_fail(o, CAUSE_CERT_BAD, "the server has shown none");
	if (gnutls.x509_crt_init(cert) != GNUTLS_E_SUCCESS)
		return outcome_fail(o, CAUSE_SYSTEM, "GnuTLS has no memory");
	if (gnutls.x509_crt_import(*cert, &chain[0], GNUTLS_X509_FMT_DER) ==
	    GNUTLS_E_SUCCESS)
		return true;
	gnutls.x509_crt_deinit(*cert);
	*cert = NULL;
	return outcome_fail(o, CAUSE_CERT_BAD, "it can't be read");
}

bool
certificate_check(struct tls *t, const char *host, struct outcome *o)
{
	const struct tls_settings *s = t->settings;

	if (!s->check)
		return true;
	if (s->fingerprint.n > 0 || s->pubkey_fingerprint.n > 0)
		return check_pins(t, o);
	return check_trust(t, host, o);
}

struct fingerprint
certificate_fingerprint(const struct tls *t)
{
	struct fingerprint f = { .n = 0 };
	struct outcome ignored;
	gnutls_x509_crt_t cert;

	if (!certificate_shown(t, &cert, &ignored))
		return f;
	f = certificate_digest(cert, GNUTLS_DIG_SHA256);
	gnutls.x509_crt_deinit(cert);
	return f;
}
