/* SPDX-License-Identifier: ISC */
#include "conf/account.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/span.h"
#include "conf/host.h"
#include "conf/option.h"
#include "conf/slip.h"

#define SMTP_PORT 25   /* RFC 5321 */
#define SMTPS_PORT 465 /* RFC 8314 */
#define SOCKS_PORT 1080

static struct account *
account_bare(const char *name)
{
	struct account *a = mem_new(sizeof *a);

	a->name = mem_dup(name);
	a->origin = mem_new(option_count * sizeof *a->origin);
	return a;
}

struct account *
account_new(const char *name)
{
	struct account *a = account_bare(name);

	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &options[i];

		bool ok =
		    row->fallback == NULL ||
		    row->type->store(row, span_of(row->fallback), option_place(a, row));

		assert(ok);
	}
	return a;
}

void
account_free(struct account *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < option_count; i++)
		options[i].type->clear(option_place(a, &options[i]));
	free(a->origin);
	free(a->name);
	free(a->parent);
	free(a->hosts);
	free(a);
}

static void
copy(struct account *a, const struct account *from, size_t i, bool given)
{
	options[i].type->copy(
	    option_place(a, &options[i]), (const char *)from + options[i].offset);
	a->origin[i] = from->origin[i];
	a->origin[i].given = given;
}

struct account *
account_like(const struct account *defaults, const char *name)
{
	struct account *a = account_bare(name);

	for (size_t i = 0; i < option_count; i++)
		copy(a, defaults, i, false);
	return a;
}

struct account *
account_copy(const struct account *from, const char *file)
{
	struct account *a = account_bare(from->name);

	for (size_t i = 0; i < option_count; i++)
		copy(a, from, i, from->origin[i].given);
	a->parent = from->parent != NULL ? mem_dup(from->parent) : NULL;
	a->file = file;
	return a;
}

void
account_inherit(struct account *a, const struct account *from)
{
	for (size_t i = 0; i < option_count; i++)
		if (from->origin[i].given)
			copy(a, from, i, true);
}

void
account_complete(struct account *a, const struct account *from, const char *prefix)
{
	for (size_t i = 0; i < option_count; i++)
		if (a->origin[i].file == NULL &&
		    span_starts_nocase(span_of(options[i].name), prefix))
			copy(a, from, i, false);
}

const char *
account_label(const struct account *a)
{
	return a->parent != NULL && strcmp(a->name, "default") == 0 ? a->parent : a->name;
}

static const char separators[] = ", \t"; /* between hosts */

void
hosts_begin(struct hosts *h, struct account *a)
{
	if (a->hosts == NULL && a->host != NULL)
		a->hosts = mem_dup(a->host);
	h->all = a->socket == NULL && a->hosts != NULL ? mem_dup(a->hosts) : NULL;
	h->rest = h->all;
}

void
hosts_next(struct hosts *h, struct account *a)
{
	char *host = h->rest;

	if (host == NULL)
		return;
	host += strspn(host, separators);
	h->rest = host + strcspn(host, separators);
	free(a->host);
	a->host = mem_dup_bytes(host, (size_t)(h->rest - host));
	h->rest += strspn(h->rest, separators);
	if (*h->rest == '\0')
		h->rest = NULL;
}

bool
hosts_left(const struct hosts *h)
{
	return h->rest != NULL;
}

void
hosts_end(struct hosts *h)
{
	free(h->all);
	*h = (struct hosts){ NULL, NULL };
}

char *
account_first_host(const struct account *a)
{
	const char *host = a->host;

	if (host == NULL)
		return NULL;
	host += strspn(host, separators);
	return mem_dup_bytes(host, strcspn(host, separators));
}

int
account_port(const struct account *a)
{
	if (a->port != 0 || a->protocol == PROTOCOL_LMTP)
		return a->port;
	return a->tls && !a->starttls ? SMTPS_PORT : SMTP_PORT;
}

int
account_proxy_port(const struct account *a)
{
	return a->proxy_port == 0 && a->proxy_host != NULL ? SOCKS_PORT : a->proxy_port;
}

const char *
account_server(const struct account *a)
{
	if (a->host == NULL && a->protocol == PROTOCOL_CATCH)
		return "localhost";
	if (a->host != NULL || a->socket == NULL)
		return a->host;
	return a->tls_settings.host_override != NULL ? a->tls_settings.host_override
						     : "localhost";
}

void
account_place(const struct account *a, struct buf *out)
{
	if (a->protocol == PROTOCOL_CATCH || a->socket != NULL) {
		buf_puts(out, a->protocol == PROTOCOL_CATCH ? a->catch_to : a->socket);
		return;
	}
	buf_printf(out, "%s:%d", a->host, account_port(a));
	if (a->proxy_host != NULL)
		buf_printf(out, " through the proxy %s:%d", a->proxy_host,
		    account_proxy_port(a));
}

const char *
account_domain(const struct account *a)
{
	return a->domain != NULL ? a->domain : "localhost";
}

const char *
account_auth_method(const struct account *a)
{
	const struct option_row *row = option_find(span_of("auth"));

	for (const struct choice *c = row->choices; c->word != NULL; c++)
		if (c->value == a->auth && a->auth >= AUTH_METHOD)
			return c->shown;
	return NULL;
}

bool
account_complain(
    const struct account *a, const char *setting, const char *what, struct outcome *o)
{
	struct origin from = { NULL, 0, false };

	if (setting != NULL)
		from = option_origin(a, option_find(span_of(setting)));
	if (from.line > 0)
		return outcome_fail(
		    o, CAUSE_CONFIG, "%s:%d: %s", from.file, from.line, what);
	if (from.file != NULL)
		return outcome_fail(o, CAUSE_CONFIG, "%s: %s", from.file, what);
	if (a->file != NULL)
		return outcome_fail(
		    o, CAUSE_CONFIG, "account %s from %s: %s", a->name, a->file, what);
	return outcome_fail(o, CAUSE_CONFIG, "%s", what);
}

/* Which no default can stand in for. */
static bool
complain_of_no_host(const struct account *a, struct outcome *o)
{
	(void)account_complain(a, NULL, "host not set", o);
	outcome_refine(o, o->cause, NULL,
	    "in that account, name the server that the provider has for outgoing mail "
	    "(SMTP), such as:");
	return outcome_offer(o, "host", "mail.example.org");
}

/* A socket stands for all that says where a server is; but TLS needs to know who it is.
 */
static bool
check_socket(const struct account *a, struct outcome *o)
{
	if (a->host != NULL && strpbrk(a->host, ", \t") != NULL)
		return account_complain(a, "host",
		    "host must be one name, and no list, where socket is set", o);
	return a->host != NULL || !a->tls || a->tls_settings.host_override != NULL ||
	       account_complain(a, "tls",
		   "host not set: tls over a socket needs host or tls_host_override, for "
		   "the name in the certificate",
		   o);
}

static bool
check_server(const struct account *a, struct outcome *o)
{
	if (a->protocol == PROTOCOL_CATCH)
		return true;
	if (!host_check(a, o))
		return false;
	if (a->socket != NULL)
		return check_socket(a, o);
	if (a->host == NULL)
		return complain_of_no_host(a, o);
	if (a->host[strspn(a->host, ", \t")] == '\0')
		return account_complain(a, "host", "host is an empty list", o);
	if (account_port(a) == 0)
		return account_complain(
		    a, "protocol", "port not set: LMTP has no usual port", o);
	return host_check_proxy(a, o);
}

static bool
check_tls(const struct account *a, struct outcome *o)
{
	const struct tls_settings *t = &a->tls_settings;

	if (t->key_file != NULL && t->cert_file == NULL)
		return account_complain(
		    a, "tls_key_file", "tls_key_file requires tls_cert_file", o);
	if (t->cert_file != NULL && t->key_file == NULL)
		return account_complain(
		    a, "tls_cert_file", "tls_cert_file requires tls_key_file", o);
	if (t->crl_file != NULL && t->trust_file == NULL)
		return account_complain(
		    a, "tls_crl_file", "tls_crl_file requires tls_trust_file", o);
	if (a->tls && t->check && t->trust_file == NULL && t->fingerprint.n == 0 &&
	    t->pubkey_fingerprint.n == 0)
		return account_complain(a, "tls_trust_file",
		    "tls has nothing to trust: tls_trust_file is empty (remove that "
		    "line, or write "
		    "\"tls_trust_file system\")",
		    o);
	return true;
}

bool
account_check(const struct account *a, struct outcome *o)
{
	if (!slip_check(a, o) || !check_server(a, o))
		return false;
	if (strpbrk(account_domain(a), " \t<>") != NULL)
		return account_complain(
		    a, "domain", "domain must be a name: it stands in EHLO", o);
	return check_tls(a, o);
}
