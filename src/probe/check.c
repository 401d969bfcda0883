/* SPDX-License-Identifier: ISC */
#include "probe/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encode.h"
#include "net/facts.h"
#include "net/resolve.h"
#include "probe/checkup.h"
#include "probe/neighbour.h"
#include "smtp/credentials.h"
#include "smtp/parameter.h"
#include "smtp/session.h"

#define TEXT_MAX (16 * 1024)
#define NAME_WAIT_MS 5000 /* for the name servers */
#define DIAL_WAIT_MS 3000 /* for one address */
#define DAY 86400
#define SOON_DAYS 14 /* a certificate that ends sooner should be renewed by now */

/* For a wait of so many milliseconds. */
static int64_t
deadline_in(const struct checkup *c, int64_t ms)
{
	return clock_first(clock_in(ms), c->deadline);
}

/* The name, and each of its addresses. */

static int
since(int64_t start)
{
	return (int)(clock_now() - start);
}

/* An address that doesn't answer is no failure while another one does. */
static void
try_address(struct checkup *c, const struct account *a, const char *address)
{
	const struct dial d = {
		.host = address,
		.port = account_port(a),
		.source_ip = a->source_ip,
		.deadline = deadline_in(c, DIAL_WAIT_MS),
	};
	const int64_t start = clock_now();
	struct dialled result;
	struct outcome o;

	if (!dial(&d, &result, &o)) {
		checkup_add(c, FINDING_WARN, "connect", since(start), "%s", o.text);
		return;
	}
	checkup_add(c, FINDING_OK, "connect", since(start), "%s port %d", address,
	    account_port(a));
	(void)close(result.fd);
}

/* All of both families, in the order in which they are shown and tried. */
static void
look_up(struct checkup *c, const struct account *a, struct lookup_answer found[2])
{
	static const int families[] = { AF_INET6, AF_INET };
	const int64_t start = clock_now();
	char *host = domain_to_ascii(a->host);
	char address[INET6_ADDRSTRLEN];
	struct buf list;

	buf_init(&list, TEXT_MAX);
	for (size_t f = 0; f < 2; f++) {
		lookup_wait(host != NULL ? host : a->host, account_port(a), families[f],
		    deadline_in(c, NAME_WAIT_MS), &found[f]);
		for (int i = 0; i < found[f].n; i++) {
			lookup_print(&found[f].addr[i], address);
			buf_printf(&list, "%s%s", list.len > 0 ? ", " : "", address);
		}
	}
	if (list.len > 0)
		checkup_add(
		    c, FINDING_OK, "name", since(start), "%s is %s", a->host, list.data);
	buf_free(&list);
	free(host);
}

static void
try_addresses(struct checkup *c, const struct account *a)
{
	struct lookup_answer found[2];
	char address[INET6_ADDRSTRLEN];

	look_up(c, a, found);
	for (size_t f = 0; f < 2; f++)
		for (int i = 0; i < found[f].n; i++) {
			lookup_print(&found[f].addr[i], address);
			try_address(c, a, address);
		}
}

/* The session. */

static void
judge_certificate(const struct session *s, struct buf *words, enum finding_state *state)
{
	const struct tls_settings *t = &s->account->tls_settings;
	struct certificate_facts facts;
	long days;

	if (!certificate_facts(s->tls, &facts))
		return;
	days = (long)(facts.until - time(NULL)) / DAY;
	buf_printf(words, "; certificate for %s, %ld days left", facts.names, days);
	if (days < SOON_DAYS)
		*state = FINDING_WARN;
	if (!t->check) {
		buf_puts(words, "; it was not checked: tls_certcheck is off");
		*state = FINDING_WARN;
	}
	certificate_facts_free(&facts);
}

static void
look_at_tls(struct checkup *c, const struct session *s)
{
	enum finding_state state = FINDING_OK;
	struct buf words;

	if (!s->account->tls && s->greeting != NULL && s->account->socket == NULL)
		checkup_add(c, FINDING_WARN, "tls", -1,
		    "off: everybody on the way can read the mail%s",
		    caps_have(&s->caps, CAP_STARTTLS)
			? "; the server offers it, so write: tls on"
			: "");
	if (!s->encrypted)
		return;
	buf_init(&words, TEXT_MAX);
	buf_printf(&words, "%s, %s", s->account->starttls ? "STARTTLS" : "from the start",
	    tls_description(s->tls));
	judge_certificate(s, &words, &state);
	checkup_add(c, state, "tls", -1, "%s", words.data);
	buf_free(&words);
}

static void
look_at_login(struct checkup *c, const struct session *s)
{
	const char *user = s->account->user;

	if (s->account->auth == AUTH_OFF)
		checkup_add(c, FINDING_INFO, "login", -1, "auth is off%s",
		    caps_have(&s->caps, CAP_AUTH) ? ", and the server offers it" : "");
	else if (s->signed_in != NULL)
		checkup_add(c, FINDING_OK, "login", -1, "%s%s%s", s->signed_in,
		    user != NULL ? " as " : "", user != NULL ? user : "");
}

static bool
ask(struct session *s, enum stage stage, const char *verb, const char *address, bool utf8,
    struct outcome *o)
{
	struct buf arg;
	bool ok;

	buf_init(&arg, PARAMETERS_MAX);
	ok = add_path(&arg, address, utf8, o) || outcome_at(o, stage);
	if (ok && utf8 && stage == STAGE_MAIL)
		buf_puts(&arg, " SMTPUTF8");
	ok = ok && channel_ask(&s->channel, stage, verb, buf_span(&arg), o) &&
	     (s->channel.reply.code / 100 == 2 || channel_refused(&s->channel, stage, o));
	buf_free(&arg);
	return ok;
}

static bool
look_at_addresses(struct checkup *c, struct session *s)
{
	const char *from = s->account->from, *to = c->recipient;
	const bool utf8 = caps_have(&s->caps, CAP_SMTPUTF8) &&
			  ((from != NULL && span_has_8bit(span_of(from))) ||
			      (to != NULL && span_has_8bit(span_of(to))));
	struct outcome o;

	if (from == NULL) {
		checkup_add(c, FINDING_INFO, "sender", -1,
		    "none in the account: each mail has to name its own");
		return true;
	}
	if (strcmp(from, "<>") == 0)
		from = "";
	if (!ask(s, STAGE_MAIL, "MAIL FROM:", from, utf8, &o))
		return checkup_fail(c, s->account, "sender", &o);
	checkup_add(c, FINDING_OK, "sender", -1, "<%s> accepted", from);
	if (to == NULL)
		return true;
	if (!ask(s, STAGE_RCPT, "RCPT TO:", to, utf8, &o))
		return checkup_fail(c, s->account, "recipient", &o);
	checkup_add(c, FINDING_OK, "recipient", -1, "<%s> accepted", to);
	return true;
}

/* What a mail to one recipient costs once the session is there: MAIL and RCPT go along
 * with what follows, or each on its own; the message needs DATA, or is a chunk. */
static int
round_trips(const struct caps *caps)
{
	return (caps_have(caps, CAP_PIPELINING) ? 0 : 2) +
	       (caps_have(caps, CAP_CHUNKING) ? 1 : 2);
}

static void
look_at_server(struct checkup *c, const struct session *s)
{
	const int n = round_trips(&s->caps);
	struct buf words;

	buf_init(&words, TEXT_MAX);
	if (s->caps.size > 0)
		buf_printf(
		    &words, "takes mails of up to %.1f MB; ", (double)s->caps.size / 1e6);
	caps_names(&s->caps, &words);
	checkup_add(c, FINDING_INFO, "server", -1, "%s; %d round trip%s for a mail",
	    words.data, n, n == 1 ? "" : "s");
	buf_free(&words);
}

static const char *
what_of(enum stage stage)
{
	static const char *const words[STAGE_LAST] = {
		[STAGE_LOCAL] = "account",
		[STAGE_CONNECT] = "connect",
		[STAGE_GREETING] = "greeting",
		[STAGE_HELLO] = "greeting",
		[STAGE_TLS] = "tls",
		[STAGE_AUTH] = "login",
	};

	return words[stage] != NULL ? words[stage] : "server";
}

static bool
look_at_session(struct checkup *c, const struct account *a, struct password *password)
{
	const struct span nothing = { "", 0 };
	struct outcome o, ignored;
	struct session s;
	bool open, ok;

	open = session_open(&s, a, &password->secret, c->observer, &o);
	look_at_tls(c, &s);
	if (!open)
		credentials_blame(a, password, &o);
	ok = open || checkup_fail(c, a, what_of(o.stage), &o);
	if (ok)
		look_at_login(c, &s);
	ok = ok && look_at_addresses(c, &s);
	if (ok) {
		(void)channel_ask(&s.channel, STAGE_MAIL, "RSET", nothing, &ignored);
		look_at_server(c, &s);
	}
	session_close(&s, open || o.code != 0);
	return ok;
}

/* The neighbours are asked only where the account's own way is no way. */
static void
look_next_door(struct checkup *c, const struct account *a)
{
	struct neighbour n;

	if (clock_left(c->deadline) <= 0 || !neighbour_find(a, &c->why, &n))
		return;
	checkup_add(c, FINDING_INFO, "instead", -1,
	    "port %d answers %s: port %d, tls on, tls_starttls %s", n.port,
	    neighbour_mode(&n), n.port, n.starttls ? "on" : "off");
}

static bool
look_at_host(struct checkup *c, const struct account *a, struct password *password)
{
	struct outcome o;

	if (!credentials_get(a, c->observer, password, &o))
		return checkup_fail(c, a, "login", &o);
	if (a->host != NULL && a->socket == NULL && a->proxy_host == NULL)
		try_addresses(c, a);
	return look_at_session(c, a, password);
}

/* What keeps a mail from one host is no failure while another one may take it. */
static void
excuse(struct checkup *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->v[i].state == FINDING_FAIL)
			c->v[i].state = FINDING_WARN;
	c->why = (struct outcome){ .cause = CAUSE_NONE };
}

/* As a mail goes from one to the next; those behind that which takes it are spare. */
static bool
look_at_hosts(struct checkup *c, struct account *a)
{
	struct password password = { 0 };
	struct hosts hosts;
	bool ok;

	hosts_begin(&hosts, a);
	hosts_next(&hosts, a);
	ok = look_at_host(c, a, &password);
	while (!ok && hosts_left(&hosts) && session_may_move_on(&c->why) &&
	       clock_left(c->deadline) > 0) {
		excuse(c);
		hosts_next(&hosts, a);
		checkup_add(c, FINDING_INFO, "host", -1, "the next one is %s", a->host);
		ok = look_at_host(c, a, &password);
	}
	if (!ok && hosts_left(&hosts) && clock_left(c->deadline) <= 0)
		checkup_add(c, FINDING_WARN, "host", -1,
		    "the others were not looked at: all the time is gone");
	if (!ok)
		look_next_door(c, a);
	while (ok && hosts_left(&hosts)) {
		hosts_next(&hosts, a);
		checkup_spare(c, a, &password);
	}
	hosts_end(&hosts);
	password_free(&password);
	return ok;
}

bool
checkup_run(struct checkup *c, const struct config *config, struct account *a)
{
	const int seconds = c->seconds > 0 ? c->seconds : CHECK_SECONDS_MAX;
	struct outcome o;

	if (a->protocol == PROTOCOL_CATCH) {
		(void)outcome_fail(&o, CAUSE_NO_SERVER, "%s", "");
		return checkup_fail(c, a, "account", &o);
	}
	c->deadline = clock_in(seconds * INT64_C(1000));
	checkup_hurry(c, a);
	checkup_files(c, config, a);
	(void)look_at_hosts(c, a);
	checkup_routes(c, config, a);
	checkup_queue(c, config, a);
	checkup_sendmail(c);
	return c->why.cause == CAUSE_NONE;
}
