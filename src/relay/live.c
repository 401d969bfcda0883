/* SPDX-License-Identifier: ISC */
#include "relay/live.h"

#include <string.h>

#include "relay/relay.h"
#include "smtp/credentials.h"
#include "smtp/flight.h"
#include "smtp/parameter.h"

static bool
open_session(struct live *l, const struct account *a, const struct observer *observer,
    struct outcome *o)
{
	if (!credentials_get(a, observer, &l->password, o))
		return false;
	if (session_open(&l->session, a, &l->password.secret, observer, o))
		return true;
	credentials_blame(&l->password, o);
	session_close(&l->session, o->code != 0);
	return false;
}

static bool
open_first(
    struct live *l, struct account *a, const struct observer *observer, struct outcome *o)
{
	struct hosts hosts;
	bool ok;

	hosts_begin(&hosts, a);
	do {
		hosts_next(&hosts, a);
		ok = open_session(l, a, observer, o);
	} while (!ok && hosts_left(&hosts) && session_may_move_on(o));
	hosts_end(&hosts);
	return ok;
}

/* One command whose answer is waited for. What the server refuses, and what breaks the
 * connection, are told alike; behind the second, the session is closed. */
static bool
ask(struct live *l, enum stage stage, const char *verb, const struct buf *arg,
    struct outcome *o)
{
	struct outcome answer = { .cause = CAUSE_NONE }, why;
	struct flight flight;
	bool whole;

	flight_init(&flight, &l->session.channel, false);
	whole = flight_command(&flight, stage, 2, verb, buf_span(arg), &answer, &why);
	flight_free(&flight);
	if (!whole) {
		*o = why;
		(void)outcome_at(o, stage);
		session_close(&l->session, false);
		l->is_open = false;
	} else if (answer.cause != CAUSE_NONE) {
		*o = answer;
	}
	return whole && answer.cause == CAUSE_NONE;
}

static bool
ask_sender(struct live *l, const struct envelope *e, struct outcome *o)
{
	const char *sender = e->sender != NULL ? e->sender : "";
	const struct caps *caps = &l->session.caps;
	struct buf arg;
	bool ok;

	buf_init(&arg, PARAMETERS_MAX);
	ok = add_path(&arg, sender, l->utf8, o) || outcome_at(o, STAGE_MAIL);
	if (ok && caps_have(caps, CAP_8BITMIME))
		buf_puts(&arg, " BODY=8BITMIME");
	if (ok && l->utf8)
		buf_puts(&arg, " SMTPUTF8");
	if (ok && l->dsn)
		add_mail_dsn(&arg, e);
	l->asked = ok;
	ok = ok && ask(l, STAGE_MAIL, "MAIL FROM:", &arg, o);
	buf_free(&arg);
	return ok;
}

bool
live_begin(struct live *l, struct account *a, const struct envelope *e, bool smtputf8,
    const struct observer *observer, struct outcome *o)
{
	const struct caps *caps = &l->session.caps;

	l->is_open = open_first(l, a, observer, o);
	if (!l->is_open)
		return false;
	l->utf8 = (smtputf8 || envelope_is_utf8(e)) && caps_have(caps, CAP_SMTPUTF8);
	l->dsn = caps_have(caps, CAP_DSN);
	return ask_sender(l, e, o);
}

static bool
lost(struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_HANGUP, "the server closed the connection");
	return outcome_at(o, STAGE_RCPT);
}

bool
live_rcpt(struct live *l, const struct envelope *e, const struct recipient *to,
    struct outcome *o)
{
	struct buf arg;
	bool ok;

	if (!l->is_open)
		return lost(o);
	buf_init(&arg, PARAMETERS_MAX);
	ok = add_path(&arg, to->address, l->utf8, o) || outcome_at(o, STAGE_RCPT);
	if (ok && l->dsn)
		add_rcpt_dsn(&arg, e, to);
	ok = ok && ask(l, STAGE_RCPT, "RCPT TO:", &arg, o);
	buf_free(&arg);
	return ok;
}

void
live_message(struct live *l, struct envelope *e, struct source *m)
{
	const struct buf none = { .data = (char[]){ "" } };
	struct outcome o;
	bool talks;

	if (!l->is_open)
		(void)lost(&o);
	if (!l->is_open || (l->asked && !ask(l, STAGE_DATA, "RSET", &none, &o))) {
		envelope_settle(e, &o);
		return;
	}
	talks = relay_hand_over(&l->session, e, m, &o);
	session_close(&l->session, talks);
	l->is_open = false;
}

void
live_end(struct live *l)
{
	if (l->is_open)
		session_close(&l->session, true);
	password_free(&l->password);
	*l = (struct live){ .is_open = false };
}
