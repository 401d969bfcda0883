/* SPDX-License-Identifier: ISC */
#include "net/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "net/tls_internal.h"

#define PRIORITIES "-VERS-TLS1.0:-VERS-TLS1.1:%PROFILE_MEDIUM"
#define DAY (24 * 3600L)
#define LIFETIME (20 * 365 * DAY)

struct tls_identity {
	gnutls_certificate_credentials_t cred;
};

static bool
fail(int error, const char *what, struct outcome *o)
{
	return outcome_fail(o, CAUSE_TLS_SETUP, "%s: %s", what, gnutls.strerror(error));
}

static bool
cannot_write(const char *file, struct outcome *o)
{
	return outcome_fail(o, CAUSE_FILE, "cannot write %s: %s", file, strerror(errno));
}

static bool
load(struct tls_identity *i, const char *cert_file, const char *key_file,
    struct outcome *o)
{
	const struct own_file cert = { "cannot read", cert_file };
	const struct own_file key = { "cannot read", key_file };
	int error = gnutls.global_init();

	if (error >= 0)
		error = gnutls.certificate_allocate_credentials(&i->cred);
	if (error >= 0 && !tls_give_own(i->cred, cert, key, &error, o))
		return false;
	return error >= 0 || fail(error, cert_file, o);
}

struct tls_identity *
tls_identity_load(const char *cert_file, const char *key_file, struct outcome *o)
{
	struct tls_identity *i;

	if (!gnutls_ready(o))
		return NULL;
	i = mem_new(sizeof *i);
	if (load(i, cert_file, key_file, o))
		return i;
	tls_identity_free(i);
	return NULL;
}

void
tls_identity_free(struct tls_identity *i)
{
	if (i == NULL)
		return;
	if (i->cred != NULL)
		gnutls.certificate_free_credentials(i->cred);
	free(i);
}

struct tls *
tls_identity_session(const struct tls_identity *i, struct outcome *o)
{
	static const struct tls_settings none = { .check = false };
	struct tls *t = mem_new(sizeof *t);
	int error;

	*t = (struct tls){ .settings = &none, .fd = -1 };
	error = gnutls.init(&t->session, GNUTLS_SERVER | GNUTLS_NONBLOCK);
	if (error >= 0)
		error =
		    gnutls.set_default_priority_append(t->session, PRIORITIES, NULL, 0);
	if (error >= 0)
		error =
		    gnutls.credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, i->cred);
	if (error >= 0)
		return t;
	(void)fail(error, "GnuTLS", o);
	tls_free(t);
	return NULL;
}

/* Fills in what a certificate needs, and signs it with its own key. */
static int
write_certificate(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, const char *name)
{
	const unsigned n = (unsigned)strlen(name);
	const time_t now = time(NULL);
	unsigned char serial[16];
	int error = GNUTLS_E_RANDOM_FAILED;

	if (getrandom(serial, sizeof serial, 0) == (ssize_t)sizeof serial)
		error = gnutls.x509_crt_set_version(crt, 3);
	serial[0] &= 0x7f; /* RFC 5280, 4.1.2.2: positive */
	if (error >= 0)
		error = gnutls.x509_crt_set_serial(crt, serial, sizeof serial);
	if (error >= 0)
		error = gnutls.x509_crt_set_dn_by_oid(
		    crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, n);
	if (error >= 0)
		error = gnutls.x509_crt_set_subject_alt_name(
		    crt, GNUTLS_SAN_DNSNAME, name, n, GNUTLS_FSAN_SET);
	if (error >= 0)
		error = gnutls.x509_crt_set_activation_time(crt, now - DAY);
	if (error >= 0)
		error = gnutls.x509_crt_set_expiration_time(crt, now + LIFETIME);
	if (error >= 0)
		error = gnutls.x509_crt_set_key(crt, key);
	if (error >= 0)
		error = gnutls.x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0);
	return error;
}

/* Both as PEM. */
static int
make(const char *name, gnutls_datum_t *key_pem, gnutls_datum_t *crt_pem)
{
	gnutls_x509_privkey_t key = NULL;
	gnutls_x509_crt_t crt = NULL;
	int error = gnutls.x509_privkey_init(&key);

	if (error >= 0)
		error = gnutls.x509_crt_init(&crt);
	if (error >= 0)
		error = gnutls.x509_privkey_generate(key, GNUTLS_PK_ECDSA,
		    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (error >= 0)
		error = write_certificate(crt, key, name);
	if (error >= 0)
		error = gnutls.x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, key_pem);
	if (error >= 0)
		error = gnutls.x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, crt_pem);
	if (crt != NULL)
		gnutls.x509_crt_deinit(crt);
	if (key != NULL)
		gnutls.x509_privkey_deinit(key);
	return error;
}

static void
forget(gnutls_datum_t *key, gnutls_datum_t *crt)
{
	if (key->data != NULL)
		explicit_bzero(key->data, key->size);
	(*gnutls.free)(key->data);
	(*gnutls.free)(crt->data);
}

static struct span
span_of_datum(const gnutls_datum_t *d)
{
	return span_bytes((const char *)d->data, d->size);
}

/* Another process may make one at the same time, and either will do. */
static bool
put(const char *file, const gnutls_datum_t *key, const gnutls_datum_t *crt)
{
	const struct span parts[] = { span_of_datum(key), span_of_datum(crt) };

	return file_put(file, parts, 2);
}

bool
tls_identity_make(const char *file, const char *name, struct outcome *o)
{
	gnutls_datum_t key = { NULL, 0 }, crt = { NULL, 0 };
	bool ok;
	int error;

	if (access(file, F_OK) == 0)
		return true;
	if (!gnutls_ready(o))
		return false;
	error = gnutls.global_init();
	if (error >= 0)
		error = make(name, &key, &crt);
	if (error >= 0)
		ok = put(file, &key, &crt) || cannot_write(file, o);
	else
		ok = fail(error, "a certificate can't be made", o);
	forget(&key, &crt);
	return ok;
}

static int
take(struct tls_identity *i, const gnutls_datum_t *key, const gnutls_datum_t *pem,
    struct fingerprint *shown)
{
	gnutls_x509_crt_t crt = NULL;
	int error = gnutls.certificate_allocate_credentials(&i->cred);

	if (error >= 0)
		error = gnutls.certificate_set_x509_key_mem(
		    i->cred, pem, key, GNUTLS_X509_FMT_PEM);
	if (error >= 0)
		error = gnutls.x509_crt_init(&crt);
	if (error >= 0)
		error = gnutls.x509_crt_import(crt, pem, GNUTLS_X509_FMT_PEM);
	if (error >= 0)
		*shown = certificate_digest(crt, GNUTLS_DIG_SHA256);
	if (crt != NULL)
		gnutls.x509_crt_deinit(crt);
	return error;
}

struct tls_identity *
tls_identity_new(const char *name, struct fingerprint *shown, struct outcome *o)
{
	gnutls_datum_t key = { NULL, 0 }, crt = { NULL, 0 };
	struct tls_identity *i;
	int error;

	if (!gnutls_ready(o))
		return NULL;
	i = mem_new(sizeof *i);
	error = gnutls.global_init();
	if (error >= 0)
		error = make(name, &key, &crt);
	if (error >= 0)
		error = take(i, &key, &crt, shown);
	forget(&key, &crt);
	if (error >= 0)
		return i;
	(void)fail(error, "a certificate can't be made", o);
	tls_identity_free(i);
	return NULL;
}
