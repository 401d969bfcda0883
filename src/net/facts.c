/* SPDX-License-Identifier: ISC */
#include "net/facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
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
	(*gnutls.free)(name.data);
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

static void
read_facts(gnutls_x509_crt_t cert, struct certificate_facts *f)
{
	*f = (struct certificate_facts){
		.subject = name_of(cert, gnutls.x509_crt_get_dn3),
		.issuer = name_of(cert, gnutls.x509_crt_get_issuer_dn3),
		.names = names_of(cert),
		.from = gnutls.x509_crt_get_activation_time(cert),
		.until = gnutls.x509_crt_get_expiration_time(cert),
		.sha256 = certificate_digest(cert, GNUTLS_DIG_SHA256),
		.sha1 = certificate_digest(cert, GNUTLS_DIG_SHA1),
		.pubkey = certificate_key_digest(cert),
	};
}

bool
certificate_facts(const struct tls *t, struct certificate_facts *facts)
{
	struct outcome ignored;
	gnutls_x509_crt_t cert;

	*facts = (struct certificate_facts){ 0 };
	if (!certificate_shown(t, &cert, &ignored))
		return false;
	read_facts(cert, facts);
	gnutls.x509_crt_deinit(cert);
	return true;
}

void
certificate_facts_free(struct certificate_facts *facts)
{
	free(facts->subject);
	free(facts->issuer);
	free(facts->names);
	*facts = (struct certificate_facts){ 0 };
}
