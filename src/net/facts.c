/* SPDX-License-Identifier: ISC */
#include "net/facts.h"

#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "base/mem.h"
#include "net/tls_internal.h"

#define NAMES_MAX (16 * 1024)

static char *
printable(const void *text, size_t n)
{
	char *copy = mem_dup_bytes(text, n);

	make_printable(copy, n, ' ');
	return copy;
}

static char *
name_of(gnutls_x509_crt_t cert,
    int (*get)(gnutls_x509_crt_t cert, gnutls_datum_t *name, unsigned flags))
{
	gnutls_datum_t name;
	char *copy;

	if (get(cert, &name, 0) != GNUTLS_E_SUCCESS)
		return NULL;
	copy = printable(name.data, name.size);
	gnutls_free(name.data);
	return copy;
}

static char *
names_of(gnutls_x509_crt_t cert)
{
	struct buf names;
	char *copy;

	buf_init(&names, NAMES_MAX);
	certificate_names(&names, cert);
	copy = printable(names.data, names.len);
	buf_free(&names);
	return copy;
}

static struct fingerprint
digest_of(gnutls_x509_crt_t cert, gnutls_digest_algorithm_t how)
{
	struct fingerprint f = { .n = sizeof f.bytes };

	if (gnutls_x509_crt_get_fingerprint(cert, how, f.bytes, &f.n) != GNUTLS_E_SUCCESS)
		f.n = 0;
	return f;
}

static struct fingerprint
pubkey_of(gnutls_x509_crt_t cert)
{
	struct fingerprint f = { .n = sizeof f.bytes };

	if (gnutls_x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, f.bytes, &f.n) !=
	    GNUTLS_E_SUCCESS)
		f.n = 0;
	return f;
}

static void
read_facts(gnutls_x509_crt_t cert, struct certificate_facts *f)
{
	*f = (struct certificate_facts){
		.subject = name_of(cert, gnutls_x509_crt_get_dn3),
		.issuer = name_of(cert, gnutls_x509_crt_get_issuer_dn3),
		.names = names_of(cert),
		.from = gnutls_x509_crt_get_activation_time(cert),
		.until = gnutls_x509_crt_get_expiration_time(cert),
		.sha256 = digest_of(cert, GNUTLS_DIG_SHA256),
		.sha1 = digest_of(cert, GNUTLS_DIG_SHA1),
		.pubkey = pubkey_of(cert),
	};
}

bool
certificate_facts(const struct tls *t, struct certificate_facts *facts)
{
	const gnutls_datum_t *chain;
	gnutls_x509_crt_t cert;
	unsigned n = 0;
	bool ok;

	*facts = (struct certificate_facts){ 0 };
	chain = gnutls_certificate_get_peers(t->session, &n);
	if (chain == NULL || n == 0 || gnutls_x509_crt_init(&cert) != GNUTLS_E_SUCCESS)
		return false;
	ok = gnutls_x509_crt_import(cert, &chain[0], GNUTLS_X509_FMT_DER) ==
	     GNUTLS_E_SUCCESS;
	if (ok)
		read_facts(cert, facts);
	gnutls_x509_crt_deinit(cert);
	return ok;
}

void
certificate_facts_free(struct certificate_facts *facts)
{
	free(facts->subject);
	free(facts->issuer);
	free(facts->names);
	*facts = (struct certificate_facts){ 0 };
}
