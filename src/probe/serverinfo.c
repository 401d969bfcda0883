/* SPDX-License-Identifier: ISC */
#include "probe/serverinfo.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "auth/mechanism.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/resolve.h"
#include "smtp/credentials.h"
#include "smtp/session.h"

#define NAME_WAIT_MS 2000 /* a name that only decorates is worth no more */
#define KIB 1024.0
#define MIB (1024.0 * 1024.0)

static bool
has_shaken_hands(const struct session *s)
{
	return s->tls != NULL && *tls_description(s->tls) != '\0';
}

/* What the session knows, before it is closed. */
static void
take(struct serverinfo *info, struct session *s)
{
	if (s->greeting != NULL)
		info->greeting = mem_dup(s->greeting);
	if (has_shaken_hands(s)) {
		info->tls = mem_dup(tls_description(s->tls));
		info->has_certificate = certificate_facts(s->tls, &info->certificate);
	}
	info->caps = s->caps;
	/* what was said before TLS counts only where there is none */
	info->has_caps = info->ready || (s->caps.set != 0 && !has_shaken_hands(s));
}

/* `address` is that of the server, or of the proxy, or "". */
static char *
place_of(const struct account *a, const char *address)
{
	char *name, *place;

	if (a->socket != NULL)
		return mem_dup(a->socket);
	if (a->proxy_host != NULL)
		return mem_printf("%s, port %d, through the proxy %s [%s], port %d",
		    a->host, account_port(a), a->proxy_host, address,
		    account_proxy_port(a));
	name = lookup_name(address, clock_in(NAME_WAIT_MS));
	place = mem_printf("%s (%s%s[%s]), port %d", a->host, name != NULL ? name : "",
	    name != NULL ? " " : "", address, account_port(a));
	free(name);
	return place;
}

static bool
reach(struct session *s, const struct account *a, struct password *pin,
    const struct observer *observer, struct outcome *o)
{
	*s = (struct session){ .socket = { -1 } };
	return credentials_for_tls(a, observer, pin, o) &&
	       session_reach(s, a, &pin->secret, observer, o);
}

bool
serverinfo_get(struct serverinfo *info, const struct account *a,
    const struct observer *observer, struct outcome *o)
{
	char address[sizeof((struct dialled *)NULL)->peer];
	struct password pin = { 0 };
	struct session s;

	*info = (struct serverinfo){ 0 };
	info->ready = reach(&s, a, &pin, observer, o);
	take(info, &s);
	memcpy(address, s.peer.peer, sizeof address);
	session_close(&s, info->ready || o->code != 0);
	password_free(&pin);
	if (info->ready || o->stage > STAGE_CONNECT)
		info->place = place_of(a, address);
	return info->ready;
}

void
serverinfo_free(struct serverinfo *info)
{
	free(info->place);
	free(info->greeting);
	free(info->tls);
	certificate_facts_free(&info->certificate);
	*info = (struct serverinfo){ 0 };
}

static void
add_time(struct json *j, const char *name, time_t when)
{
	char stamp[64] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &tm);
	json_text(j, name, stamp);
}

static void
add_fingerprint(struct json *j, const char *name, const struct fingerprint *f)
{
	struct buf text;

	buf_init(&text, SERVERINFO_MAX);
	fingerprint_add(&text, f);
	json_text(j, name, f->n > 0 ? text.data : NULL);
	buf_free(&text);
}

static void
add_certificate(struct json *j, const struct certificate_facts *c)
{
	json_open(j, "certificate", '{');
	json_text(j, "subject", c->subject);
	json_text(j, "issuer", c->issuer);
	json_text(j, "names", c->names);
	add_time(j, "from", c->from);
	add_time(j, "until", c->until);
	add_fingerprint(j, "sha256", &c->sha256);
	add_fingerprint(j, "pubkey_sha256", &c->pubkey);
	json_close(j, '}');
}

void
serverinfo_add(const struct serverinfo *info, struct json *j)
{
	struct buf names;

	json_text(j, "place", info->place);
	json_text(j, "greeting", info->greeting);
	json_text(j, "tls", info->tls);
	if (info->has_certificate)
		add_certificate(j, &info->certificate);
	json_flag(j, "ready", info->ready);
	if (!info->has_caps)
		return;
	buf_init(&names, SERVERINFO_MAX);
	caps_names(&info->caps, &names);
	json_text(j, "extensions", names.data);
	buf_free(&names);
	json_number(j, "size", (int64_t)info->caps.size);
	json_text(j, "auth", info->caps.auth);
}

static void
show_greeting(const char *greeting, struct buf *out)
{
	struct span text = span_of(greeting), line = { "", 0 };

	do {
		(void)span_cut(&text, '\n', &line);
		buf_printf(out, "    %.*s\n", (int)line.n, line.p);
	} while (text.n > 0);
}

static void
show_time(const char *label, time_t when, struct buf *out)
{
	char stamp[64] = "?";
	struct tm tm;

	if (gmtime_r(&when, &tm) != NULL)
		(void)strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S UTC", &tm);
	buf_printf(out, "        %s: %s\n", label, stamp);
}

static void
show_fingerprint(const char *label, const struct fingerprint *f, struct buf *out)
{
	if (f->n == 0)
		return;
	buf_printf(out, "        %s: ", label);
	fingerprint_add(out, f);
	buf_puts(out, "\n");
}

static void
show_text(const char *label, const char *text, struct buf *out)
{
	buf_printf(out, "    %s:\n        %s\n", label, text != NULL ? text : "(none)");
}

static void
show_certificate(const struct certificate_facts *c, struct buf *out)
{
	buf_puts(out, "TLS certificate information:\n");
	show_text("Subject", c->subject, out);
	show_text("Issuer", c->issuer, out);
	buf_puts(out, "    Validity:\n");
	show_time("Activation time", c->from, out);
	show_time("Expiration time", c->until, out);
	buf_puts(out, "    Fingerprints:\n");
	show_fingerprint("SHA256", &c->sha256, out);
	show_fingerprint("SHA1 (deprecated)", &c->sha1, out);
	show_fingerprint("SHA256 of the public key", &c->pubkey, out);
	show_text("Names", c->names, out);
}

static void
show_size(const struct caps *c, struct buf *out)
{
	double size = (double)c->size;

	if (c->size == 0) {
		buf_puts(out, "    SIZE 0:\n        Maximum message size is unlimited\n");
		return;
	}
	buf_printf(out,
	    "    SIZE %" PRIu64 ":\n        Maximum message size is %" PRIu64 " bytes",
	    c->size, c->size);
	if (size >= MIB)
		buf_printf(out, " = %.2f MiB", size / MIB);
	else if (size >= KIB)
		buf_printf(out, " = %.2f KiB", size / KIB);
	buf_puts(out, "\n");
}

static void
show_limits(const struct caps *c, struct buf *out)
{
	buf_puts(out, "    LIMITS:\n");
	if (c->mail_max > 0)
		buf_printf(
		    out, "        At most %u messages in one session\n", c->mail_max);
	if (c->rcpt_max > 0)
		buf_printf(out, "        At most %u recipients at a time\n", c->rcpt_max);
	if (c->mail_max == 0 && c->rcpt_max == 0)
		buf_puts(out, "        None that matters here\n");
}

/* Those methods that we know, and those that we don't. */
static void
show_auth(const struct caps *c, struct buf *out)
{
	struct span list = span_of(c->auth), name;
	struct buf others;

	buf_init(&others, CAPS_AUTH_MAX * 2);
	buf_puts(out, "    AUTH:\n        Supported authentication methods:\n        ");
	while (span_cut(&list, ' ', &name)) {
		struct buf *to = mechanism_find(name) != NULL ? out : &others;

		buf_add_span(to, name);
		buf_addc(to, ' ');
	}
	buf_puts(out, "\n");
	if (others.len > 0)
		buf_printf(out, "        Methods that are not known here:\n        %s\n",
		    others.data);
	buf_free(&others);
}

static void
show_caps(const struct caps *c, struct buf *out)
{
	static const struct {
		enum cap cap;
		const char *keyword, *words;
		void (*show)(const struct caps *c, struct buf *out);
	} rows[] = {
		{ CAP_SIZE, NULL, NULL, show_size },
		{ CAP_PIPELINING, "PIPELINING",
		    "Support for command grouping for faster transmission", NULL },
		{ CAP_SMTPUTF8, "SMTPUTF8", "Support for addresses outside ASCII", NULL },
		{ CAP_ETRN, "ETRN", "Support for RMQS (Remote Message Queue Starting)",
		    NULL },
		{ CAP_DSN, "DSN", "Support for Delivery Status Notifications", NULL },
		{ CAP_STARTTLS, "STARTTLS",
		    "Support for TLS encryption via the STARTTLS command", NULL },
		{ CAP_AUTH, NULL, NULL, show_auth },
		{ CAP_8BITMIME, "8BITMIME", "Support for text of 8 bits", NULL },
		{ CAP_CHUNKING, "CHUNKING", "Support for messages sent in chunks (BDAT)",
		    NULL },
		{ CAP_LIMITS, NULL, NULL, show_limits },
		{ CAP_ENHANCED, "ENHANCEDSTATUSCODES",
		    "Support for status codes that say more (RFC 2034)", NULL },
	};

	buf_puts(out, c->set != 0 ? "Capabilities:\n" : "No special capabilities.\n");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!caps_have(c, rows[i].cap))
			continue;
		if (rows[i].show != NULL)
			rows[i].show(c, out);
		else
			buf_printf(
			    out, "    %s:\n        %s\n", rows[i].keyword, rows[i].words);
	}
}

/* What in the account doesn't fit what the server shows, though the session came about.
 */
static void
show_advice(const struct serverinfo *info, const struct account *a, struct buf *out)
{
	const bool starttls = caps_have(&info->caps, CAP_STARTTLS);
	const bool clear = starttls && !a->tls;
	const struct {
		bool applies;
		const char *words;
	} rows[] = {
		{ clear,
		    "The server offers TLS, and this account does without: everybody on "
		    "the way can\n    read mail and password. To encrypt, write: tls "
		    "on" },
		{ clear, "With TLS the server may offer more, sign-in above all." },
		{ a->auth != AUTH_OFF && !caps_have(&info->caps, CAP_AUTH) && !clear,
		    "The server offers no sign-in, and this account asks for one: auth "
		    "off, or another\n    port: providers take mail from their users on "
		    "587 or 465" },
		{ a->tls && !a->tls_settings.check,
		    "The certificate was not checked: tls_certcheck is off, so this may "
		    "be anybody" },
	};
	const char *head = "Advice:\n";

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!rows[i].applies)
			continue;
		buf_printf(out, "%s    %s\n", head, rows[i].words);
		head = "";
	}
}

void
serverinfo_show(const struct serverinfo *info, const struct account *a, struct buf *out)
{
	if (info->place == NULL)
		return;
	buf_printf(out, "%s server at %s:\n",
	    a->protocol == PROTOCOL_LMTP ? "LMTP" : "SMTP", info->place);
	if (info->greeting != NULL)
		show_greeting(info->greeting, out);
	if (info->tls != NULL)
		buf_printf(out, "TLS session parameters:\n    %s\n", info->tls);
	if (info->has_certificate)
		show_certificate(&info->certificate, out);
	if (info->has_caps)
		show_caps(&info->caps, out);
	if (info->ready)
		show_advice(info, a, out);
}
