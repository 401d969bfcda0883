/* SPDX-License-Identifier: ISC */
#include "conf/foreign.h"

#define NAME_MAX_LENGTH 40

/* Those of ssmtp, nullmailer, Postfix, curl, git, mutt, and of forms in general. */
const struct foreign_name foreign_names[] = {
	{ "server", "host", NULL },
	{ "hostname", "host", NULL },
	{ "servername", "host", NULL },
	{ "mailserver", "host", NULL },
	{ "smtp", "host", NULL },
	{ "smtphost", "host", NULL },
	{ "smtpserver", "host", NULL },
	{ "mailhub", "host", NULL },
	{ "mailhost", "host", NULL },
	{ "relay", "host", NULL },
	{ "relayhost", "host", NULL },
	{ "remotehost", "host", NULL },
	{ "smarthost", "host", NULL },
	{ "smtpport", "port", NULL },
	{ "serverport", "port", NULL },
	{ "smtpserverport", "port", NULL },
	{ "proxy", "proxy_host", NULL },
	{ "socks", "proxy_host", NULL },
	{ "socksproxy", "proxy_host", NULL },
	{ "helo", "domain", NULL },
	{ "ehlo", "domain", NULL },
	{ "helohost", "domain", NULL },
	{ "heloname", "domain", NULL },
	{ "smtpdomain", "domain", NULL },
	{ "smtpheloname", "domain", NULL },
	{ "myhostname", "domain", NULL },
	{ "authmethod", "auth", NULL },
	{ "authmechanism", "auth", NULL },
	{ "authentication", "auth", NULL },
	{ "smtpauth", "auth", NULL },
	{ "smtpsaslauthenable", "auth", NULL },
	{ "username", "user", NULL },
	{ "login", "user", NULL },
	{ "authuser", "user", NULL },
	{ "authusername", "user", NULL },
	{ "smtpuser", "user", NULL },
	{ "smtpusername", "user", NULL },
	{ "pass", "password", NULL },
	{ "passwd", "password", NULL },
	{ "authpass", "password", NULL },
	{ "authpassword", "password", NULL },
	{ "smtppass", "password", NULL },
	{ "smtppassword", "password", NULL },
	{ "passcmd", "passwordeval", NULL },
	{ "passcommand", "passwordeval", NULL },
	{ "passwordcmd", "passwordeval", NULL },
	{ "passwordcommand", "passwordeval", NULL },
	{ "passfile", "password_file", NULL },
	{ "encryption", "tls", NULL },
	{ "smtpencryption", "tls", NULL },
	{ "smtptls", "tls", NULL },
	{ "ssl", "tls", "tls_starttls off" },
	{ "usessl", "tls", "tls_starttls off" },
	{ "usetls", "tls", "tls_starttls off" },
	{ "starttls", "tls_starttls", "tls on" },
	{ "usestarttls", "tls_starttls", "tls on" },
	{ "smtpstarttls", "tls_starttls", "tls on" },
	{ "smtpusestarttls", "tls_starttls", "tls on" },
	{ "verify", "tls_certcheck", NULL },
	{ "sslverify", "tls_certcheck", NULL },
	{ "tlsverify", "tls_certcheck", NULL },
	{ "verifycert", "tls_certcheck", NULL },
	{ "checkcert", "tls_certcheck", NULL },
	{ "ca", "tls_trust_file", NULL },
	{ "cacert", "tls_trust_file", NULL },
	{ "cafile", "tls_trust_file", NULL },
	{ "tlsca", "tls_trust_file", NULL },
	{ "tlscafile", "tls_trust_file", NULL },
	{ "smtptlscafile", "tls_trust_file", NULL },
	{ "smtpsslcertpath", "tls_trust_file", NULL },
	{ "fingerprint", "tls_fingerprint", NULL },
	{ "sender", "from", NULL },
	{ "mailfrom", "from", NULL },
	{ "envelopefrom", "from", NULL },
	{ "envelopesender", "from", NULL },
	{ "fromaddress", "from", NULL },
	{ "fullname", "from_full_name", NULL },
	{ "realname", "from_full_name", NULL },
	{ "fromlineoverride", "allow_from_override", NULL },
	{ "mydomain", "maildomain", NULL },
	{ "myorigin", "maildomain", NULL },
	{ "defaultdomain", "maildomain", NULL },
	{ "rewritedomain", "maildomain", NULL },
	{ "aliasfile", "aliases", NULL },
	{ "aliasmaps", "aliases", NULL },
	{ "root", "root_to", NULL },
	{ "adminaddr", "root_to", NULL },
	{ "postmaster", "root_to", NULL },
	{ "log", "logfile", NULL },
};
const size_t foreign_count = sizeof foreign_names / sizeof foreign_names[0];

const struct foreign_name *
foreign_find(struct span name)
{
	char plain[NAME_MAX_LENGTH];
	size_t n = 0;

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] == '-' || name.p[i] == '_')
			continue;
		if (n == sizeof plain)
			return NULL;
		plain[n++] = name.p[i];
	}
	for (size_t i = 0; i < foreign_count; i++)
		if (span_is_nocase(span_bytes(plain, n), foreign_names[i].theirs))
			return &foreign_names[i];
	return NULL;
}
