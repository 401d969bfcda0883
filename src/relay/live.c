/* SPDX-License-Identifier: ISC */
#include "relay/live.h"

#include <string.h>

#include "relay/relay.h"
#include "smtp/credentials.h"
#include "smtp/flight.h"
#include "smtp/parameter.h"

/* Nothing more can be said in it. */
static void
drop(struct live *l)
{
	session_close(&l->session, false);
	l->is_open = false;
}

/* One command whose answer is waited for. What the server refuses, and what breaks the
 * connection, are told alike; behind the second, and behind a goodbye, the session is
 * closed. */
static bool
ask(struct live *l, enum stage stage, const char *verb, struct span arg,
    struct outcome *o)
{
	struct outcome answer = { .cause = CAUSE_NONE }, why;
	struct flight flight;
	bool whole;

	flight_init(&flight, &l->session.channel, false);
	whole = flight_command(
	    &flight, verb, arg, (struct expect){ stage, 2, &answer }, &why);
	flight_free(&flight);
	if (!whole) {
		*o = why;
		(void)outcome_at(o, stage);
	} else if (answer.cause != CAUSE_NONE) {
		*o = answer;
	}
	if (!whole || answer.code == FLIGHT_CLOSING)
		drop(l);
	return whole && answer.cause == CAUSE_NONE;
}

static bool
ask_sender(struct live *l, const struct envelope *e, uint64_t size, struct outcome *o)
{
	const char *sender = e->sender != NULL ? e->sender : "";
	const struct caps *caps = &l->session.caps;
	struct buf arg;
	bool ok;

	l->stale = false;
	if (l->asked && !ask(l, STAGE_MAIL, "RSET", span_of(""), o))
		return false;
	buf_init(&arg, PARAMETERS_MAX);
	ok = add_path(&arg, sender, l->utf8, o) || outcome_at(o, STAGE_MAIL);
	if (ok && size > 0 && caps_have(caps, CAP_SIZE))
		buf_printf(&arg, " SIZE=%llu", (unsigned long long)size);
	if (ok && caps_have(caps, CAP_8BITMIME))
		buf_puts(&arg, " BODY=8BITMIME");
	if (ok && l->utf8)
		buf_puts(&arg, " SMTPUTF8");
	if (ok && l->dsn)
		add_mail_dsn(&arg, e);
	l->asked = ok;
	ok = ok && ask(l, STAGE_MAIL, "MAIL FROM:", buf_span(&arg), o);
	buf_free(&arg);
	return ok;
}

/* In the session that is open. */
static bool
begin(struct live *l, const struct envelope *e, bool smtputf8, uint64_t size,
    struct outcome *o)
{
	const struct caps *caps = &l->session.caps;

	l->utf8 = (smtputf8 || envelope_is_utf8(e)) && caps_have(caps, CAP_SMTPUTF8);
	l->dsn = caps_have(caps, CAP_DSN);
	return ask_sender(l, e, size, o);
}

/* Whether the session can't have another message. */
static bool
is_full(const struct live *l)
{
	const struct caps *caps = &l->session.caps;

	return caps->mail_max > 0 && l->mails >= caps->mail_max;
}

bool
live_begin(struct live *l, struct account *a, const struct envelope *e, bool smtputf8,
    uint64_t size, const struct observer *observer, struct outcome *o)
{
	if (l->is_open && is_full(l))
		live_end(l);
	if (l->is_open && begin(l, e, smtputf8, size, o))
		return true;
	if (l->is_open) /* it was refused; else the session had become too old */
		return false;
	live_end(l);
	l->is_open = credentials_open_first(&l->session, a, &l->password, observer, o);
	return l->is_open && begin(l, e, smtputf8, size, o);
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
	ok = ok && ask(l, STAGE_RCPT, "RCPT TO:", buf_span(&arg), o);
	buf_free(&arg);
	return ok;
}

void
live_forget(struct live *l)
{
	l->stale = l->is_open;
}

void
live_message(struct live *l, struct envelope *e, struct source *m)
{
	struct outcome o;

	if (!l->is_open) {
		(void)lost(&o);
		envelope_settle(e, &o);
		return;
	}
	if (l->stale && !ask(l, STAGE_MAIL, "RSET", span_of(""), &o)) {
		envelope_settle(e, &o);
		return;
	}
	l->mails++;
	if (!relay_hand_over(&l->session, !l->stale, e, m, &o))
		drop(l);
	l->asked = envelope_accepted(e) == 0;
	l->stale = false;
}

void
live_end(struct live *l)
{
	if (l->is_open)
		session_close(&l->session, true);
	password_free(&l->password);
	*l = (struct live){ .is_open = false };
}
