/* SPDX-License-Identifier: ISC
 *
 * tls_setup.c - a GnuTLS session as the settings want it: whom to trust, who we are, and
 * which versions and ciphers will do
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "net/tls_internal.h"

/* On top of the system's own policy. */
#define WITHOUT_OLD "-VERS-TLS1.0:-VERS-TLS1.1"
#define PRIORITIES WITHOUT_OLD ":%PROFILE_MEDIUM"
#define PRIORITIES_MAX (64 * 1024)
#define FILE_MAX (16 * 1024 * 1024)
#define OWN_MAX (1024 * 1024) /* a certificate with its chain, or a key */

static bool
setup_failed(const char *setting, const char *value, int error, struct outcome *o)
{
	return outcome_fail(
	    o, CAUSE_TLS_SETUP, "%s %s: %s", setting, value, gnutls.strerror(error));
}

static bool
unreadable(const char *setting, const char *file, int error, struct outcome *o)
{
	const char *why = gnutls.strerror(error);

	if (error == GNUTLS_E_FILE_ERROR)
		why = access(file, R_OK) != 0 ? strerror(errno) : "it can't be read";
	else if (error == 0)
		why = "there is no certificate in it";
	return outcome_fail(o, CAUSE_FILE, "%s %s: %s", setting, file, why);
}

/* Not GnuTLS reads it, which would wait for ever where a pipe has no other end, and take
 * in all of a device. */
static bool
read_file(const char *setting, const char *file, struct buf *pem, struct outcome *o)
{
	char words[FILE_TROUBLE_MAX];
	struct stat st;

	return file_read(file, pem, &st) || outcome_fail(o, CAUSE_FILE, "%s %s: %s",
						setting, file, file_trouble(pem, words));
}

static gnutls_datum_t
datum_of(const struct buf *pem)
{
	return (gnutls_datum_t){ (unsigned char *)pem->data, (unsigned)pem->len };
}

/* Gives the certificates, or lists of revoked ones, of a file to `set`. */
static bool
load(struct tls *t, const char *setting, const char *file,
    int (*set)(
	gnutls_certificate_credentials_t, const gnutls_datum_t *, gnutls_x509_crt_fmt_t),
    struct outcome *o)
{
	struct buf pem;
	bool ok;

	buf_init(&pem, FILE_MAX);
	ok = read_file(setting, file, &pem, o);
	if (ok) {
		const gnutls_datum_t all = datum_of(&pem);
		int n = set(t->cred, &all, GNUTLS_X509_FMT_PEM);

		ok = n > 0 || unreadable(setting, file, n, o);
	}
	buf_free(&pem);
	return ok;
}

static bool
is_system(const char *trust_file)
{
	return strcmp(trust_file, "system") == 0;
}

bool
tls_load_trust(struct tls *t, struct outcome *o)
{
	const char *file = t->settings->trust_file;
	int n;

	if (is_system(file)) {
		n = gnutls.certificate_set_x509_system_trust(t->cred);
		return n > 0 || outcome_fail(o, CAUSE_FILE,
				    "this system has no CA certificates (the package is "
				    "usually called ca-certificates)");
	}
	if (load(t, "tls_trust_file", file, gnutls.certificate_set_x509_trust_mem, o))
		return true;
	outcome_refine(o, o->cause, NULL,
	    "name a file that has the certificates; or, for those that come with this "
	    "system, write:");
	return outcome_offer(o, "tls_trust_file", "system");
}

/* A big store is only read as yet: see net/trust.h. */
static bool
prepare_trust(struct tls *t, struct outcome *o)
{
	const struct tls_settings *s = t->settings;

	if (!s->check || s->fingerprint.n > 0 || s->pubkey_fingerprint.n > 0 ||
	    s->trust_file == NULL)
		return true;
	return trust_read(
		   &t->trust, is_system(s->trust_file) ? SYSTEM_TRUST : s->trust_file) ||
	       tls_load_trust(t, o);
}

static bool
load_crl(struct tls *t, struct outcome *o)
{
	const char *file = t->settings->crl_file;

	return file == NULL || !t->settings->check ||
	       load(t, "tls_crl_file", file, gnutls.certificate_set_x509_crl_mem, o);
}

/* GnuTLS is asked only about what may be one: most runs that read a configuration do
 * without it. */
bool
tls_is_token(const char *file)
{
	struct outcome ignored;
	const size_t scheme = strcspn(file, ":/");

	return scheme > 0 && file[scheme] == ':' && gnutls_ready(&ignored) &&
	       gnutls.url_is_supported(file) != 0;
}

size_t
tls_shown_length(const char *file)
{
	static const char mark[] = "pin-value=";
	const char *pin = tls_is_token(file) ? strcasestr(file, mark) : NULL;

	return pin != NULL ? (size_t)(pin - file) + sizeof mark - 1 : strlen(file);
}

/* A wrong PIN is never tried twice, and the last try that a token allows is left to
 * people: behind it the token locks itself. */
static int
give_pin(void *arg, int attempt, const char *url, const char *label, unsigned flags,
    char *pin, size_t size)
{
	struct tls *t = arg;

	(void)url;
	(void)label;
	if (t->pin == NULL || !secret_given(t->pin) || t->pin->len >= size)
		t->asked = PIN_MISSING;
	else if (attempt > 0 || (flags & GNUTLS_PIN_WRONG) != 0)
		t->asked = PIN_WRONG;
	else if ((flags & GNUTLS_PIN_FINAL_TRY) != 0)
		t->asked = PIN_LAST_TRY;
	else
		t->asked = PIN_GIVEN;
	if (t->asked != PIN_GIVEN)
		return GNUTLS_E_PKCS11_PIN_ERROR;
	memcpy(pin, t->pin->data, t->pin->len);
	pin[t->pin->len] = '\0';
	return 0;
}

/* NULL: the PIN is not what was wrong. */
static const char *
pin_words(const struct tls *t)
{
	switch (t->asked) {
	case PIN_MISSING:
		return "the token wants a PIN: set password or passwordeval";
	case PIN_WRONG:
		return "the token did not take the PIN, which is the account's password";
	case PIN_LAST_TRY:
		return "the token allows one more try before it locks itself: it is left "
		       "to you";
	case PIN_UNASKED:
	case PIN_GIVEN:
		break;
	}
	return NULL;
}

/* GnuTLS reads both, and doesn't tell which of them it couldn't. */
static bool
has_certificate(const char *file)
{
	gnutls_x509_crt_t cert;
	bool ok;

	if (!tls_is_token(file))
		return access(file, R_OK) == 0;
	if (gnutls.x509_crt_init(&cert) != GNUTLS_E_SUCCESS)
		return true;
	ok = gnutls.x509_crt_import_url(cert, file, 0) == GNUTLS_E_SUCCESS;
	gnutls.x509_crt_deinit(cert);
	return ok;
}

static bool
is_absent(int error)
{
	return error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE ||
	       error == GNUTLS_E_PKCS11_REQUESTED_OBJECT_NOT_AVAILBLE;
}

static bool
token_failed(const struct tls *t, const char *setting, const char *uri, int error,
    struct outcome *o)
{
	const char *pin = pin_words(t);
	const char *why = is_absent(error) ? "no token that is plugged in has it"
					   : gnutls.strerror(error);

	return outcome_fail(o, pin != NULL ? CAUSE_PASSWORD : CAUSE_FILE, "%s %.*s: %s",
	    setting, (int)tls_shown_length(uri), uri, pin != NULL ? pin : why);
}

static bool
own_unreadable(const struct tls *t, int error, struct outcome *o)
{
	const struct tls_settings *s = t->settings;
	const bool has_cert =
	    error == GNUTLS_E_CERTIFICATE_KEY_MISMATCH || has_certificate(s->cert_file);
	const char *setting = has_cert ? "tls_key_file" : "tls_cert_file";
	const char *file = has_cert ? s->key_file : s->cert_file;

	return tls_is_token(file) ? token_failed(t, setting, file, error, o)
				  : unreadable(setting, file, error, o);
}

bool
tls_give_own(gnutls_certificate_credentials_t cred, struct own_file cert,
    struct own_file key, int *error, struct outcome *o)
{
	struct buf cert_pem, key_pem;
	bool ok;

	buf_init(&cert_pem, OWN_MAX);
	buf_init(&key_pem, OWN_MAX);
	ok = read_file(cert.what, cert.path, &cert_pem, o) &&
	     read_file(key.what, key.path, &key_pem, o);
	if (ok) {
		const gnutls_datum_t c = datum_of(&cert_pem), k = datum_of(&key_pem);

		*error = gnutls.certificate_set_x509_key_mem(
		    cred, &c, &k, GNUTLS_X509_FMT_PEM);
	}
	buf_free_secret(&cert_pem); /* the key may be in the same file */
	buf_free_secret(&key_pem);
	return ok;
}

/* What is in a token, GnuTLS alone can get. */
static bool
give_own(struct tls *t, int *error, struct outcome *o)
{
	const struct tls_settings *s = t->settings;
	const struct own_file cert = { "tls_cert_file", s->cert_file };
	const struct own_file key = { "tls_key_file", s->key_file };

	if (!tls_is_token(cert.path) && !tls_is_token(key.path))
		return tls_give_own(t->cred, cert, key, error, o);
	*error = gnutls.certificate_set_x509_key_file(
	    t->cred, cert.path, key.path, GNUTLS_X509_FMT_PEM);
	return true;
}

static bool
load_own(struct tls *t, struct outcome *o)
{
	const struct tls_settings *s = t->settings;
	int error;

	if (s->cert_file == NULL || s->key_file == NULL)
		return true;
	gnutls.certificate_set_pin_function(t->cred, give_pin, t);
	return give_own(t, &error, o) &&
	       (error == GNUTLS_E_SUCCESS || own_unreadable(t, error, o));
}

/* What is older than tls_min_version is taken out of whatever else was asked for. */
static void
add_priorities(const struct tls_settings *s, struct buf *out)
{
	if (s->priorities == NULL)
		buf_puts(out, PRIORITIES);
	else
		buf_puts(out, s->priorities);
	if (s->priorities != NULL && s->min_version > 0)
		buf_puts(out, ":" WITHOUT_OLD);
	if (s->min_version == 13)
		buf_puts(out, ":-VERS-TLS1.2");
}

static bool
set_priorities(struct tls *t, struct outcome *o)
{
	const struct tls_settings *s = t->settings;
	const char *wrong = NULL;
	struct buf wanted;
	int error;
	bool ok;

	buf_init(&wanted, PRIORITIES_MAX);
	add_priorities(s, &wanted);
	if (s->priorities == NULL)
		error = gnutls.set_default_priority_append(
		    t->session, wanted.data, &wrong, 0);
	else
		error = gnutls.priority_set_direct(t->session, wanted.data, &wrong);
	ok = error == GNUTLS_E_SUCCESS ||
	     setup_failed("tls_priorities", wrong != NULL ? wrong : "", error, o);
	buf_free(&wanted);
	if (s->min_dh_bits > 0)
		gnutls.dh_set_prime_bits(t->session, (unsigned)s->min_dh_bits);
	return ok;
}

bool
tls_set_up(struct tls *t, struct outcome *o)
{
	int error;

	if (!gnutls_ready(o))
		return false;
	error = gnutls.global_init();
	if (error == GNUTLS_E_SUCCESS)
		error = gnutls.certificate_allocate_credentials(&t->cred);
	if (error == GNUTLS_E_SUCCESS)
		error = gnutls.init(&t->session, GNUTLS_CLIENT | GNUTLS_NONBLOCK);
	if (error == GNUTLS_E_SUCCESS)
		error =
		    gnutls.credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, t->cred);
	if (error != GNUTLS_E_SUCCESS)
		return setup_failed("GnuTLS", "", error, o);
	return set_priorities(t, o) && prepare_trust(t, o) && load_crl(t, o) &&
	       load_own(t, o);
}
