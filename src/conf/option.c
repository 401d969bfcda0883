/* SPDX-License-Identifier: ISC */
#include "conf/option.h"

#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "base/mem.h"
#include "base/near.h"
#include "conf/slip.h"
#include "conf/type.h"
#include "mail/compose.h"
#include "mail/envelope.h"

#define AT(member) offsetof(struct account, member)
#define SHOWN_MAX 100 /* bytes of a wrong value that are shown */
#define WORDS_MAX 1024

static const struct choice protocols[] = {
	{ "smtp", NULL, PROTOCOL_SMTP },
	{ "lmtp", NULL, PROTOCOL_LMTP },
	{ "catch", NULL, PROTOCOL_CATCH },
	{ NULL, NULL, 0 },
};

static const struct choice listen_protocols[] = {
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

static const struct choice to_headers[] = {
	{ "off", NULL, TO_OFF },
	{ "on", NULL, TO_ON },
	{ "undisclosed_recipients", NULL, TO_UNDISCLOSED },
	{ NULL, NULL, 0 },
};

static const struct choice rewritings[] = {
	{ "off", NULL, REWRITE_OFF },
	{ "auto", NULL, REWRITE_AUTO },
	{ "always", NULL, REWRITE_ALWAYS },
	{ NULL, NULL, 0 },
};

static const struct choice repairs[] = {
	{ "auto", NULL, REPAIR_AUTO },
	{ "on", NULL, REPAIR_ALL },
	{ "off", NULL, 0 },
	{ "mime", NULL, REPAIR_MIME },
	{ "headers", NULL, REPAIR_HEADERS },
	{ "addresses", NULL, REPAIR_ADDRESSES },
	{ "trace", NULL, REPAIR_TRACE },
	{ NULL, NULL, 0 },
};

static const struct choice queue_policies[] = {
	{ "off", NULL, QUEUE_OFF },
	{ "on_failure", NULL, QUEUE_ON_FAILURE },
	{ "always", NULL, QUEUE_ALWAYS },
	{ NULL, NULL, 0 },
};

static const struct choice tls_versions[] = {
	{ "1.2", NULL, 12 },
	{ "1.3", NULL, 13 },
	{ "", NULL, 0 },
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

static const struct choice catch_formats[] = {
	{ "frame", NULL, CATCH_FRAME },
	{ "python", NULL, CATCH_PYTHON },
	{ "raw", NULL, CATCH_RAW },
	{ "summary", NULL, CATCH_SUMMARY },
	{ "json", NULL, CATCH_JSON },
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
	{ "host", &type_text, AT(host), NULL, NULL, NULL,
	    "NAME", "the server: a name or an IP address; or a list, to be tried in turn", 0, 0 },
	{ "port", &type_port, AT(port), NULL, NULL, NULL,
	    "1..65535", "the server's port; default 465 for TLS from the start, else 25", 0, 0 },
	{ "source_ip", &type_text, AT(source_ip), NULL, NULL, "",
	    "ADDRESS", "the IP address of this machine to connect from", OPTION_SPACED, 0 },
	{ "proxy_host", &type_text, AT(proxy_host), NULL, NULL, "",
	    "NAME", "a SOCKS5 proxy to connect through", OPTION_SPACED, 0 },
	{ "proxy_port", &type_port, AT(proxy_port), NULL, NULL, "",
	    "1..65535", "the proxy's port; default 1080", OPTION_SPACED, 0 },
	{ "socket", &type_path, AT(socket), NULL, NULL, "",
	    "PATH", "the server's Unix socket, in place of host and port", 0, 0 },
	{ "timeout", &type_seconds, AT(timeouts.any), NULL, "off", NULL,
	    "off or SECONDS", "the most that any one wait may take; off: only the limits below", 0, 0 },
	{ "timeout_connect", &type_wait, AT(timeouts.connect), NULL, "10", NULL,
	    "SECONDS", "the most that connecting may take; default 10", OPTION_OWN, 0 },
	{ "timeout_greeting", &type_wait, AT(timeouts.greeting), NULL, "30", NULL,
	    "SECONDS", "the most that the server's greeting may take; default 30", OPTION_OWN, 0 },
	{ "timeout_tls", &type_wait, AT(timeouts.tls), NULL, "30", NULL,
	    "SECONDS", "the most that starting TLS may take; default 30", OPTION_OWN, 0 },
	{ "timeout_command", &type_wait, AT(timeouts.command), NULL, "300", NULL,
	    "SECONDS", "the most that the reply to a command may take; default 300", OPTION_OWN, 0 },
	{ "timeout_data", &type_wait, AT(timeouts.data), NULL, "180", NULL,
	    "SECONDS", "the most that sending a piece of the mail may take; default 180", OPTION_OWN, 0 },
	{ "timeout_final", &type_wait, AT(timeouts.final), NULL, "600", NULL,
	    "SECONDS", "the most that the reply to the whole mail may take; default 600", OPTION_OWN, 0 },
	{ "protocol", &type_word, AT(protocol), protocols, "smtp", NULL,
	    "smtp, lmtp or catch", "what the server speaks; catch: there is none, see catch_to", 0, 0 },
	{ "domain", &type_text, AT(domain), NULL, "localhost", "",
	    "NAME", "the name of this machine, as told to the server; default localhost", 0, 0 },
	{ "auth", &type_word, AT(auth), auth_methods, "off", "on",
	    "on, off or METHOD", "sign in; on: with the strongest method that the server offers", 0, 0 },
	{ "user", &type_text, AT(user), NULL, NULL, "",
	    "NAME", "who to sign in as", 0, 0 },
	{ "password", &type_secret, AT(password), NULL, NULL, "",
	    "SECRET", "the password, or the OAuth token", OPTION_FILE_ONLY | OPTION_OWN, 0 },
	{ "passwordeval", &type_text, AT(passwordeval), NULL, NULL, "",
	    "COMMAND", "a command whose first line of output is the password", 0, 0 },
	{ "password_file", &type_path, AT(password_file), NULL, NULL, "",
	    "FILE", "a file whose first line is the password", OPTION_OWN, 0 },
	{ "ntlmdomain", &type_text, AT(ntlmdomain), NULL, NULL, "",
	    "DOMAIN", "the Windows domain of user, for auth ntlm", OPTION_OWN, 0 },
	{ "tls", &type_switch, AT(tls), NULL, "off", "on",
	    "on or off", "encrypt the connection, and make sure who the server is", 0, 0 },
	{ "tls_starttls", &type_switch, AT(starttls), NULL, "on", "on",
	    "on or off", "start in plain text and switch to TLS; off: TLS from the start", 0, 0 },
	{ "tls_trust_file", &type_path, AT(tls_settings.trust_file), NULL, "system", "",
	    "FILE or system", "the CA certificates to trust", 0, 0 },
	{ "tls_crl_file", &type_path, AT(tls_settings.crl_file), NULL, NULL, "",
	    "FILE", "a list of revoked certificates", 0, 0 },
	{ "tls_fingerprint", &type_fingerprint, AT(tls_settings.fingerprint), NULL, NULL, "",
	    "32 hexadecimal pairs", "accept this certificate only, whoever signed it (SHA-256)", 0, 0 },
	{ "tls_pubkey_fingerprint", &type_sha256, AT(tls_settings.pubkey_fingerprint), NULL, NULL, "",
	    "32 hexadecimal pairs", "accept certificates of this public key only (SHA-256)", OPTION_OWN, 0 },
	{ "tls_key_file", &type_token, AT(tls_settings.key_file), NULL, NULL, "",
	    "FILE or pkcs11:URI", "our private key, with tls_cert_file", 0, 0 },
	{ "tls_cert_file", &type_token, AT(tls_settings.cert_file), NULL, NULL, "",
	    "FILE or pkcs11:URI", "our certificate, with tls_key_file", 0, 0 },
	{ "tls_certcheck", &type_switch, AT(tls_settings.check), NULL, "on", "on",
	    "on or off", "off: accept any certificate, and so anybody who poses as the server", 0, 0 },
	{ "tls_min_dh_prime_bits", &type_count, AT(tls_settings.min_dh_bits), NULL, NULL, "",
	    "BITS", "the smallest Diffie-Hellman prime to accept (TLS 1.2)", 0, 0 },
	{ "tls_min_version", &type_word, AT(tls_settings.min_version), tls_versions, NULL, "",
	    "1.2 or 1.3", "the oldest TLS version to accept; default 1.2", OPTION_OWN, 0 },
	{ "tls_priorities", &type_text, AT(tls_settings.priorities), NULL, NULL, "",
	    "STRING", "GnuTLS's priority string", 0, 0 },
	{ "tls_host_override", &type_text, AT(tls_settings.host_override), NULL, NULL, "",
	    "NAME", "the name to expect in the certificate in place of host", 0, 0 },
	{ "auto_from", &type_switch, AT(auto_from), NULL, "off", "on",
	    "on or off", "the sender is the login name at maildomain", OPTION_MAIL, 0 },
	{ "maildomain", &type_text, AT(maildomain), NULL, NULL, "",
	    "DOMAIN", "the domain of local addresses; with it, from may be left out", OPTION_MAIL, 0 },
	{ "from", &type_text, AT(from), NULL, NULL, "",
	    "ADDRESS", "the sender, who hears of trouble; in files, also a list with patterns", OPTION_MAIL, 'f' },
	{ "from_full_name", &type_text, AT(from_full_name), NULL, NULL, "",
	    "NAME", "the name for a From header that is added", OPTION_MAIL | OPTION_OWN, 'F' },
	{ "allow_from_override", &type_switch, AT(allow_from_override), NULL, "on", NULL,
	    "on or off", "let -f and --read-envelope-from change the sender", OPTION_MAIL | OPTION_OWN, 0 },
	{ "from_rewrite", &type_word, AT(from_rewrite), rewritings, "off", NULL,
	    "off, auto or always", "replace the address in From by the account's; auto: only a local one", OPTION_MAIL | OPTION_OWN, 0 },
	{ "from_allow", &type_text, AT(from_allow), NULL, NULL, "",
	    "ADDRESSES or patterns", "senders that from_rewrite leaves alone", OPTION_MAIL | OPTION_OWN, 0 },
	{ "set_from_header", &type_word, AT(set_from_header), auto_on_off, "auto", "auto",
	    "auto, on or off", "add a From header; auto: where there is none; on: in place of what is there", OPTION_MAIL, 0 },
	{ "set_date_header", &type_word, AT(set_date_header), auto_off, "auto", "auto",
	    "auto or off", "add a Date header where there is none", OPTION_MAIL, 0 },
	{ "set_msgid_header", &type_word, AT(set_msgid_header), auto_off, "auto", "auto",
	    "auto or off", "add a Message-ID header where there is none", OPTION_MAIL, 0 },
	{ "set_to_header", &type_word, AT(set_to_header), to_headers, "off", "on",
	    "on, off or undisclosed_recipients", "replace To, Cc and Bcc by the recipients, or hide them", OPTION_MAIL, 0 },
	{ "remove_bcc_headers", &type_switch, AT(remove_bcc_headers), NULL, "on", "on",
	    "on or off", "remove Bcc and Resent-Bcc headers", OPTION_MAIL, 0 },
	{ "repair", &type_words, AT(repair), repairs, "auto", "on",
	    "auto, on, off, or a list of mime, headers, addresses, trace", "make mails fit for the way; auto: as sendmail", OPTION_MAIL, 0 },
	{ "dsn_notify", &type_words, AT(dsn_notify), notices, "off", NULL,
	    "off, never, or a list of failure, delay, success", "when to get a delivery notice (DSN)", OPTION_MAIL, 'N' },
	{ "dsn_return", &type_word, AT(dsn_return), returns, "off", NULL,
	    "off, headers or full", "how much of the mail a delivery notice carries", OPTION_MAIL, 'R' },
	{ "logfile", &type_path, AT(logfile), NULL, NULL, "",
	    "FILE or -", "append a line about each mail; -: standard output", OPTION_MAIL, 'X' },
	{ "logfile_time_format", &type_text, AT(logfile_time_format), NULL, NULL, "",
	    "FORMAT or none", "how logfile shows the time, as for strftime(3)", OPTION_MAIL, 0 },
	{ "syslog", &type_word, AT(syslog), facilities, "off", "on",
	    "on, off or a facility", "send a line about each mail to syslog", OPTION_MAIL, 0 },
	{ "aliases", &type_path, AT(aliases), NULL, NULL, "",
	    "FILE", "who gets the mail for local names, such as /etc/aliases", OPTION_MAIL, 0 },
	{ "local_domains", &type_text, AT(local_domains), NULL, NULL, "",
	    "DOMAINS", "domains whose addresses are local names, too", OPTION_MAIL | OPTION_OWN, 0 },
	{ "root_to", &type_text, AT(root_to), NULL, NULL, "",
	    "ADDRESSES", "who gets the mail for all local names without an alias", OPTION_MAIL | OPTION_OWN, 0 },
	{ "route", &type_routes, AT(routes), NULL, NULL, "",
	    "PATTERNS ACCOUNT", "recipients whose mail goes through another account; may be given often", OPTION_MAIL | OPTION_OWN, 0 },
	{ "redirect_all", &type_mailbox, AT(redirect_all), NULL, NULL, "",
	    "ADDRESS", "who gets all mail, whomever it is for", OPTION_MAIL | OPTION_OWN, 0 },
	{ "allow_recipients", &type_text, AT(allow_recipients), NULL, NULL, "",
	    "PATTERNS", "the only recipients that may get mail", OPTION_MAIL | OPTION_OWN, 0 },
	{ "catch_to", &type_catch, AT(catch_to), NULL, "-", NULL,
	    "-, maildir:DIR, mbox:FILE, eml:DIR or json:FILE", "where protocol catch puts mail; -: standard output", OPTION_MAIL | OPTION_OWN, 0 },
	{ "catch_format", &type_word, AT(catch_format), catch_formats, "frame", NULL,
	    "frame, python, raw, summary or json", "how mail looks that is caught on standard output", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue", &type_word, AT(queue), queue_policies, "off", NULL,
	    "off, on_failure or always", "keep mails that can't be sent at once, or all, to be sent later", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_dir", &type_directory, AT(queue_dir), NULL, NULL, "",
	    "/DIRECTORY or ~/DIRECTORY", "where they are kept", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_lifetime", &type_interval, AT(queue_lifetime), NULL, "5d", NULL,
	    "TIME or off", "how long a mail is tried, as 5d, 12h or 1h30m; default 5d", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_warn", &type_interval, AT(queue_warn), NULL, "4h", NULL,
	    "TIME or off", "after how long its sender hears that it waits; default 4h", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_runner", &type_switch, AT(queue_runner), NULL, "off", "on",
	    "on or off", "whoever keeps a mail there starts a process that sends it", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_mails", &type_count, AT(queue_mails), NULL, "20000", NULL,
	    "NUMBER", "how many mails may wait; default 20000", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_size", &type_count, AT(queue_size), NULL, "1000", NULL,
	    "MEGABYTES", "how large they may be together; default 1000", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_lanes", &type_count, AT(queue_lanes), NULL, "4", NULL,
	    "NUMBER", "how many connections send what waits; default 4", OPTION_MAIL | OPTION_OWN, 0 },
	{ "queue_user", &type_text, AT(queue_user), NULL, NULL, "",
	    "USER", "who runs the queues of all users, where root has started that", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen", &type_text, AT(listen), NULL, "127.0.0.1:25", NULL,
	    "ADDRESS:PORT or unix:PATH", "where -bd takes mail by SMTP; more than one with commas", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_user", &type_text, AT(listen_user), NULL, NULL, "",
	    "USER", "who serves, where root has started -bd to take a port below 1024", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_protocol", &type_word, AT(listen_protocol), listen_protocols, "smtp", NULL,
	    "smtp or lmtp", "what -bd speaks there", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_public", &type_switch, AT(listen_public), NULL, "off", "on",
	    "on or off", "on: other machines may connect, if they sign in or are in listen_from", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_from", &type_text, AT(listen_from), NULL, NULL, "",
	    "NETWORKS", "other machines that need not sign in, such as 192.0.2.0/24", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_auth_file", &type_path, AT(listen_auth_file), NULL, NULL, "",
	    "FILE", "users who may sign in, as NAME:PASSWORD lines; hashes will do", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_tls", &type_switch, AT(listen_tls), NULL, "off", "on",
	    "on or off", "offer STARTTLS to those who connect", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_tls_cert_file", &type_path, AT(listen_tls_cert_file), NULL, NULL, "",
	    "FILE", "the certificate for that; without it, one is made", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_tls_key_file", &type_path, AT(listen_tls_key_file), NULL, NULL, "",
	    "FILE", "its private key", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_connections", &type_count, AT(listen_connections), NULL, "1000", NULL,
	    "NUMBER", "how many may be connected at a time; default 1000", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_connections_each", &type_count, AT(listen_connections_each), NULL, NULL, "",
	    "NUMBER", "the same for one machine or one user; default a quarter of them", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_size", &type_count, AT(listen_size), NULL, "52428800", NULL,
	    "BYTES", "how large a mail may be; default 52428800", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_recipients", &type_count, AT(listen_recipients), NULL, "1000", NULL,
	    "NUMBER", "how many recipients a mail may have; default 1000", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_sender", &type_routes, AT(listen_senders), NULL, NULL, "",
	    "WHO PATTERNS", "which senders these users may have, such as: alice *@example.org", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_mails_hour", &type_count, AT(listen_mails_hour), NULL, NULL, "",
	    "NUMBER", "how many mails each client may send in an hour", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_mails_day", &type_count, AT(listen_mails_day), NULL, NULL, "",
	    "NUMBER", "how many mails each client may send in a day", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_recipients_hour", &type_count, AT(listen_recipients_hour), NULL, NULL, "",
	    "NUMBER", "to how many recipients, in an hour", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_recipients_day", &type_count, AT(listen_recipients_day), NULL, NULL, "",
	    "NUMBER", "to how many recipients, in a day", OPTION_MAIL | OPTION_OWN, 0 },
	{ "listen_waiting", &type_count, AT(listen_waiting), NULL, NULL, "",
	    "BYTES", "how much mail of each client may wait in the queue", OPTION_MAIL | OPTION_OWN, 0 },
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

const void *
option_value(const struct account *a, const struct option_row *row)
{
	return (const char *)a + row->offset;
}

bool
option_takes(const struct option_row *row, struct span value)
{
	struct account *scratch = account_new("");
	bool ok = value.n > 0 && row->type->store(row, value, option_place(scratch, row));

	account_free(scratch);
	return ok;
}

/* What the setting takes; returns which of it may have been meant, or NULL. */
static const char *
add_takes(struct buf *out, const struct option_row *row, struct span value)
{
	struct near near = near_start(value);

	if (row->choices == NULL)
		buf_printf(out, ": it takes %s", row->takes);
	for (const struct choice *c = row->choices; c != NULL && c->word != NULL; c++) {
		buf_printf(
		    out, "%s%s", c == row->choices ? ": it takes " : ", ", c->word);
		near_try(&near, c->word);
	}
	if (near.best != NULL)
		buf_printf(out, "; did you mean \"%s\"?", near.best);
	return near.best;
}

/* Returns the value that is left without it, or NULL; owned by the caller. */
static char *
add_slip(struct buf *out, const struct option_row *row, const struct slip *slip)
{
	buf_printf(out, ": %s", slip->words);
	return option_takes(row, slip->meant) ? span_dup(slip->meant) : NULL;
}

/* As it stands in a file, or on the command line. */
static void
offer(
    const struct option_row *row, const char *meant, enum cause cause, struct outcome *o)
{
	if (meant == NULL && cause == CAUSE_USAGE) {
		outcome_refine(
		    o, cause, NULL, "the manual, mailchuterc(5), tells what it takes");
	} else if (meant != NULL && cause == CAUSE_USAGE) {
		char *option = mem_printf("--%s=%s", row->name, meant);

		for (char *p = option; *p != '='; p++)
			if (*p == '_')
				*p = '-';
		(void)outcome_offer(o, option, "");
		free(option);
	} else if (meant != NULL) {
		(void)outcome_offer(o, row->name, meant);
	}
}

static bool
wrong_value(
    const struct option_row *row, struct span value, enum cause cause, struct outcome *o)
{
	const char *meant = NULL;
	char *unslipped = NULL;
	struct slip slip;
	struct buf why;

	if (row->type == &type_secret)
		return outcome_fail(o, cause,
		    "%s has a NUL in it, or is longer than %d bytes", row->name,
		    SECRET_MAX);
	buf_init(&why, WORDS_MAX);
	if (!span_is_line(value))
		buf_puts(&why, ": it holds a control character (a line end?)");
	else if (slip_find(value, &slip))
		meant = unslipped = add_slip(&why, row, &slip);
	else
		meant = add_takes(&why, row, value);
	(void)outcome_fail(o, cause, "invalid argument %.*s for %s %s%s",
	    span_shown(value, SHOWN_MAX), value.p,
	    cause == CAUSE_USAGE ? "option" : "command", row->name, why.data);
	offer(row, meant, cause, o);
	free(unslipped);
	buf_free(&why);
	return false;
}

bool
option_set(struct account *a, const struct option_row *row, struct span value,
    struct origin origin, enum cause cause, struct outcome *o)
{
	void *place = option_place(a, row);

	if (value.n == 0 && row->bare == NULL)
		return outcome_fail(o, cause, "%s %s needs an argument: %s",
		    cause == CAUSE_USAGE ? "option" : "command", row->name, row->takes);
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
	row->type->show(row, option_value(a, row), out);
}
