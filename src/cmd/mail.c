/* SPDX-License-Identifier: ISC */
#include "cmd/mail.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/encode.h"
#include "base/mem.h"
#include "cmd/caller.h"
#include "cmd/print_config.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"
#include "cmd/report_mail.h"
#include "mail/address.h"
#include "mail/compose.h"
#include "mail/named.h"

void
mail_init(struct mail *m, const struct invocation *v)
{
	*m = (struct mail){ .v = v };
	header_init(&m->header);
	source_init(&m->source);
	keep_init(&m->keep);
}

void
mail_clear(struct mail *m)
{
	source_free(&m->source);
	routes_free(&m->routes);
	envelope_free(&m->envelope);
	envelope_free(&m->literal);
	envelope_free(&m->lost);
	header_free(&m->header);
	identity_free(&m->identity);
	header_init(&m->header);
	source_init(&m->source);
}

void
mail_free(struct mail *m)
{
	mail_clear(m);
	keep_close(&m->keep);
	free(m->host);
	free(m->full_name);
	choice_free(&m->choice);
	config_free(&m->config);
}

static bool
settle_account(struct mail *m, struct outcome *o)
{
	char *from = sender_from_header(&m->header);
	bool ok = choose(&m->choice, m->v, &m->config, from, o);

	m->account = m->choice.account;
	if (ok)
		m->host = account_first_host(m->account);
	free(from);
	return ok;
}

static void
settle_notices(struct mail *m)
{
	m->envelope.notify = (unsigned)m->account->dsn_notify;
	m->envelope.only_wished = m->v->whole;
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
		.trace = m->trace,
		.now = time(NULL),
		.warn = observer.warn,
		.arg = observer.arg,
	};
}

bool
mail_renew(struct mail *m, struct outcome *o)
{
	if (!identity_settle(&m->identity, &m->choice, &m->envelope, o))
		return false;
	settle_notices(m);
	return true;
}

bool
mail_settle(struct mail *m, struct outcome *o)
{
	if (!settle_account(m, o))
		return false;
	if (m->v->debug)
		print_config(m->v, &m->config, &m->choice);
	return mail_renew(m, o);
}

/* Whether a From header is made, in which the person's name belongs: who that is may cost
 * a question to some directory. */
static bool
needs_full_name(const struct mail *m)
{
	return m->v->as_sendmail && m->choice.sender == NULL && m->full_name == NULL &&
	       m->account->from_full_name == NULL &&
	       (m->account->set_from_header == SET_ON || !header_has(&m->header, "From"));
}

static bool
compose_mail(struct mail *m, struct outcome *o)
{
	struct header_policy policy;
	unsigned repaired = 0;

	if (needs_full_name(m))
		m->full_name = caller_full_name();
	policy = header_policy(m);
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
	if (found && m->v->whole)
		report_warning(m->v, "this machine has no full name, and its addresses "
				     "mean nothing to others: set maildomain");
}

bool
mail_compose(struct mail *m, struct outcome *o)
{
	warn_if_vague(m);
	warn_if_empty(m);
	return compose_mail(m, o);
}
