/* SPDX-License-Identifier: ISC */
#include "cmd/onward.h"

#include "cmd/dispatch.h"
#include "cmd/report_mail.h"
#include "relay/guard.h"
#include "relay/route.h"

static bool
has_queue(const struct onward *w, const struct account *a)
{
	return a == w->mail->account ? w->mail->keep.policy != QUEUE_OFF
				     : a->queue != QUEUE_OFF;
}

/* Whether the client can hear what the server itself says of each recipient. */
static bool
is_live(const struct onward *w, const struct account *a)
{
	return !has_queue(w, a) && a->redirect_all == NULL &&
	       a->protocol != PROTOCOL_CATCH;
}

bool
onward_begin(struct onward *w, const struct posting *p, struct outcome *o)
{
	const struct mail *m = w->mail;

	w->relay.account = m->account;
	w->relay.config = &m->config;
	w->posting = (struct posting){ .visitor = p->visitor,
		.envelope = m->envelope,
		.size = p->size,
		.smtputf8 = p->smtputf8 };
	return (m->account->routes == NULL && !is_live(w, m->account)) ||
	       relay_sink.begin(&w->relay, &w->posting, o);
}

static bool
ask(struct onward *w, const struct recipient *to, struct outcome *o)
{
	const struct mail *m = w->mail;
	const struct account *a = route_find(m->account, &m->config, to->address, o);

	if (a == NULL)
		return false;
	if (!guard_allows(a, to->address)) {
		(void)outcome_fail(o, CAUSE_GUARDED, "%s", to->address);
		return outcome_at(o, STAGE_RCPT);
	}
	return !is_live(w, a) || relay_sink.rcpt(&w->relay, &w->posting, to, o);
}

bool
onward_ask(struct onward *w, const struct recipient *to, struct outcome *o)
{
	w->posting.envelope = w->mail->envelope;
	return ask(w, to, o);
}

void
onward_forget(struct onward *w, const char *address)
{
	relay_sink_forget(&w->relay, address);
}

static void
send_through(struct onward *w, struct account *a, struct envelope *e, struct source *m)
{
	if (is_live(w, a)) {
		w->posting.envelope = *e;
		relay_sink.message(&w->relay, &w->posting, m);
		*e = w->posting.envelope;
	} else {
		dispatch_part(w->mail, a, e, m);
	}
	report_part(w->mail->v, a, e, m);
}

void
onward_send(struct onward *w)
{
	struct mail *m = w->mail;

	for (size_t i = 0; i < m->routes.n; i++)
		send_through(
		    w, m->routes.v[i].account, &m->routes.v[i].part.envelope, &m->source);
	routes_join(&m->routes, &m->envelope);
}

bool
onward_send_notice(
    void *self, struct envelope *e, struct source *notice, struct outcome *o)
{
	struct onward *w = self;
	const struct mail *m = w->mail;
	struct account *a = route_find(m->account, &m->config, e->rcpt[0].address, o);

	w->posting = (struct posting){
		.visitor = w->posting.visitor, .envelope = *e, .size = notice->size
	};
	if (a == NULL ||
	    (is_live(w, a) && !relay_sink.begin(&w->relay, &w->posting, o)) ||
	    !ask(w, &e->rcpt[0], o))
		return false;
	send_through(w, a, e, notice);
	*o = e->rcpt[0].outcome;
	return envelope_accepted(e) == e->n;
}

void
onward_close(struct onward *w)
{
	relay_sink_close(&w->relay);
	w->posting = (struct posting){ .visitor = NULL };
}
