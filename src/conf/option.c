/* SPDX-License-Identifier: ISC */
#include "conf/option.h"

#include <string.h>
#include <syslog.h>

#include "base/near.h"
#include "conf/type.h"
#include "mail/compose.h"
#include "mail/envelope.h"

#define AT(member) offsetof(struct account, member)
#define SHOWN_MAX 100 /* bytes of a wrong value that are shown */

static const struct choice protocols[] = {
	{ "smtp", NULL, PROTOCOL_SMTP },
	{ "lmtp", NULL, PROTOCOL_LMTP },
	{ NULL, NULL, 0 },
};

/* Every method that auth/ knows stands here too. */
static const struct choice auth_methods[] = {
	{ "off", "none", AUTH_OFF },
	{ "on", "choose", AUTH_CHOOSE },
	{ "plain", "PLAIN", AUTH_METHOD },
	{ "login", "LOGIN", AUTH_METHOD + 1 },
	{ "cram-md5", "CRAM-MD5", AUTH_METHOD + 2 },
	{ "digest-md5", "DIGEST-MD5", AUTH_METHOD + 3 },
	{ "scram-sha-1", "SCRAM-SHA-1", AUTH_METHOD + 4 },
	{ "scram-sha-1-plus", "SCRAM-SHA-1-PLUS", AUTH_METHOD + 5 },
	{ "scram-sha-256", "SCRAM-SHA-256", AUTH_METHOD + 6 },
	{ "scram-sha-256-plus", "SCRAM-SHA-256-PLUS", AUTH_METHOD + 7 },
	{ "external", "EXTERNAL", AUTH_METHOD + 8 },
	{ "gssapi", "GSSAPI", AUTH_METHOD + 9 },
	{ "ntlm", "NTLM", AUTH_METHOD + 10 },
	{ "oauthbearer", "OAUTHBEARER", AUTH_METHOD + 11 },
	{ "xoauth2", "XOAUTH2", AUTH_METHOD + 12 },
	{ NULL, NULL, 0 },
};

static const struct choice auto_on_off[] = {
	{ "auto", NULL, SET_AUTO },
	{ "on", NULL, SET_ON },
	{ "off", NULL, SET_OFF },
	{ NULL, NULL, 0 },
};

static const struct choice auto_off[] = {
	{ "auto", NULL, SET_AUTO },
	{ "off", NULL, SET_OFF },
	{ NULL, NULL, 0 },
};

static const struct choice notices[] = {
	{ "off", "", NOTIFY_UNSET },
	{ "never", "NEVER", NOTIFY_NEVER },
	{ "failure", "FAILURE", NOTIFY_FAILURE },
	{ "delay", "DELAY", NOTIFY_DELAY },
	{ "success", "SUCCESS", NOTIFY_SUCCESS },
	{ NULL, NULL, 0 },
};

static const struct choice returns[] = {
	{ "off", "", RET_UNSET },
	{ "headers", "HDRS", RET_HDRS },
	{ "hdrs", "HDRS", RET_HDRS },
	{ "full", "FULL", RET_FULL },
	{ NULL, NULL, 0 },
};

static const struct choice facilities[] = {
	{ "off", "", 0 },
	{ "LOG_USER", NULL, LOG_USER },
	{ "on", NULL, LOG_USER },
	{ "LOG_MAIL", NULL, LOG_MAIL },
	{ "LOG_LOCAL0", NULL, LOG_LOCAL0 },
	{ "LOG_LOCAL1", NULL, LOG_LOCAL1 },
	{ "LOG_LOCAL2", NULL, LOG_LOCAL2 },
	{ "LOG_LOCAL3", NULL, LOG_LOCAL3 },
	{ "LOG_LOCAL4", NULL, LOG_LOCAL4 },
	{ "LOG_LOCAL5", NULL, LOG_LOCAL5 },
	{ "LOG_LOCAL6", NULL, LOG_LOCAL6 },
	{ "LOG_LOCAL7", NULL, LOG_LOCAL7 },
	{ NULL, NULL, 0 },
};

/* In the order in which --print-config shows them. */
/* clang-format off */
const struct option_row options[] = {
	{ "host", 0, &type_text, AT(host), NULL, NULL, NULL, 0,
	    "NAME", "the server: a name or an IP address" },
	{ "port", 0, &type_port, AT(port), NULL, NULL, NULL, 0,
	    "1..65535", "the server's port; default 465 for TLS from the start, else 25" },
	{ "source_ip", 0, &type_text, AT(source_ip), NULL, NULL, "", OPTION_SPACED,
	    "ADDRESS", "the local IP address to connect from" },
	{ "timeout", 0, &type_seconds, AT(timeout), NULL, "off", NULL, 0,
	    "off or SECONDS", "the most that any one wait may take; off: the limits of RFC 5321" },
	{ "protocol", 0, &type_word, AT(protocol), protocols, "smtp", NULL, 0,
	    "smtp or lmtp", "what the server speaks" },
	{ "domain", 0, &type_text, AT(domain), NULL, "localhost", "", 0,
	    "NAME", "the name of this machine in EHLO" },
	{ "auth", 0, &type_word, AT(auth), auth_methods, "off", "on", 0,
	    "on, off or a method", "sign in; on: with the strongest method that the server offers" },
	{ "user", 0, &type_text, AT(user), NULL, NULL, "", 0,
	    "NAME", "who to sign in as" },
	{ "password", 0, &type_secret, AT(password), NULL, NULL, "", OPTION_FILE_ONLY,
	    "SECRET", "the password, or the OAuth token" },
	{ "passwordeval", 0, &type_text, AT(passwordeval), NULL, NULL, "", 0,
	    "COMMAND", "a command whose first line of output is the password" },
	{ "tls", 0, &type_switch, AT(tls), NULL, "off", "on", 0,
	    "on or off", "encrypt the connection, and make sure who the server is" },
	{ "tls_starttls", 0, &type_switch, AT(starttls), NULL, "on", "on", 0,
	    "on or off", "start in plain text and switch to TLS; off: TLS from the start" },
	{ "tls_trust_file", 0, &type_path, AT(tls_settings.trust_file), NULL, "system", "", 0,
	    "FILE or system", "the CA certificates to trust" },
	{ "tls_crl_file", 0, &type_path, AT(tls_settings.crl_file), NULL, NULL, "", 0,
	    "FILE", "a list of revoked certificates" },
	{ "tls_fingerprint", 0, &type_fingerprint, AT(tls_settings.fingerprint), NULL, NULL, "", 0,
	    "32 hexadecimal pairs", "accept this certificate only, whoever signed it (SHA-256)" },
	{ "tls_key_file", 0, &type_path, AT(tls_settings.key_file), NULL, NULL, "", 0,
	    "FILE", "our private key, with tls_cert_file" },
	{ "tls_cert_file", 0, &type_path, AT(tls_settings.cert_file), NULL, NULL, "", 0,
	    "FILE", "our certificate, with tls_key_file" },
	{ "tls_certcheck", 0, &type_switch, AT(tls_settings.check), NULL, "on", "on", 0,
	    "on or off", "off: accept any certificate, and so anybody" },
	{ "tls_priorities", 0, &type_text, AT(tls_settings.priorities), NULL, NULL, "", 0,
	    "STRING", "GnuTLS's priority string" },
	{ "tls_host_override", 0, &type_text, AT(tls_settings.host_override), NULL, NULL, "", 0,
	    "NAME", "the name to expect in the certificate in place of host" },
	{ "maildomain", 0, &type_text, AT(maildomain), NULL, NULL, "", 0,
	    "DOMAIN", "the domain of local addresses; with it, from may be left out" },
	{ "from", 'f', &type_text, AT(from), NULL, NULL, "", 0,
	    "ADDRESS", "the envelope's sender" },
	{ "from_full_name", 'F', &type_text, AT(from_full_name), NULL, NULL, "", 0,
	    "NAME", "the name for a From header that is added" },
	{ "set_from_header", 0, &type_word, AT(set_from_header), auto_on_off, "auto", "auto", 0,
	    "auto, on or off", "add a From header; auto: where there is none; on: replace it" },
	{ "set_date_header", 0, &type_word, AT(set_date_header), auto_off, "auto", "auto", 0,
	    "auto or off", "add a Date header where there is none" },
	{ "set_msgid_header", 0, &type_word, AT(set_msgid_header), auto_off, "auto", "auto", 0,
	    "auto or off", "add a Message-ID header where there is none" },
	{ "remove_bcc_headers", 0, &type_switch, AT(remove_bcc_headers), NULL, "on", "on", 0,
	    "on or off", "remove Bcc and Resent-Bcc headers" },
	{ "dsn_notify", 'N', &type_words, AT(dsn_notify), notices, "off", NULL, 0,
	    "off, never, or a list of failure, delay, success", "when to get a delivery notice" },
	{ "dsn_return", 'R', &type_word, AT(dsn_return), returns, "off", NULL, 0,
	    "off, headers or full", "how much of the mail a delivery notice carries" },
	{ "logfile", 'X', &type_path, AT(logfile), NULL, NULL, "", 0,
	    "FILE or -", "append a line about each mail; -: standard output" },
	{ "syslog", 0, &type_word, AT(syslog), facilities, "off", "on", 0,
	    "on, off or a facility", "send a line about each mail to syslog" },
};
/* clang-format on */
const size_t option_count = sizeof options / sizeof options[0];

const struct option_row *
option_find(struct span name)
{
	for (size_t i = 0; i < option_count; i++)
		if (span_is(name, options[i].name))
			return &options[i];
	return NULL;
}

void *
option_place(struct account *a, const struct option_row *row)
{
	return (char *)a + row->offset;
}

static const void *
place_of(const struct account *a, const struct option_row *row)
{
	return (const char *)a + row->offset;
}

static bool
wrong_value(
    const struct option_row *row, struct span value, enum cause cause, struct outcome *o)
{
	struct near near = near_start(value);
	int shown = (int)(value.n < SHOWN_MAX ? value.n : SHOWN_MAX);

	for (const struct choice *c = row->choices; c != NULL && c->word != NULL; c++)
		near_try(&near, c->word);
	if (row->type == &type_secret)
		return outcome_fail(
		    o, cause, "%s is longer than %d bytes", row->name, SECRET_MAX);
	return outcome_fail(o, cause,
	    "invalid argument %.*s for command %s, which takes %s%s%s%s", shown, value.p,
	    row->name, row->takes, near.best != NULL ? "; did you mean \"" : "",
	    near.best != NULL ? near.best : "", near.best != NULL ? "\"?" : "");
}

bool
option_set(struct account *a, const struct option_row *row, struct span value,
    struct origin origin, enum cause cause, struct outcome *o)
{
	void *place = option_place(a, row);

	if (value.n == 0 && row->bare == NULL)
		return outcome_fail(
		    o, cause, "command %s needs an argument: %s", row->name, row->takes);
	if (value.n == 0)
		value = span_of(row->bare);
	if (!row->type->store(row, value, place))
		return wrong_value(row, value, cause, o);
	a->origin[row - options] = origin;
	return true;
}

struct origin
option_origin(const struct account *a, const struct option_row *row)
{
	return a->origin[row - options];
}

void
option_show(const struct account *a, const struct option_row *row, struct buf *out)
{
	row->type->show(row, place_of(a, row), out);
}
