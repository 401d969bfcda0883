/* SPDX-License-Identifier: ISC */
#include "smtp/transaction.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "smtp/flight.h"
#include "smtp/parameter.h"

static const struct span nothing = { "", 0 };

/* What one run of transact() knows beside its arguments. */
struct run {
	struct transaction *t;
	struct envelope *e;
	struct source *m;
	struct flight flight;
	bool utf8; /* SMTPUTF8 is used */
	bool dsn;
	struct outcome mail;
	struct outcome data;
	struct outcome final; /* of the message; CAUSE_LAST: not known yet */
};

static bool
is_refused(const struct outcome *o)
{
	return o->cause != CAUSE_NONE;
}

static bool
wants_dsn(const struct envelope *e)
{
	bool wishes =
	    e->notify != NOTIFY_UNSET || e->ret != RET_UNSET || e->envid != NULL;

	for (size_t i = 0; i < e->n && !wishes; i++)
		wishes = e->rcpt[i].notify != NOTIFY_UNSET;
	return wishes;
}

/* What can be known before anything is sent. */
static bool
is_possible(struct run *r, struct outcome *o)
{
	const struct caps *caps = r->t->caps;

	if (r->dsn && !caps_have(caps, CAP_DSN) && r->e->only_wished)
		r->dsn = false;
	if (r->dsn && !caps_have(caps, CAP_DSN))
		return outcome_fail(o, CAUSE_NO_DSN, "a delivery notice was asked for");
	if (caps->size > 0 && r->m->size > caps->size)
		return outcome_fail(o, CAUSE_TOO_LARGE,
		    "the message has %llu bytes (%.1f MB), the server takes %llu (%.1f "
		    "MB)",
		    (unsigned long long)r->m->size, (double)r->m->size / 1e6,
		    (unsigned long long)caps->size, (double)caps->size / 1e6);
	return true;
}

/* An address that can't be put on the wire is refused here, in place of the server. */
static bool
add_address(struct run *r, struct buf *arg, const char *address, enum stage stage,
    struct outcome *own)
{
	return add_path(arg, address, r->utf8, own) || outcome_at(own, stage);
}

static void
add_mail_parameters(const struct run *r, struct buf *arg)
{
	const struct caps *caps = r->t->caps;

	if (caps_have(caps, CAP_SIZE))
		buf_printf(arg, " SIZE=%llu", (unsigned long long)r->m->size);
	if (caps_have(caps, CAP_8BITMIME) && (r->m->is_8bit || r->m->header_is_8bit))
		buf_puts(arg, " BODY=8BITMIME");
	if (r->utf8)
		buf_puts(arg, " SMTPUTF8");
	if (r->dsn)
		add_mail_dsn(arg, r->e);
}

static bool
send_mail(struct run *r, struct outcome *o)
{
	const char *sender = r->e->sender != NULL ? r->e->sender : "";
	struct buf arg;
	bool ok = true;

	buf_init(&arg, PARAMETERS_MAX);
	if (add_address(r, &arg, sender, STAGE_MAIL, &r->mail)) {
		add_mail_parameters(r, &arg);
		assert(buf_ok(&arg));
		ok = flight_command(
		    &r->flight, STAGE_MAIL, 2, "MAIL FROM:", buf_span(&arg), &r->mail, o);
	}
	buf_free(&arg);
	return ok;
}

static bool
send_rcpt(struct run *r, struct recipient *to, struct outcome *o)
{
	struct buf arg;
	bool ok = true;

	buf_init(&arg, PARAMETERS_MAX);
	if (add_address(r, &arg, to->address, STAGE_RCPT, &to->outcome)) {
		if (r->dsn)
			add_rcpt_dsn(&arg, r->e, to);
		assert(buf_ok(&arg));
		ok = flight_command(&r->flight, STAGE_RCPT, 2, "RCPT TO:", buf_span(&arg),
		    &to->outcome, o);
	}
	buf_free(&arg);
	return ok;
}

/* With pipelining, nobody counts as refused before the replies are in, so all commands go
 * out together; without it, a refused sender ends the run at once. */
static bool
send_envelope(struct run *r, struct outcome *o)
{
	if (!send_mail(r, o))
		return false;
	for (size_t i = 0; i < r->e->n && !is_refused(&r->mail); i++)
		if (!send_rcpt(r, &r->e->rcpt[i], o))
			return false;
	if (is_refused(&r->mail) || envelope_accepted(r->e) == 0)
		return flight_land(&r->flight, o);
	return flight_command(&r->flight, STAGE_DATA, 3, "DATA", nothing, &r->data, o) &&
	       flight_land(&r->flight, o);
}

/* The next dot behind a line end; NULL: there is none. */
static const char *
next_dot(const char *from, const char *end)
{
	while ((from = memchr(from, '\n', (size_t)(end - from))) != NULL)
		if (++from < end && *from == '.')
			return from;
	return NULL;
}

/* Doubles the dot at the start of each line (RFC 5321, 4.5.2). *at_start: the piece
 * begins a line. */
static bool
write_stuffed(struct channel *c, struct span piece, bool *at_start, struct outcome *o)
{
	const char *from = piece.p, *end = piece.p + piece.n, *dot;

	if (piece.n > 0 && *at_start && piece.p[0] == '.' &&
	    !stream_write(&c->stream, span_of("."), channel_block_deadline(c), o))
		return false;
	while ((dot = next_dot(from, end)) != NULL) {
		if (!stream_write(&c->stream, span_bytes(from, (size_t)(dot - from)),
			channel_block_deadline(c), o) ||
		    !stream_write(&c->stream, span_of("."), channel_block_deadline(c), o))
			return false;
		from = dot;
	}
	if (piece.n > 0)
		*at_start = end[-1] == '\n';
	return stream_write(&c->stream, span_bytes(from, (size_t)(end - from)),
	    channel_block_deadline(c), o);
}

static bool
write_message(struct run *r, struct outcome *o)
{
	bool at_start = true;
	struct span piece;

	source_rewind(r->m);
	do {
		if (!source_next(r->m, &piece, o) ||
		    !write_stuffed(r->t->channel, piece, &at_start, o))
			return outcome_at(o, STAGE_DATA);
	} while (piece.n > 0);
	return true;
}

/* Whether a reply has arrived already, which nobody has waited for. */
static bool
reply_at_hand(struct run *r)
{
	struct channel *c = r->t->channel;
	struct outcome ignored;

	stream_forget(&c->stream);
	return reply_read(&c->reply, &c->stream, clock_now(), &ignored);
}

/* A server may refuse while the message is still on its way, and close: then its words
 * tell more than the broken connection. */
static bool
heed_last_words(struct run *r, struct outcome *o)
{
	if (reply_at_hand(r) && r->t->channel->reply.code >= 400)
		(void)channel_refused(r->t->channel, STAGE_FINAL, o);
	return false;
}

static bool
send_message(struct run *r, struct outcome *o)
{
	struct channel *c = r->t->channel;
	char note[64];

	(void)snprintf(note, sizeof note, "(the message: %llu bytes, %llu lines)",
	    (unsigned long long)r->m->size, (unsigned long long)r->m->lines);
	channel_note(c, 'C', note);
	if (!write_message(r, o))
		return heed_last_words(r, o);
	stream_take(&c->stream);
	if (stream_unread(&c->stream) == 0)
		return true;
	/* a yes that came before the end can't be about the message */
	(void)outcome_fail(
	    o, CAUSE_PROTOCOL, "an answer came before the message had ended");
	(void)outcome_at(o, STAGE_DATA);
	return heed_last_words(r, o);
}

/* The final dot; and QUIT in the same breath, where nothing follows and the server lets
 * us. */
static bool
write_end(struct run *r, struct outcome *o)
{
	struct channel *c = r->t->channel;
	int64_t until = channel_block_deadline(c);

	if (!stream_write(&c->stream, span_of(".\r\n"), until, o))
		return false;
	channel_note(c, 'C', ".");
	if (r->t->last && r->flight.pipelining) {
		if (!channel_command(c, STAGE_FINAL, "QUIT", nothing, o))
			return false;
		r->t->quit = true;
	}
	return stream_flush(&c->stream, until, o);
}

/* From the dot on, a lost line leaves open what became of the mail, unless the answer is
 * there already. */
static bool
end_message(struct run *r, struct outcome *o)
{
	const struct reply *reply = &r->t->channel->reply;
	struct outcome why;

	if (write_end(r, &why) && flight_land(&r->flight, &why))
		return true;
	(void)outcome_fail(o, CAUSE_MAYBE_SENT, "%s", why.text);
	if (!r->t->lmtp && why.stage != STAGE_FINAL && reply_at_hand(r)) {
		if (reply->code >= 400)
			(void)channel_refused(r->t->channel, STAGE_FINAL, o);
		else
			outcome_accept(
			    &r->final, STAGE_FINAL, reply->code, reply->text.data);
	}
	return outcome_at(o, STAGE_FINAL);
}

/* One reply for all; in LMTP one for each recipient that was accepted (RFC 2033, 4.2).
 * The acceptance of each is taken back until then. */
static bool
deliver(struct run *r, struct outcome *o)
{
	const struct outcome pending = { .cause = CAUSE_LAST };
	struct envelope *e = r->e;
	bool ok;

	r->final = pending;
	for (size_t i = 0; i < e->n; i++)
		if (!is_refused(&e->rcpt[i].outcome)) {
			e->rcpt[i].outcome = pending;
			if (r->t->lmtp)
				flight_expect(
				    &r->flight, STAGE_FINAL, 2, &e->rcpt[i].outcome);
		}
	if (!r->t->lmtp)
		flight_expect(&r->flight, STAGE_FINAL, 2, &r->final);
	ok = send_message(r, o) && end_message(r, o);
	if (!ok && r->final.cause == CAUSE_LAST)
		r->final = *o;
	for (size_t i = 0; i < e->n; i++)
		if (e->rcpt[i].outcome.cause == CAUSE_LAST)
			e->rcpt[i].outcome = r->final;
	return ok;
}

/* The server wants the message of a mail that has no recipient left: it gets an empty one
 * (RFC 2920, 3.1). */
static bool
send_nothing(struct run *r, struct outcome *o)
{
	struct outcome ignored;

	if (!r->t->lmtp) /* in LMTP no recipients, no replies */
		flight_expect(&r->flight, STAGE_FINAL, 2, &ignored);
	return write_end(r, o) && flight_land(&r->flight, o);
}

static void
give_all(struct envelope *e, const struct outcome *o)
{
	for (size_t i = 0; i < e->n; i++)
		if (!is_refused(&e->rcpt[i].outcome))
			e->rcpt[i].outcome = *o;
}

static bool
perform(struct run *r, struct outcome *o)
{
	bool ok = send_envelope(r, o);
	bool invited = r->data.code / 100 == 3;

	if (is_refused(
		&r->mail)) /* what the server said to the rest only follows from it */
		envelope_settle(r->e, &r->mail);
	else if (!ok)
		give_all(r->e, o);
	else if (is_refused(&r->data))
		give_all(r->e, &r->data);
	else if (invited && envelope_accepted(r->e) > 0)
		return deliver(r, o);
	return ok && (!invited || send_nothing(r, o));
}

bool
transact(struct transaction *t, struct envelope *e, struct source *m, struct outcome *o)
{
	struct run r = { .t = t, .e = e, .m = m, .dsn = wants_dsn(e) };
	struct outcome why;
	bool ok;

	envelope_settle(e, &(struct outcome){ .cause = CAUSE_NONE });
	r.utf8 = envelope_is_utf8(e) && caps_have(t->caps, CAP_SMTPUTF8);
	if (!is_possible(&r, &why)) {
		(void)outcome_at(&why, STAGE_MAIL);
		envelope_settle(e, &why);
		return true;
	}
	flight_init(&r.flight, t->channel, caps_have(t->caps, CAP_PIPELINING));
	ok = perform(&r, o);
	flight_free(&r.flight);
	return ok;
}
