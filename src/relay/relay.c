/* SPDX-License-Identifier: ISC */
#include "relay/relay.h"

#include <assert.h>
#include <sysexits.h>

#include "relay/catch.h"
#include "relay/guard.h"
#include "smtp/batch.h"
#include "smtp/credentials.h"
#include "smtp/session.h"

/* What the sessions with a server have come to so far. */
struct progress {
	bool stays;       /* the session goes on behind it */
	bool asked;       /* it knows the envelope already */
	bool no_chunking; /* whatever the server offers */
	size_t taken;     /* recipients */
	bool again;       /* another session gets us further */
};

static bool
has_rest(const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (batch_is_rest(&e->rcpt[i].outcome))
			return true;
	return false;
}

/* A session that broke before it had the message, whose envelope it knew, was older than
 * the message: another may do. */
static bool
was_too_old(const struct envelope *e, const struct progress *p, bool ok)
{
	return p->asked && !ok && p->taken == 0 &&
	       e->rcpt[0].outcome.cause == CAUSE_HANGUP;
}

static bool
hand_over(struct session *s, struct progress *p, struct envelope *e, struct source *m,
    struct outcome *o)
{
	struct batch b = {
		.channel = &s->channel,
		.caps = &s->caps,
		.lmtp = s->account->protocol == PROTOCOL_LMTP,
		.only_rest = p->taken > 0,
		.stays = p->stays,
		.asked = p->asked,
	};
	size_t before = p->taken;
	bool ok;

	if (p->no_chunking)
		s->caps.set &= ~(unsigned)CAP_CHUNKING;
	ok = transact(&b, e, m, o);
	s->quit = b.quit;
	p->taken = envelope_accepted(e);
	p->again = (b.no_chunking && !p->no_chunking) ||
		   (p->taken > before && has_rest(e)) || was_too_old(e, p, ok);
	p->no_chunking = p->no_chunking || b.no_chunking;
	p->asked = false;
	return ok;
}

static bool
reopen(struct session *s, bool can_talk, struct outcome *o)
{
	const struct account *a = s->account;
	const struct secret *password = s->password;
	const struct observer *observer = s->channel.observer;

	session_close(s, can_talk);
	return session_open(s, a, password, observer, o);
}

/* Who got it has it, whatever became of a further session. */
static void
settle_rest(struct envelope *e, const struct progress *p, const struct outcome *o)
{
	for (size_t i = 0; i < e->n; i++)
		if (p->taken == 0 || batch_is_rest(&e->rcpt[i].outcome))
			e->rcpt[i].outcome = *o;
}

/* In as many sessions as it takes. */
static bool
hand_over_all(struct session *s, struct progress *p, struct envelope *e, struct source *m,
    struct outcome *o)
{
	bool ok = hand_over(s, p, e, m, o);

	while (p->again) {
		if (!reopen(s, ok, o)) {
			settle_rest(e, p, o);
			return false;
		}
		ok = hand_over(s, p, e, m, o);
	}
	return ok;
}

bool
relay_hand_over(struct session *s, bool asked, struct envelope *e, struct source *m,
    struct outcome *o)
{
	struct progress p = { .stays = true, .asked = asked };

	return hand_over_all(s, &p, e, m, o);
}

static void
send_through(const struct account *a, struct password *password, struct envelope *e,
    struct source *m, const struct observer *observer)
{
	struct progress p = { .taken = 0 };
	struct session s;
	struct outcome o;

	if (credentials_open(&s, a, password, observer, &o))
		session_close(&s, hand_over_all(&s, &p, e, m, &o));
	else
		envelope_settle(e, &o);
}

/* Whether another server may take what this one didn't, all of it and for sure. */
static bool
may_move_on(const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++)
		if (!session_may_move_on(&e->rcpt[i].outcome))
			return false;
	return true;
}

static void
send_to_servers(struct account *a, struct envelope *e, struct source *m,
    const struct observer *observer)
{
	struct password password = { 0 };
	struct hosts hosts;

	hosts_begin(&hosts, a);
	do {
		hosts_next(&hosts, a);
		send_through(a, &password, e, m, observer);
		if (!hosts_left(&hosts) || !may_move_on(e))
			break;
		session_note_move(a, &e->rcpt[0].outcome, observer);
	} while (true);
	hosts_end(&hosts);
	password_free(&password);
}

static void
send_unguarded(struct account *a, struct envelope *e, struct source *m,
    const struct observer *observer)
{
	if (e->n == 0)
		return;
	if (a->protocol == PROTOCOL_CATCH)
		catch_mail(a, e, m);
	else
		send_to_servers(a, e, m, observer);
}

bool
relay_is_plain(const struct account *a)
{
	return !guard_is_set(a) && a->protocol != PROTOCOL_CATCH;
}

void
relay_send(struct account *a, struct envelope *e, struct source *m,
    const struct observer *observer)
{
	struct guard guard;

	if (!guard_is_set(a)) {
		send_unguarded(a, e, m, observer);
		return;
	}
	guard_begin(&guard, a, e, m);
	send_unguarded(a, &guard.part.envelope, m, observer);
	guard_end(&guard, e, m);
}

static int
gravity(const struct outcome *o)
{
	switch (outcome_verdict(o)) {
	case VERDICT_DONE:
		return 0;
	case VERDICT_RETRY:
		return 1;
	case VERDICT_HOLD:
	case VERDICT_REJECT:
		break;
	}
	return 2;
}

const struct outcome *
relay_verdict(const struct envelope *e)
{
	const struct outcome *gravest = &e->rcpt[0].outcome;

	assert(e->n > 0);
	for (size_t i = 1; i < e->n; i++)
		if (gravity(&e->rcpt[i].outcome) > gravity(gravest))
			gravest = &e->rcpt[i].outcome;
	return gravest;
}

int
relay_sysexit(const struct envelope *e, bool as_sendmail)
{
	int status = outcome_sysexit(relay_verdict(e));
	bool somebody = envelope_accepted(e) > 0;

	if (status == EX_TEMPFAIL && somebody)
		return EX_UNAVAILABLE;
	return status == EX_NOUSER && !somebody && !as_sendmail ? EX_DATAERR : status;
}
