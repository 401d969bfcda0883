/* SPDX-License-Identifier: ISC */
#include "cmd/submit.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "cmd/dispatch.h"
#include "cmd/mail.h"
#include "cmd/recipients.h"
#include "cmd/report.h"
#include "relay/guard.h"
#include "relay/relay.h"
#include "relay/route.h"
#include "serve/partial.h"
#include "serve/received.h"
#include "serve/relay_sink.h"

struct submit {
	struct invocation v;
	struct invocation one; /* the same for one sender, as if by -f */
	char *sender;          /* for whom the mail's account is settled; NULL: nobody */
	bool traced;
	bool is_live; /* servers are asked at each step; else the client hears in the
		       * end how it went */
	char *trace;
	struct mail mail;
	struct envelope refused; /* of those whom a name stands for, where others of them
				  * get the mail */
	struct posting onward;   /* what the next sink gets: expanded, and composed */
	struct observer observer;
	struct relay_sink relay;
};

struct submit *
submit_new(const struct invocation *v, const char *domain, const char *submitter)
{
	struct submit *s = mem_new(sizeof *s);

	*s = (struct submit){ .v = *v, .traced = submitter != NULL };
	s->v.domain = domain;
	s->v.submitter = submitter;
	s->v.verbose = s->v.debug = v->verbose && v->job != JOB_SMTP;
	s->observer = report_observer(&s->v);
	s->relay.observer = &s->observer;
	return s;
}

/* What belongs to one mail. */
static void
clear(struct submit *s)
{
	mail_clear(&s->mail);
	keep_wake(&s->mail.keep);
	envelope_free(&s->refused);
	free(s->trace);
	s->trace = NULL;
}

/* What was settled for one sender. */
static void
forget_sender(struct submit *s)
{
	if (s->sender == NULL)
		return;
	clear(s);
	relay_sink_close(&s->relay);
	mail_free(&s->mail);
	free(s->one.given);
	free(s->sender);
	s->sender = NULL;
}

void
submit_free(struct submit *s)
{
	forget_sender(s);
	free(s);
}

/* The command line with the sender that MAIL has named. */
static bool
give_sender(struct submit *s, const char *sender, struct outcome *o)
{
	s->one = s->v;
	s->one.given = mem_grow(NULL, s->v.n + 1, sizeof *s->one.given);
	if (s->v.n > 0)
		memcpy(s->one.given, s->v.given, s->v.n * sizeof *s->one.given);
	s->one.recipients = 0;
	s->one.read_sender = false;
	return invocation_give(&s->one, "from", sender, o);
}

/* The account, and its queue: those of the mail before, where the sender is the same. */
static bool
settle_sender(struct submit *s, const char *sender, struct outcome *o)
{
	bool ok;

	if (s->sender != NULL && strcmp(s->sender, sender) == 0) {
		ok = mail_renew(&s->mail, o);
	} else {
		forget_sender(s);
		mail_init(&s->mail, &s->one);
		s->sender = mem_dup(sender);
		ok = give_sender(s, sender, o) && mail_settle(&s->mail, o);
	}
	if (ok && dispatch_prepare(&s->mail, o))
		return true;
	forget_sender(s);
	return false;
}

/* What the client wishes goes before what the account says. */
static void
take_wishes(struct mail *m, const struct posting *p)
{
	if (p->envelope.ret != RET_UNSET)
		m->envelope.ret = p->envelope.ret;
	if (p->envelope.envid != NULL && m->envelope.envid == NULL)
		m->envelope.envid = mem_dup(p->envelope.envid);
}

/* Whether all that it gets goes to servers, and nowhere else. */
static bool
is_plain(const struct mail *m)
{
	return m->keep.policy == QUEUE_OFF &&
	       routes_all(m->account, &m->config, relay_is_plain);
}

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct submit *s = self;

	if (!settle_sender(s, p->envelope.sender, o))
		return false;
	take_wishes(&s->mail, p);
	s->relay.account = s->mail.account;
	s->relay.config = &s->mail.config;
	s->onward = (struct posting){ .visitor = p->visitor,
		.envelope = s->mail.envelope,
		.size = p->size,
		.smtputf8 = p->smtputf8 };
	s->is_live = is_plain(&s->mail);
	if (!s->is_live || relay_sink.begin(&s->relay, &s->onward, o))
		return true;
	clear(s);
	return false;
}

static bool
ask(struct submit *s, const struct recipient *to, struct outcome *o)
{
	const struct mail *m = &s->mail;
	const struct account *a;

	s->onward.envelope = m->envelope;
	if (envelope_has(&m->envelope, to->address))
		return true;
	if (s->is_live)
		return relay_sink.rcpt(&s->relay, &s->onward, to, o);
	a = route_find(m->account, &m->config, to->address, o);
	if (a == NULL || guard_allows(a, to->address))
		return a != NULL;
	(void)outcome_fail(o, CAUSE_GUARDED, "%s", to->address);
	return outcome_at(o, STAGE_RCPT);
}

/* Adds them with their outcomes; who is there already keeps their own. */
static void
add_all(struct envelope *to, const struct envelope *from)
{
	for (size_t i = 0; i < from->n; i++) {
		const size_t known = to->n, at = envelope_add_wish(to, &from->rcpt[i]);

		if (at == known)
			to->rcpt[at].outcome = from->rcpt[i].outcome;
	}
}

/* Asks about all those whom a name stands for. They get the mail where one at least may
 * have it, and its sender will hear of the others. */
static bool
ask_all(struct submit *s, const struct envelope *e, struct outcome *o)
{
	struct envelope refused = { 0 };
	struct outcome why;
	bool ok;

	for (size_t i = 0; i < e->n; i++) {
		if (ask(s, &e->rcpt[i], &why)) {
			(void)envelope_add_wish(&s->mail.envelope, &e->rcpt[i]);
		} else {
			size_t at = envelope_add_wish(&refused, &e->rcpt[i]);

			refused.rcpt[at].outcome = why;
		}
	}
	ok = e->n == 0 || refused.n < e->n;
	if (ok)
		add_all(&s->refused, &refused);
	else
		*o = refused.rcpt[0].outcome;
	envelope_free(&refused);
	return ok;
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct submit *s = self;
	const struct envelope literal = { 0 };
	struct envelope e = { 0 }, lost = { 0 };
	bool ok;

	(void)p;
	(void)envelope_add_wish(&e, to);
	ok = recipients_expand(&s->one, s->mail.account, &e, &literal, &lost, o);
	if (ok && lost.n > 0) {
		*o = lost.rcpt[0].outcome;
		ok = false;
	}
	ok = ok && ask_all(s, &e, o);
	envelope_free(&e);
	envelope_free(&lost);
	return ok;
}

static bool
compose_mail(struct submit *s, struct source *m, struct outcome *o)
{
	struct source_reader reader = { .source = m };
	bool ok;

	input_init_from(&s->mail.input, source_read, &reader);
	s->mail.trace = s->trace;
	ok = header_read(&s->mail.header, &s->mail.input, o);
	if (ok && received_too_often(&s->mail.header))
		ok = outcome_fail(o, CAUSE_MESSAGE, "it goes round in a circle");
	ok = ok && mail_compose(&s->mail, o);
	input_free(&s->mail.input);
	return ok;
}

/* Each recipient of the client's hears what became of the mail: where there is one answer
 * for all of them, that; else the answer about those who carry its name. */
static void
take_outcomes(struct submit *s, struct posting *p)
{
	struct envelope *to = &p->envelope, *of = &s->mail.envelope;
	const struct outcome none = { .cause = CAUSE_NONE };

	for (size_t i = 0; i < to->n; i++) {
		const char *name = to->rcpt[i].address;
		const struct outcome *o = of->n > 0 ? &of->rcpt[0].outcome : &none;

		for (size_t k = 0; k < of->n; k++)
			if (strcmp(of->rcpt[k].address, name) == 0 ||
			    (of->rcpt[k].orcpt != NULL &&
				strcmp(of->rcpt[k].orcpt, name) == 0))
				o = &of->rcpt[k].outcome;
		to->rcpt[i].outcome = *o;
	}
}

/* On to the servers that were asked already. */
static void
send_live(struct submit *s)
{
	struct mail *m = &s->mail;

	for (size_t i = 0; i < m->routes.n; i++) {
		struct route *route = &m->routes.v[i];

		s->onward.envelope = route->part.envelope;
		relay_sink.message(&s->relay, &s->onward, &m->source);
		route->part.envelope = s->onward.envelope;
		report_part(m->v, route->account, &route->part.envelope, &m->source);
	}
	routes_join(&m->routes, &m->envelope);
}

static void
deliver(struct submit *s)
{
	if (s->is_live)
		send_live(s);
	else
		dispatch_mail(&s->mail);
}

static bool
make_ready(struct submit *s, struct source *from, struct outcome *o)
{
	struct mail *m = &s->mail;

	return routes_split(&m->routes, m->account, &m->config, &m->envelope, o) &&
	       compose_mail(s, from, o);
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct submit *s = self;
	struct envelope *e = &s->mail.envelope;
	struct outcome o;

	if (s->traced)
		s->trace = received_field(p, account_domain(s->mail.account), time(NULL));
	if (!make_ready(s, m, &o)) {
		envelope_settle(&p->envelope, &o);
		return;
	}
	if (e->n > 0)
		deliver(s);
	take_outcomes(s, p);
	add_all(e, &s->refused);
	if (e->n > 0 && !p->visitor->lmtp)
		partial_tell(s->mail.account, e, &s->mail.source, &s->observer);
}

static void
end(void *self, struct posting *p)
{
	struct submit *s = self;

	(void)p;
	if (s->is_live)
		relay_sink.end(&s->relay, &s->onward);
	clear(s);
}

const struct sink submit_sink = { begin, rcpt, message, end, NULL };
