/* SPDX-License-Identifier: ISC
 *
 * account.h - a smarthost, and how to use it
 *
 * An account is filled from the option table (option.h), file by file and option by
 * option, and is const from then on. What each member means is told by the manual, under
 * the name that the table gives it.
 */
#ifndef CONF_ACCOUNT_H
#define CONF_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "base/secret.h"
#include "net/tls.h"

/* PROTOCOL_CATCH: no server gets the mail; it is shown, or put where somebody will look
 * at it. */
enum protocol { PROTOCOL_SMTP, PROTOCOL_LMTP, PROTOCOL_CATCH };

enum catch_format { CATCH_FRAME, CATCH_PYTHON, CATCH_RAW, CATCH_SUMMARY, CATCH_JSON };

/* AUTH_METHOD and above: one method, see account_auth_method(). */
enum { AUTH_OFF, AUTH_CHOOSE, AUTH_METHOD };

/* What becomes of a mail that can't be handed over at once. */
enum queue_policy {
	QUEUE_OFF,        /* whoever gave it learns that */
	QUEUE_ON_FAILURE, /* it is kept, if a later try may work */
	QUEUE_ALWAYS      /* it isn't even tried at once */
};

/* Where a value came from. */
struct origin {
	const char *file; /* borrowed from the config; NULL: nowhere, it is the default */
	int line;         /* 0: `file` is no file but words, such as "command line" */
	bool given;       /* for this account, and not only as a default for all */
};

/* Seconds that one wait may take; 0: as usual (RFC 5321, 4.5.3.2). */
struct timeouts {
	int any; /* the most for each of those below */
	int connect;
	int greeting;
	int tls;
	int command;   /* the reply to one */
	int data;      /* sending a piece of the message */
	int final;     /* the reply to the message */
	int64_t until; /* all of them end then, see clock.h; 0: no such limit; no setting
			*/
};

struct option_row;

/* Strings are owned; NULL: not set. */
struct account {
	char *name;
	char *parent;     /* the account that it was made from, where that is just one */
	const char *file; /* that defines it; borrowed from the config, NULL: none */
	char *hosts;      /* the list that `host` is now one of; NULL: nobody has gone
			   * through it yet */

	char *host;
	int port; /* 0: by protocol and TLS mode, see account_port() */
	char *source_ip;
	char *proxy_host;
	int proxy_port; /* 0: see account_proxy_port() */
	char *socket;
	struct timeouts timeouts;
	int protocol;
	char *domain;

	int auth;
	char *user;
	struct secret password;
	char *passwordeval;
	char *password_file;
	char *ntlmdomain;

	bool tls;
	bool starttls;
	struct tls_settings tls_settings;

	bool auto_from;
	char *maildomain;
	char *from;
	char *from_full_name;
	bool allow_from_override;
	int from_rewrite; /* enum from_rewrite */
	char *from_allow;
	int set_from_header; /* enum set_header */
	int set_date_header;
	int set_msgid_header;
	int set_to_header; /* enum set_to */
	bool remove_bcc_headers;
	int repair; /* a set of enum repair */

	int dsn_notify; /* a set of enum notify */
	int dsn_return; /* enum ret */

	char *logfile;
	char *logfile_time_format;
	int syslog; /* a facility of syslog(3); 0: off */

	char *aliases;
	char *local_domains;
	char *root_to;

	char *routes; /* "PATTERNS ACCOUNT" lines */
	char *redirect_all;
	char *allow_recipients;
	char *catch_to;
	int catch_format; /* enum catch_format */
	int queue;        /* enum queue_policy */
	char *queue_dir;
	char *queue_user;   /* who runs those of all users, where root has begun */
	int queue_lifetime; /* seconds; 0: for ever */
	int queue_warn;     /* seconds; 0: never */
	bool queue_runner;  /* is started where mail was kept */
	int queue_lanes;
	int queue_mails; /* that may wait; 0: any number */
	int queue_size;  /* of all that wait, in megabytes; 0: any */

	char *listen_user; /* who is to serve, where root has begun */
	char *listen;      /* places, as net/listen.h has them */
	int listen_protocol;
	bool listen_public;
	char *listen_from; /* networks */
	char *listen_auth_file;
	bool listen_tls;
	char *listen_tls_cert_file;
	char *listen_tls_key_file;
	int listen_connections;
	int listen_connections_each;
	int listen_size;
	int listen_recipients;
	char *listen_senders;  /* "WHO PATTERNS" lines */
	int listen_mails_hour; /* of each client, as those below; 0: any number */
	int listen_mails_day;
	int listen_recipients_hour;
	int listen_recipients_day;
	int listen_waiting; /* bytes */

	struct origin *origin; /* one for each row of the option table */
};

/* A new account with every setting at its default; owned by the caller. */
struct account *account_new(const char *name);

/* The same, where `defaults` has the settings, of which none counts as given. */
struct account *account_like(const struct account *defaults, const char *name);

/* Another one of the same settings, and as they came: `file` defines it. */
struct account *account_copy(const struct account *from, const char *file);
void account_free(struct account *a);

/* Copies what was given in `from`, value and origin, over what `a` has. */
void account_inherit(struct account *a, const struct account *from);

/* Copies, as defaults, the settings whose names begin so, where `a` was given none. */
void account_complete(struct account *a, const struct account *from, const char *prefix);

/* The name that people know it by: "account default : work" is work. */
const char *account_label(const struct account *a);

/* `host` may be a list, with commas or blanks. Who goes through it does
 *
 *	hosts_begin(&h, a);
 *	do
 *		hosts_next(&h, a);	now a->host is one of them
 *	while (... hosts_left(&h));
 *	hosts_end(&h);
 *
 * Each time it is the whole list. A socket stands for one server, whatever `host` says.
 */
struct hosts {
	char *all;
	char *rest; /* of it; NULL: there is none left */
};

void hosts_begin(struct hosts *h, struct account *a);
void hosts_next(struct hosts *h, struct account *a);
bool hosts_left(const struct hosts *h);
void hosts_end(struct hosts *h);

/* The first of the list of hosts, owned by the caller; NULL: there is none. */
char *account_first_host(const struct account *a);

/* The port in use: as set, else 465 for TLS from the start, else 25; 0 with LMTP, which
 * has no usual port. */
int account_port(const struct account *a);

/* The proxy's port: as set, else 1080 where there is a proxy, else 0. */
int account_proxy_port(const struct account *a);

/* The server's name: host; for a unix socket without one the name in its certificate,
 * else "localhost". Never NULL where the account is in order. */
const char *account_server(const struct account *a);

/* Appends where the server is, for people: "HOST:PORT", with "through the proxy
 * HOST:PORT" where there is one, or the path of the socket; or where mail is caught. */
void account_place(const struct account *a, struct buf *out);

/* The name of this machine for EHLO: never NULL. */
const char *account_domain(const struct account *a);

/* The authentication method that is set, in the capitals of its standard; NULL: none. */
const char *account_auth_method(const struct account *a);

/* Fails with CAUSE_CONFIG: what is wrong, behind the place where the setting stands
 * ("FILE:LINE: "), or, where it stands nowhere or is NULL, behind the account's name. */
bool account_complain(
    const struct account *a, const char *setting, const char *what, struct outcome *o);

/* Makes sure that nothing is missing and nothing contradicts itself; CAUSE_CONFIG. */
bool account_check(const struct account *a, struct outcome *o);

#endif
