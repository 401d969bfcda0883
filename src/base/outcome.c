/* SPDX-License-Identifier: ISC */
#include "base/outcome.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#include "base/utf8.h"

/* clang-format off */
static const struct {
	const char *name;
	const char *status; /* RFC 3463 */
	int sysexit;
	enum verdict verdict;
	const char *sentence; /* NULL: the text of the outcome says it all */
	const char *hint;
} causes[CAUSE_LAST] = {
	[CAUSE_NONE] = { "OK", "2.0.0", EX_OK, VERDICT_DONE, "accepted", NULL },
	[CAUSE_QUEUED] = { "QUEUED", "2.0.0", EX_OK, VERDICT_DONE, "kept in the queue", NULL },
	[CAUSE_USAGE] = { "USAGE", "5.5.4", EX_USAGE, VERDICT_REJECT,
	    NULL, "mailchute --help, or the manual, mailchute(1), under Options" },
	[CAUSE_FORBIDDEN] = { "FORBIDDEN", "5.7.1", EX_NOPERM, VERDICT_REJECT,
	    NULL, "call it by the name mailchute, where whoever gives options may give all" },
	[CAUSE_NO_SUCH_JOB] = { "NO_SUCH_JOB", "5.5.1", EX_UNAVAILABLE, VERDICT_REJECT,
	    NULL, NULL },
	[CAUSE_NO_RECIPIENT] = { "NO_RECIPIENT", "5.1.3", EX_USAGE, VERDICT_REJECT,
	    "no recipients found",
	    "name them on the command line, or use -t with a mail that has them in To, Cc or "
	    "Bcc" },
	[CAUSE_PARTIAL] = { "RCPT_PARTIAL", "5.0.0", EX_UNAVAILABLE, VERDICT_REJECT,
	    NULL, NULL },
	[CAUSE_ADDRESS] = { "ADDRESS", "5.1.3", EX_DATAERR, VERDICT_REJECT,
	    NULL, NULL },
	[CAUSE_ALIAS] = { "ALIAS", "5.4.6", EX_CONFIG, VERDICT_HOLD,
	    "no mail address stands behind the alias",
	    "put an address into the file of aliases, or set root_to" },
	[CAUSE_MESSAGE] = { "MESSAGE", "5.6.0", EX_DATAERR, VERDICT_REJECT,
	    "the message can't be sent as it is", NULL },
	[CAUSE_TOO_LARGE] = { "TOO_LARGE", "5.3.4", EX_DATAERR, VERDICT_REJECT,
	    "the message is larger than the server takes; nothing was uploaded",
	    "send less at a time: an attachment grows by 37 % in the mail" },
	[CAUSE_NO_INPUT] = { "NO_INPUT", "5.6.0", EX_NOINPUT, VERDICT_REJECT,
	    "standard input can't be read", "the mail is read from standard input" },
	[CAUSE_FILE] = { "FILE", "5.3.5", EX_NOINPUT, VERDICT_HOLD,
	    NULL, NULL },
	[CAUSE_CONFIG] = { "CONFIG", "5.3.5", EX_CONFIG, VERDICT_HOLD,
	    NULL, NULL },
	[CAUSE_NO_CONFIG] = { "NO_CONFIG", "5.3.5", EX_CONFIG, VERDICT_HOLD,
	    "there is no account yet: no configuration file available",
	    "write one into ~/.config/mailchute/config or ~/.msmtprc, or, for all users, "
	    "into " SYSCONFDIR "/mailchute/config or " SYSCONFDIR "/msmtprc, as your "
	    "provider tells and as the examples in mailchuterc(5) are:" },
	[CAUSE_NO_ACCOUNT] = { "NO_ACCOUNT", "5.3.5", EX_CONFIG, VERDICT_HOLD, NULL,
	    "name one that is there with -a (not as sendmail), or, for all mail, by a line "
	    "\"account default : NAME\" at the end of the file" },
	[CAUSE_CONFIG_FILE] = { "CONFIG_FILE", "5.3.5", EX_IOERR, VERDICT_HOLD,
	    NULL,
	    "check its name, and let this user read it; or write an account of their own "
	    "into ~/.config/mailchute/config" },
	[CAUSE_EVAL] = { "EVAL", "5.3.5", EX_IOERR, VERDICT_HOLD,
	    NULL,
	    "run that command by hand, as this user: it is to print one line, as it would "
	    "stand in the file" },
	[CAUSE_EXPOSED] = { "EXPOSED", "5.3.5", EX_CONFIG, VERDICT_HOLD,
	    NULL, NULL },
	[CAUSE_PASSWORD] = { "PASSWORD", "5.3.5", EX_CONFIG, VERDICT_HOLD,
	    NULL, NULL },
	[CAUSE_NO_PASSWORD] = { "NO_PASSWORD", "5.3.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    NULL,
	    "passwordeval COMMAND or password_file FILE; or, in ~/.netrc: machine HOST login "
	    "USER password SECRET" },
	[CAUSE_STORE] = { "STORE", "4.3.1", EX_IOERR, VERDICT_RETRY,
	    "the message can't be kept while it is being sent; nothing was sent",
	    "make room there, or set TMPDIR to a directory with room" },
	[CAUSE_QUEUE] = { "QUEUE", "4.3.1", EX_TEMPFAIL, VERDICT_RETRY,
	    "the mail could not be kept in the queue, and was not sent",
	    "make room there, or name another directory with queue_dir" },
	[CAUSE_QUEUE_CHANGE] = { "QUEUE_CHANGE", "4.3.1", EX_TEMPFAIL, VERDICT_RETRY,
	    "a mail in the queue could not be moved or removed", NULL },
	[CAUSE_QUEUE_DIR] = { "QUEUE_DIR", "4.3.5", EX_CANTCREAT, VERDICT_RETRY,
	    "the mail can't be kept in the queue", NULL },
	[CAUSE_NO_QUEUE] = { "NO_QUEUE", "4.3.5", EX_CANTCREAT, VERDICT_RETRY,
	    "there is no queue", NULL },
	[CAUSE_QUEUE_ENTRY] = { "QUEUE_ENTRY", "5.3.0", EX_DATAERR, VERDICT_HOLD,
	    "a file in the queue is no whole mail", NULL },
	[CAUSE_NO_ENTRY] = { "NO_ENTRY", "5.3.0", EX_NOINPUT, VERDICT_REJECT,
	    "there is no such mail in the queue", "mailq" },
	[CAUSE_BUSY] = { "BUSY", "4.3.0", EX_TEMPFAIL, VERDICT_RETRY,
	    "a mail in the queue is in use", NULL },
	[CAUSE_KILLED] = { "KILLED", "4.3.0", EX_TEMPFAIL, VERDICT_RETRY,
	    NULL, "dmesg | tail    (was memory short, or has it crashed?)" },
	[CAUSE_OUTPUT] = { "OUTPUT", "4.3.1", EX_IOERR, VERDICT_RETRY,
	    "what was asked for can't be written", NULL },
	[CAUSE_SYSTEM] = { "SYSTEM", "4.3.0", EX_OSERR, VERDICT_RETRY,
	    "the system refused a call", NULL },
	[CAUSE_NO_HOST] = { "DNS_NONE", "5.4.4", EX_NOHOST, VERDICT_HOLD,
	    NULL, "check the spelling of the host setting" },
	[CAUSE_DNS] = { "DNS_TEMP", "4.4.3", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "is this machine online?" },
	[CAUSE_SOURCE_IP] = { "SOURCE_IP", "5.3.5", EX_OSERR, VERDICT_HOLD,
	    NULL, "change or remove source_ip" },
	[CAUSE_CONNECT] = { "CONNECT", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "check host and port; is the server up, and does no firewall stand between?" },
	[CAUSE_PORT25] = { "PORT25_BLOCKED", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "port 587    (with tls and auth; providers take mail from their users there, or on "
	    "465)" },
	[CAUSE_SOCKET] = { "SOCKET", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "check socket: is the server that listens there up, and may this user reach it?" },
	[CAUSE_PROXY_NO_HOST] = { "PROXY_DNS_NONE", "5.4.4", EX_NOHOST, VERDICT_HOLD, NULL,
	    "check the spelling of proxy_host" },
	[CAUSE_PROXY_DOWN] = { "PROXY_DOWN", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY,
	    "the proxy can't be reached", "check proxy_host and proxy_port; is the proxy up?" },
	[CAUSE_PROXY_TIMEOUT] = { "PROXY_TIMEOUT", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "check proxy_host and proxy_port: is it a SOCKS5 proxy, and is it online?" },
	[CAUSE_PROXY_HANGUP] = { "PROXY_HANGUP", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "check proxy_host and proxy_port: is it a SOCKS5 proxy, and does it let this "
	    "machine in?" },
	[CAUSE_PROXY_PROTOCOL] = { "PROXY_PROTOCOL", "5.5.0", EX_UNAVAILABLE, VERDICT_HOLD, NULL,
	    "proxy_host and proxy_port must name a SOCKS5 proxy" },
	[CAUSE_PROXY_AUTH] = { "PROXY_AUTH", "5.7.0", EX_UNAVAILABLE, VERDICT_HOLD, NULL,
	    "use a proxy that lets this machine in without a sign-in" },
	[CAUSE_PROXY_REFUSED] = { "PROXY_REFUSED", "5.7.1", EX_UNAVAILABLE, VERDICT_HOLD, NULL,
	    "ask the operator of the proxy, or do without: proxy_host with no argument" },
	[CAUSE_PROXY_CONNECT] = { "PROXY_CONNECT", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY, NULL,
	    "the proxy works; check host and port, and whether the proxy is online" },
	[CAUSE_TIMEOUT] = { "TIMEOUT", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY,
	    "the server did not answer in time", NULL },
	[CAUSE_HANGUP] = { "HANGUP", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY,
	    "the connection was lost before the message was handed over", NULL },
	[CAUSE_MAYBE_SENT] = { "MAYBE_SENT", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY,
	    "the whole message had left, and no answer came that can be understood: it may "
	    "have been accepted, and may arrive twice if it is sent again",
	    NULL },
	[CAUSE_SESSION_FULL] = { "SESSION_FULL", "4.3.2", EX_TEMPFAIL, VERDICT_RETRY,
	    "the server takes no more mail over this connection", NULL },
	[CAUSE_PROTOCOL] = { "PROTOCOL", "5.5.0", EX_PROTOCOL, VERDICT_RETRY,
	    "what the server says is not SMTP", "check host and port" },
	[CAUSE_NOT_SMTP] = { "NOT_SMTP", "5.5.0", EX_PROTOCOL, VERDICT_RETRY,
	    "the server speaks another protocol than SMTP", "check host and port" },
	[CAUSE_TLS_STARTTLS] = { "TLS_STARTTLS", "5.7.10", EX_PROTOCOL, VERDICT_HOLD,
	    "the server starts in plain text, but the account is set to TLS from the start",
	    "tls_starttls on    (or, for TLS from the start, usually: port 465)" },
	[CAUSE_TLS_IMPLICIT] = { "TLS_IMPLICIT", "5.7.10", EX_PROTOCOL, VERDICT_HOLD,
	    "the server speaks TLS from the first byte, but the account does not",
	    "tls_starttls off    (with tls on; or, to start in plain text, usually: port 587)" },
	[CAUSE_TLS_WANTED] = { "TLS_WANTED", "5.7.10", EX_NOPERM, VERDICT_HOLD,
	    "the server takes nothing without TLS", "tls on" },
	[CAUSE_TLS_NONE] = { "TLS_NONE", "5.7.10", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the server does not offer STARTTLS; nothing was sent without encryption",
	    "tls_starttls off    (with port 465; or ask the operator)" },
	[CAUSE_TLS_SETUP] = { "TLS_SETUP", "5.3.5", EX_SOFTWARE, VERDICT_HOLD,
	    "TLS can't be set up as the account says", NULL },
	[CAUSE_TLS_FAILED] = { "TLS_FAILED", "4.7.5", EX_PROTOCOL, VERDICT_RETRY,
	    "no TLS session", NULL },
	[CAUSE_TLS_INJECTED] = { "TLS_INJECTED", "5.7.0", EX_PROTOCOL, VERDICT_HOLD,
	    "the server, or somebody between, sent plain text where TLS had to begin; "
	    "the session was ended at once", NULL },
	[CAUSE_CERT_NAME] = { "CERT_NAME", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    NULL,
	    "a name in the certificate must be host, or tls_host_override; do not switch "
	    "checking off" },
	[CAUSE_CERT_EXPIRED] = { "CERT_EXPIRED", "4.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    NULL,
	    "if this machine's clock is right, ask the operator for a new certificate" },
	[CAUSE_CERT_UNKNOWN] = { "CERT_UNKNOWN_CA", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the certificate is signed by nobody that this machine trusts",
	    "tls_trust_file with the operator's CA; or, once the operator has confirmed that "
	    "the key is theirs:" },
	[CAUSE_CERT_REVOKED] = { "CERT_REVOKED", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the certificate was revoked", "ask the operator for a new certificate" },
	[CAUSE_CERT_PIN] = { "CERT_PIN", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the certificate is not the one that tls_fingerprint names",
	    "if the operator has confirmed the change:" },
	[CAUSE_CERT_KEY_PIN] = { "CERT_KEY_PIN", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the public key in the certificate is not the one that tls_pubkey_fingerprint "
	    "names", "if the operator has confirmed the change:" },
	[CAUSE_CERT_BAD] = { "CERT_BAD", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the certificate can't be accepted", NULL },
	[CAUSE_AUTH_WANTED] = { "AUTH_WANTED", "5.7.0", EX_NOPERM, VERDICT_HOLD,
	    "the server takes nothing without a sign-in", "auth on, with user and passwordeval" },
	[CAUSE_AUTH_NONE] = { "AUTH_NONE", "5.7.4", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the server does not offer sign-in",
	    "many servers offer sign-in only under TLS" },
	[CAUSE_AUTH_METHOD] = { "AUTH_METHOD", "5.7.4", EX_UNAVAILABLE, VERDICT_HOLD,
	    "there is no sign-in method that both sides take",
	    "auth on    (takes the strongest that both have)" },
	[CAUSE_AUTH_CLEAR] = { "AUTH_CLEAR", "5.7.4", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the server offers only methods that would reveal the password on this "
	    "unencrypted connection", "tls on" },
	[CAUSE_AUTH_SETTING] = { "AUTH_SETTING", "5.7.4", EX_UNAVAILABLE, VERDICT_HOLD,
	    NULL, NULL },
	[CAUSE_AUTH_TICKET] = { "AUTH_TICKET", "5.7.0", EX_NOPERM, VERDICT_HOLD,
	    "Kerberos has no ticket for this server",
	    "klist shows the tickets, kinit gets one; libgssapi-krb5-2 must be installed" },
	[CAUSE_AUTH_REFUSED] = { "AUTH_REFUSED", "5.7.8", EX_NOPERM, VERDICT_HOLD,
	    "the server refused the user name or password",
	    "user NAME    (check it, and the password; many providers want an app password here, "
	    "one made for programs)" },
	[CAUSE_AUTH_APP] = { "AUTH_APP_PASSWORD", "5.7.9", EX_NOPERM, VERDICT_HOLD,
	    "the server wants a password made for programs (an app password), not your normal "
	    "one",
	    "make an app password on the provider's pages, and store it in place of the other" },
	[CAUSE_AUTH_BASIC] = { "AUTH_BASIC_OFF", "5.7.8", EX_NOPERM, VERDICT_HOLD,
	    "the server takes no passwords for this mailbox any more",
	    "auth xoauth2    (with passwordeval for a token)" },
	[CAUSE_AUTH_FAILED] = { "AUTH_FAILED", "5.7.0", EX_PROTOCOL, VERDICT_HOLD,
	    "the sign-in broke down", NULL },
	[CAUSE_AUTH_SERVER] = { "AUTH_SERVER", "5.7.0", EX_NOPERM, VERDICT_HOLD,
	    "the server could not prove that it knows the password; nothing was sent",
	    "make sure that host names the right server" },
	[CAUSE_SENDER] = { "SENDER_REFUSED", "5.7.1", EX_DATAERR, VERDICT_REJECT,
	    "the server does not let you send as",
	    "from ADDRESS    (one that is yours there; with allow_from_override off, programs "
	    "can't change it)" },
	[CAUSE_QUOTA] = { "QUOTA", "4.4.5", EX_TEMPFAIL, VERDICT_RETRY,
	    "the sending limit of this account is reached",
	    "wait: limits of a day pass within a day; or ask the provider for more" },
	[CAUSE_NO_DSN] = { "NO_DSN", "5.6.9", EX_UNAVAILABLE, VERDICT_REJECT,
	    "the server does not offer delivery notices (DSN)",
	    "dsn_notify off and dsn_return off, or no -N, -R and -V" },
	[CAUSE_NO_SMTPUTF8] = { "NO_SMTPUTF8", "5.6.7", EX_UNAVAILABLE, VERDICT_REJECT,
	    "the server does not take addresses outside ASCII (SMTPUTF8)", NULL },
	[CAUSE_GUARDED] = { "GUARDED", "5.7.1", EX_NOPERM, VERDICT_REJECT,
	    "the setting allow_recipients of the account does not name the recipient",
	    "if they may get mail from here, add them to allow_recipients" },
	[CAUSE_NOT_YOURS] = { "NOT_YOURS", "5.7.1", EX_NOPERM, VERDICT_REJECT,
	    "this user may not send as this address", NULL },
	[CAUSE_TOO_MUCH] = { "TOO_MUCH", "4.7.1", EX_TEMPFAIL, VERDICT_RETRY,
	    "too much mail, for now", NULL },
	[CAUSE_LISTEN] = { "LISTEN", "5.3.5", EX_UNAVAILABLE, VERDICT_HOLD,
	    NULL, "take another port, or end what listens there: ss -ltnp shows it" },
	[CAUSE_CATCH] = { "CATCH", "4.3.0", EX_IOERR, VERDICT_RETRY,
	    "the mail can't be put where it is to be caught",
	    "make sure that this user may write to what catch_to names" },
	[CAUSE_NO_SERVER] = { "NO_SERVER", "5.3.5", EX_CONFIG, VERDICT_HOLD,
	    "the account catches mail (protocol catch): it has no server", NULL },
	[CAUSE_NO_ETRN] = { "NO_ETRN", "5.5.1", EX_UNAVAILABLE, VERDICT_HOLD,
	    "the server does not support Remote Message Queue Starting", NULL },
	[CAUSE_QUEUE_NAME] = { "QUEUE_NAME", "5.5.4", EX_DATAERR, VERDICT_REJECT,
	    "the server can't make sense of the name of the queue",
	    "a host, @domain for all its hosts, or #queue as its operator names it" },
	[CAUSE_NO_SRV] = { "NO_SRV", "5.4.4", EX_NOHOST, VERDICT_HOLD, NULL,
	    "look for its SMTP server and port in the domain's help pages, and write host and "
	    "port into an account by hand: the manual, mailchuterc(5), has examples" },
	[CAUSE_REPLY] = { "REFUSED", "5.0.0", EX_UNAVAILABLE, VERDICT_REJECT,
	    "the server refused", NULL },
};

/* What a refusal at each stage is about, its exit status when it is for good, and when
 * else something may go wrong. */
static const struct {
	const char *refused;
	int sysexit;
	const char *when; /* NULL: not worth telling */
} stages[STAGE_LAST] = {
	[STAGE_LOCAL] = { "the mail", EX_UNAVAILABLE, NULL },
	[STAGE_CONNECT] = { "the connection", EX_UNAVAILABLE, NULL },
	[STAGE_GREETING] = { "the connection", EX_PROTOCOL, "at the greeting" },
	[STAGE_HELLO] = { "our name", EX_PROTOCOL, "at EHLO" },
	[STAGE_TLS] = { "STARTTLS", EX_PROTOCOL, "at the start of TLS" },
	[STAGE_AUTH] = { "the sign-in", EX_NOPERM, "at AUTH" },
	[STAGE_MAIL] = { "the sender", EX_DATAERR, "at MAIL" },
	[STAGE_RCPT] = { "the recipient", EX_NOUSER, "at RCPT" },
	[STAGE_DATA] = { "to take the message", EX_DATAERR, "at DATA" },
	[STAGE_FINAL] = { "the message", EX_UNAVAILABLE, "at the end of the message" },
	[STAGE_QUEUE] = { "to start the queue", EX_UNAVAILABLE, "at ETRN" },
};
/* clang-format on */

bool
outcome_fail(struct outcome *o, enum cause cause, const char *fmt, ...)
{
	va_list ap;

	*o = (struct outcome){ .cause = cause };
	(void)snprintf(o->status, sizeof o->status, "%s", causes[cause].status);
	va_start(ap, fmt);
	(void)vsnprintf(o->text, sizeof o->text, fmt, ap);
	va_end(ap);
	make_printable(o->text, strlen(o->text), ' ');
	return false;
}

bool
outcome_place(struct outcome *o, const char *fmt, ...)
{
	struct outcome before = *o;
	char place[sizeof o->text];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(place, sizeof place, fmt, ap);
	va_end(ap);
	(void)outcome_fail(o, before.cause, "%s: %s", place, before.text);
	memcpy(before.text, o->text, sizeof before.text);
	*o = before;
	return false;
}

bool
outcome_offer(struct outcome *o, const char *name, const char *value)
{
	const int n = snprintf(o->setting, sizeof o->setting, "%s%s%s", name,
	    *value != '\0' ? " " : "", value);

	if (n < 0 || (size_t)n >= sizeof o->setting)
		o->setting[0] = '\0'; /* half of it would be another one */
	return false;
}

bool
outcome_note(struct outcome *o, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(o->note, sizeof o->note, fmt, ap);
	va_end(ap);
	make_printable(o->note, strlen(o->note), ' ');
	return false;
}

void
outcome_refine(
    struct outcome *o, enum cause cause, const char *sentence, const char *hint)
{
	o->cause = cause;
	o->sentence = sentence;
	o->hint = hint;
}

bool
outcome_at(struct outcome *o, enum stage stage)
{
	o->stage = stage;
	return false;
}

/* The length of the enhanced status that s starts with, if its class is `class`; else 0.
 * RFC 3463, section 2: class "." subject "." detail, of 1 to 3 digits each. */
static size_t
status_length(const char *s, char class)
{
	size_t n = 1;

	if (s[0] != class)
		return 0;
	for (int part = 0; part < 2; part++) {
		size_t digits = s[n] == '.' ? strspn(s + n + 1, "0123456789") : 0;

		if (digits < 1 || digits > 3)
			return 0;
		n += 1 + digits;
	}
	return s[n] == '\0' || s[n] == ' ' || s[n] == '\n' ? n : 0;
}

static void
take_reply(
    struct outcome *o, enum cause cause, enum stage stage, int code, const char *text)
{
	char class = (char)('0' + code / 100);
	size_t n = status_length(text, class);

	*o = (struct outcome){ .cause = cause, .stage = stage, .code = code };
	if (n > 0)
		(void)snprintf(o->status, sizeof o->status, "%.*s", (int)n, text);
	else
		(void)snprintf(o->status, sizeof o->status, "%c.0.0", class);
	(void)snprintf(o->text, sizeof o->text, "%s", text);
	make_printable(o->text, strlen(o->text), '\n');
}

bool
outcome_reply(struct outcome *o, enum stage stage, int code, const char *text)
{
	take_reply(o, CAUSE_REPLY, stage, code, text);
	return false;
}

void
outcome_accept(struct outcome *o, enum stage stage, int code, const char *text)
{
	take_reply(o, CAUSE_NONE, stage, code, text);
}

/* A reply of class 4 asks for another try, whatever was refused. */
static bool
is_later(const struct outcome *o)
{
	return o->code >= 400 && o->code < 500;
}

enum verdict
outcome_verdict(const struct outcome *o)
{
	return is_later(o) ? VERDICT_RETRY : causes[o->cause].verdict;
}

int
outcome_sysexit(const struct outcome *o)
{
	if (is_later(o))
		return EX_TEMPFAIL;
	if (o->cause == CAUSE_REPLY)
		return stages[o->stage].sysexit;
	return causes[o->cause].sysexit;
}

const char *
cause_name(enum cause cause)
{
	return causes[cause].name;
}

const char *
outcome_name(const struct outcome *o)
{
	return cause_name(o->cause);
}

enum cause
cause_find(struct span name)
{
	for (int i = 0; i < CAUSE_LAST; i++)
		if (span_is_nocase(name, causes[i].name))
			return (enum cause)i;
	return CAUSE_LAST;
}

bool
outcome_is_said(const struct outcome *o)
{
	return o->code != 0;
}

/* May come at any stage, so that its sentence can't tell which. */
static bool
is_line_trouble(enum cause cause)
{
	return cause == CAUSE_TIMEOUT || cause == CAUSE_HANGUP || cause == CAUSE_PROTOCOL;
}

static const char *
sentence_of(const struct outcome *o)
{
	return o->sentence != NULL ? o->sentence : causes[o->cause].sentence;
}

void
outcome_sentence(const struct outcome *o, const char *address, struct buf *out)
{
	const char *sentence = sentence_of(o);

	if (sentence != NULL)
		buf_puts(out, sentence);
	else if (!outcome_is_said(o))
		buf_puts(out, o->text);
	if (o->cause == CAUSE_REPLY)
		buf_printf(out, " %s", stages[o->stage].refused);
	else if (is_line_trouble(o->cause) && stages[o->stage].when != NULL)
		buf_printf(out, " (%s)", stages[o->stage].when);
	if (address != NULL)
		buf_printf(out, " <%s>", address);
	if (is_later(o))
		buf_puts(out, ", for now");
}

const char *
outcome_seen(const struct outcome *o)
{
	bool has = sentence_of(o) != NULL && !outcome_is_said(o) && *o->text != '\0';

	return has ? o->text : NULL;
}

void
outcome_words(const struct outcome *o, const char *address, struct buf *out)
{
	outcome_sentence(o, address, out);
	if (outcome_seen(o) != NULL)
		buf_printf(out, ": %s", outcome_seen(o));
}

const char *
outcome_hint(const struct outcome *o)
{
	return o->hint != NULL ? o->hint : causes[o->cause].hint;
}
