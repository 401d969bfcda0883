/* SPDX-License-Identifier: ISC
 *
 * send.c - the main job
 */
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/mem.h"
#include "cmd/caller.h"
#include "cmd/choose.h"
#include "cmd/identity.h"
#include "cmd/job.h"
#include "cmd/print_config.h"
#include "cmd/recipients.h"
#include "cmd/report.h"
#include "conf/pattern.h"
#include "mail/address.h"
#include "mail/compose.h"
#include "probe/neighbour.h"
#include "relay/relay.h"
#include "relay/route.h"

/* Everything about one mail. */
struct mail {
	const struct invocation *v;
	struct config config;
	struct choice_made choice;
	struct account *account; /* the choice's */
	char *full_name;         /* of who calls; NULL: not known */
	char *host;              /* the first of its; NULL: a socket has none */
	struct input input;
	struct header header;
	struct envelope envelope;
	struct envelope literal; /* recipients that are meant as they are written */
	struct envelope lost;    /* recipients whose aliases lead to nobody */
	struct routes routes;    /* the accounts that it goes through */
	struct identity identity;
	struct source source;
};

static bool
collect_recipients(struct mail *m, struct outcome *o)
{
	if (!recipients_given(m->v, &m->envelope, &m->literal, o))
		return false;
	if (m->v->read_recipients && !recipients_from_header(&m->envelope, &m->header, o))
		return false;
	return m->envelope.n + m->literal.n > 0 ||
	       outcome_fail(o, CAUSE_NO_RECIPIENT, "%s",
		   m->v->read_recipients ? "the mail has no address in To, Cc or Bcc"
					 : "");
}

static void
settle_notices(struct mail *m)
{
	m->envelope.notify = (unsigned)m->account->dsn_notify;
	m->envelope.only_wished = m->v->as_sendmail;
	m->envelope.ret = (enum ret)m->account->dsn_return;
	if (m->v->envid != NULL)
		m->envelope.envid = mem_dup(m->v->envid);
}

/* The first that isn't NULL. */
static const char *
first_of(const char *a, const char *b, const char *c)
{
	return a != NULL ? a : b != NULL ? b : c;
}

/* The server's name, as a domain for what this machine sends; an IP address is none. */
static const char *
server_domain(const struct mail *m)
{
	const char *host = m->host != NULL ? m->host : account_server(m->account);

	return is_ip_address(host) ? account_domain(m->account) : host;
}

static struct header_policy
header_policy(const struct mail *m)
{
	const struct account *a = m->account;
	const char *own = strcmp(account_domain(a), "localhost") != 0 ? a->domain : NULL;
	const char *domain = first_of(a->maildomain, own, server_domain(m));
	/* without a mail domain, any domain of a local name would be a guess; and names
	 * that somebody else wrote aren't ours */
	const unsigned left_alone =
	    a->maildomain == NULL || m->v->gateway ? REPAIR_ADDRESSES : 0;
	const struct observer observer = report_observer(m->v);

	return (struct header_policy){
		.set_from = a->set_from_header,
		.set_date = a->set_date_header,
		.set_message_id = a->set_msgid_header,
		.set_to = a->set_to_header,
		.rewrite = identity_rewrite(&m->identity),
		.remove_bcc = a->remove_bcc_headers,
		.full_name = a->from_full_name != NULL ? a->from_full_name : m->full_name,
		.repair = repairs_wanted(m->v, a) & ~left_alone,
		.domain = domain,
		.message_id_domain =
		    first_of(own, address_domain(m->envelope.sender), domain),
		.now = time(NULL),
		.warn = observer.warn,
		.arg = observer.arg,
	};
}

static bool
compose_mail(struct mail *m, struct outcome *o)
{
	struct header_policy policy = header_policy(m);
	unsigned repaired = 0;

	if (!compose(
		&m->source, &m->header, &m->input, &m->envelope, &policy, &repaired, o))
		return false;
	report_repairs(m->v, repaired);
	return true;
}

/* A program that failed and an empty mail look the same from here. */
static void
warn_if_empty(struct mail *m)
{
	struct outcome ignored;
	struct span line;

	if (m->header.n == 0 && !m->header.ended &&
	    input_peek(&m->input, &line, &ignored) == INPUT_END)
		report_warning(m->v, "standard input held nothing: this mail is empty");
}

/* An address that only this machine understands. */
static bool
is_vague(const struct mail *m, const char *spec)
{
	const char *own = m->account->maildomain, *domain = address_domain(spec);

	if (domain == NULL)
		return *spec != '\0';
	return own != NULL && strchr(own, '.') == NULL &&
	       span_is_nocase(span_of(own), domain);
}

static void
warn_if_vague(const struct mail *m)
{
	const struct envelope *e = &m->envelope;
	bool found = e->sender != NULL && is_vague(m, e->sender);

	for (size_t i = 0; i < e->n && !found; i++)
		found = is_vague(m, e->rcpt[i].address);
	if (found && m->v->as_sendmail)
		report_warning(m->v, "this machine has no full name, and its addresses "
				     "mean nothing to others: set maildomain");
}

static bool
settle_account(struct mail *m, struct outcome *o)
{
	char *from = sender_from_header(&m->header);
	bool ok = choose(&m->choice, m->v, &m->config, from, o);

	m->account = m->choice.account;
	if (ok)
		m->host = account_first_host(m->account);
	if (ok && m->v->as_sendmail && m->choice.sender == NULL)
		m->full_name = caller_full_name();
	free(from);
	return ok;
}

/* All that can fail before the network is touched, in the order in which it should. */
static bool
make_ready(struct mail *m, struct outcome *o)
{
	if (!header_read(&m->header, &m->input, o) || !collect_recipients(m, o) ||
	    !settle_account(m, o))
		return false;
	if (m->v->debug)
		print_config(m->v, &m->config, &m->choice);
	if (!identity_settle(&m->identity, &m->choice, &m->envelope, o))
		return false;
	settle_notices(m);
	if (!recipients_expand(m->v, m->account, &m->envelope, &m->literal, &m->lost, o))
		return false;
	warn_if_vague(m);
	warn_if_empty(m);
	return routes_split(&m->routes, m->account, &m->config, &m->envelope, o) &&
	       compose_mail(m, o);
}

/* Recipients whose aliases lead to nobody go through no account. */
static void
report_lost(struct mail *m)
{
	if (m->lost.n > 0)
		report_part(m->v, m->account, &m->lost, &m->source);
	envelope_append(&m->envelope, &m->lost);
}

/* Whoever has mails to send on port 25, and can't, wants to know which port will do. */
static void
look_next_door(const struct account *a, struct envelope *e)
{
	struct outcome *first = &e->rcpt[0].outcome;

	if (first->cause == CAUSE_PORT25)
		neighbour_note(a, first);
}

static int
send_mail(struct mail *m)
{
	const struct observer observer = report_observer(m->v);
	struct outcome o;

	if (!make_ready(m, &o))
		return report_failure(m->v, &o);
	for (size_t i = 0; i < m->routes.n; i++) {
		const struct route *route = &m->routes.v[i];
		struct envelope *part = &m->routes.v[i].part.envelope;

		relay_send(route->account, part, &m->source, &observer);
		look_next_door(route->account, part);
		report_part(m->v, route->account, part, &m->source);
	}
	routes_join(&m->routes, &m->envelope);
	report_lost(m);
	if (m->envelope.n == 0) {
		report_warning(m->v, "all recipients are aliases for /dev/null: nothing "
				     "was sent");
		return EX_OK;
	}
	return report_whole(m->v, m->account, &m->envelope);
}

int
job_send(const struct invocation *v, bool has_input)
{
	struct mail m = { .v = v };
	struct outcome o;
	int status;

	if (!has_input) {
		(void)outcome_fail(&o, CAUSE_NO_INPUT, "it is closed");
		return report_failure(v, &o);
	}
	input_init(&m.input, STDIN_FILENO);
	m.input.ends_at_dot = v->as_sendmail && !v->ignore_dots;
	if (v->errors_by_mail)
		report_note(v, "nobody gets mail about an error: it is told here");
	header_init(&m.header);
	source_init(&m.source);
	status = send_mail(&m);
	source_free(&m.source);
	routes_free(&m.routes);
	envelope_free(&m.envelope);
	envelope_free(&m.literal);
	envelope_free(&m.lost);
	header_free(&m.header);
	input_free(&m.input);
	free(m.host);
	free(m.full_name);
	identity_free(&m.identity);
	choice_free(&m.choice);
	config_free(&m.config);
	return status;
}
