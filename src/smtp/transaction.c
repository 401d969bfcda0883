/* SPDX-License-Identifier: ISC */
#include "smtp/transaction.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "smtp/content.h"
#include "smtp/parameter.h"
#include "smtp/step.h"

/* A large message goes in chunks of this size, so that a server can refuse it midway. */
#define CHUNK_MAX (1024 * 1024)
#define CHUNKS_OUT_MAX 16 /* without an answer */

#define GO_ON 354 /* the answer to DATA (RFC 5321, 4.3.2), and never to anything else */

static const struct span nothing = { "", 0 };

static bool
wants_dsn(const struct envelope *e)
{
	bool wishes =
	    e->notify != NOTIFY_UNSET || e->ret != RET_UNSET || e->envid != NULL;

	for (size_t i = 0; i < e->n && !wishes; i++)
		wishes = e->rcpt[i].notify != NOTIFY_UNSET;
	return wishes;
}

bool
transaction_is_possible(const struct caps *caps, const struct envelope *e,
    const struct source *m, struct outcome *o)
{
	if (wants_dsn(e) && !caps_have(caps, CAP_DSN) && !e->only_wished)
		return outcome_fail(o, CAUSE_NO_DSN, "a delivery notice was asked for") ||
		       outcome_at(o, STAGE_MAIL);
	if (caps->size > 0 && m->size > caps->size)
		return outcome_fail(o, CAUSE_TOO_LARGE,
			   "the message has %llu bytes (%.1f MB), the server takes %llu "
			   "(%.1f MB)",
			   (unsigned long long)m->size, (double)m->size / 1e6,
			   (unsigned long long)caps->size, (double)caps->size / 1e6) ||
		       outcome_at(o, STAGE_MAIL);
	return true;
}

/* An address that can't be put on the wire is refused here, in place of the server. */
static bool
add_address(struct transaction *t, struct buf *arg, const char *address, enum stage stage,
    struct outcome *own)
{
	return add_path(arg, address, t->utf8, own) || outcome_at(own, stage);
}

static void
add_mail_parameters(const struct transaction *t, struct buf *arg)
{
	if (caps_have(t->caps, CAP_SIZE))
		buf_printf(arg, " SIZE=%llu", (unsigned long long)t->m->size);
	if (caps_have(t->caps, CAP_8BITMIME) && (t->m->is_8bit || t->m->header_is_8bit))
		buf_puts(arg, " BODY=8BITMIME");
	if (t->utf8)
		buf_puts(arg, " SMTPUTF8");
	if (t->dsn)
		add_mail_dsn(arg, t->e);
}

static bool
say_mail(struct transaction *t, struct outcome *o)
{
	const char *sender = t->e->sender != NULL ? t->e->sender : "";
	struct buf arg;
	bool ok = true;

	buf_init(&arg, PARAMETERS_MAX);
	if (add_address(t, &arg, sender, STAGE_MAIL, &t->mail)) {
		add_mail_parameters(t, &arg);
		assert(buf_ok(&arg));
		ok = flight_command(t->flight, "MAIL FROM:", buf_span(&arg),
		    (struct expect){ STAGE_MAIL, 2, &t->mail }, o);
	}
	buf_free(&arg);
	return ok;
}

static bool
say_rcpt(struct transaction *t, struct recipient *to, struct outcome *o)
{
	struct buf arg;
	bool ok = true;

	buf_init(&arg, PARAMETERS_MAX);
	if (add_address(t, &arg, to->address, STAGE_RCPT, &to->outcome)) {
		if (t->dsn)
			add_rcpt_dsn(&arg, t->e, to);
		assert(buf_ok(&arg));
		ok = flight_command(t->flight, "RCPT TO:", buf_span(&arg),
		    (struct expect){ STAGE_RCPT, 2, &to->outcome }, o);
	}
	buf_free(&arg);
	return ok;
}

/* Older servers say 552, which means the same here; without an enhanced status the code
 * has to do. */
bool
transaction_is_too_many(const struct outcome *o)
{
	if (o->stage != STAGE_RCPT || (o->code != 452 && o->code != 552))
		return false;
	return strcmp(o->status + 1, ".5.3") == 0 || strcmp(o->status + 1, ".0.0") == 0;
}

/* A server that takes no more at a time is asked for no more; the rest isn't part of this
 * transaction. */
static bool
say_recipients(struct transaction *t, struct outcome *o)
{
	for (size_t i = 0; i < t->n && !outcome_is_refusal(&t->mail); i++) {
		if (!say_rcpt(t, t->to[i], o))
			return false;
		if (transaction_is_too_many(&t->to[i]->outcome))
			t->n = i + 1;
	}
	return true;
}

/* How many recipients are accepted, or not refused yet. */
static size_t
left(const struct transaction *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += !outcome_is_refusal(&t->to[i]->outcome);
	return outcome_is_refusal(&t->mail) ? 0 : n;
}

static struct channel *
channel_of(const struct transaction *t)
{
	return t->flight->channel;
}

/* One reply for all; in LMTP one for each recipient that was accepted (RFC 2033, 4.2).
 * The acceptance of each is taken back until then. */
static void
expect_verdict(struct transaction *t)
{
	if (!t->lmtp)
		flight_expect(t->flight, (struct expect){ STAGE_FINAL, 2, &t->body });
	for (size_t i = 0; t->lmtp && i < t->n; i++)
		if (!outcome_is_refusal(&t->to[i]->outcome)) {
			t->to[i]->outcome = OUTCOME_OPEN;
			flight_expect(t->flight,
			    (struct expect){ STAGE_FINAL, 2, &t->to[i]->outcome });
		}
	t->end = flight_mark(t->flight);
}

static bool
say_bdat(struct transaction *t, uint64_t n, bool is_last, struct outcome *o)
{
	char arg[64];

	(void)snprintf(
	    arg, sizeof arg, "%llu%s", (unsigned long long)n, is_last ? " LAST" : "");
	return channel_command(channel_of(t), STAGE_FINAL, "BDAT ", span_of(arg), o);
}

/* Hears of the chunks that were answered already, and waits where too many were not. */
static bool
hear_chunks(struct transaction *t, struct outcome *o)
{
	struct channel *c = channel_of(t);

	stream_take(&c->stream);
	while (
	    flight_owed(t->flight) > 0 &&
	    (stream_unread(&c->stream) > 0 || flight_owed(t->flight) >= CHUNKS_OUT_MAX)) {
		if (!flight_land_next(t->flight, o))
			return false;
		stream_take(&c->stream);
	}
	return true;
}

/* Without pipelining each chunk would cost a round trip: then there is but one. */
static uint64_t
chunk_size(const struct transaction *t, uint64_t left)
{
	return t->flight->pipelining && left > CHUNK_MAX ? CHUNK_MAX : left;
}

static bool
say_chunk(struct transaction *t, struct content *w, struct outcome *o)
{
	uint64_t n = chunk_size(t, w->left);

	if (!say_bdat(t, n, n == w->left, o))
		return false;
	if (w->left == t->m->size)
		content_note(channel_of(t), t->m);
	if (n == w->left)
		t->verdict = flight_mark(t->flight);
	flight_expect(t->flight, (struct expect){ STAGE_FINAL, 2, &t->body });
	return content_bytes(w, channel_of(t), n, o);
}

/* After a chunk that was refused no other may follow (RFC 3030, 2). */
static bool
say_chunks(struct transaction *t, struct outcome *o)
{
	struct content w = content_begin(t->m);

	do {
		if (!say_chunk(t, &w, o) || (w.left > 0 && !hear_chunks(t, o)))
			return false;
	} while (w.left > 0 && !outcome_is_refusal(&t->body));
	t->end = flight_mark(t->flight);
	if (w.left > 0)
		return true;
	t->last = stream_written(&channel_of(t)->stream);
	return step_unanswered(t, o);
}

/* What was asked before this transaction stands. */
static void
note_asked(struct transaction *t)
{
	t->mail = (struct outcome){ .stage = STAGE_MAIL };
	for (size_t i = 0; i < t->n; i++)
		t->to[i]->outcome = (struct outcome){ .stage = STAGE_RCPT };
}

static bool
say_envelope(struct transaction *t, struct outcome *o)
{
	if (!t->asked)
		return say_mail(t, o) && say_recipients(t, o);
	note_asked(t);
	return true;
}

/* With pipelining, nobody counts as refused before the replies are in, so all commands go
 * out together; without it, a refused sender ends it at once. */
bool
transaction_start(struct transaction *t, struct outcome *o)
{
	t->chunks = caps_have(t->caps, CAP_CHUNKING) && !t->lmtp;
	t->utf8 = envelope_is_utf8(t->e) && caps_have(t->caps, CAP_SMTPUTF8);
	t->dsn = wants_dsn(t->e) && caps_have(t->caps, CAP_DSN);
	t->reset = t->mail = t->data = t->body = OUTCOME_OPEN;
	if (!step_before(t, o))
		return false;
	if (t->resets && !flight_command(t->flight, "RSET", nothing,
			     (struct expect){ STAGE_MAIL, 2, &t->reset }, o))
		return false;
	if (!say_envelope(t, o))
		return false;
	if (!t->chunks && left(t) > 0 &&
	    !flight_command(t->flight, "DATA", nothing,
		(struct expect){ STAGE_DATA, GO_ON, &t->data }, o))
		return false;
	t->envelope = t->end = flight_mark(t->flight);
	if (!t->chunks || left(t) == 0 || !t->flight->pipelining ||
	    t->m->size > TRANSACTION_RIDE_MAX)
		return true;
	t->sent = true;
	return say_chunks(t, o);
}

/* RSET never fails: where it does, the server has taken something else for commands, and
 * what it says to what follows is said to something else. */
static bool
hear_envelope(struct transaction *t, struct outcome *o)
{
	if (!flight_land_to(t->flight, t->envelope, o))
		return false;
	if (!outcome_is_refusal(&t->reset) || t->reset.code == FLIGHT_CLOSING)
		return true;
	(void)outcome_fail(o, CAUSE_PROTOCOL, "RSET was answered with %d %s",
	    t->reset.code, t->reset.text);
	return outcome_at(o, STAGE_MAIL);
}

/* A server that wants the message of a mail that has no recipient left gets an empty one
 * (RFC 2920, 3.1). */
static bool
say_stuffed(struct transaction *t, struct outcome *o)
{
	struct channel *c = channel_of(t);

	t->verdict = flight_mark(t->flight);
	expect_verdict(t);
	if (left(t) > 0) {
		content_note(c, t->m);
		if (!content_stuffed(c, t->m, o) || !step_unanswered(t, o))
			return false;
	}
	if (!stream_write(&c->stream, span_of(".\r\n"), channel_block_deadline(c), o))
		return outcome_at(o, STAGE_DATA);
	channel_note(c, 'C', ".");
	t->last = stream_written(&c->stream);
	t->ended = true;
	return true;
}

bool
transaction_send(struct transaction *t, struct outcome *o)
{
	if (t->sent)
		return true;
	if (!hear_envelope(t, o))
		return false;
	t->sent = true;
	if (t->chunks)
		return left(t) == 0 || say_chunks(t, o);
	return t->data.code != GO_ON || say_stuffed(t, o);
}

static void
give_all(struct transaction *t, const struct outcome *o)
{
	for (size_t i = 0; i < t->n; i++)
		t->to[i]->outcome = *o;
}

/* Whether the last word about a recipient wasn't said yet. */
static bool
is_waiting(const struct outcome *o)
{
	return outcome_is_open(o) || (o->cause == CAUSE_NONE && o->stage != STAGE_FINAL);
}

static void
give_rest(struct transaction *t, const struct outcome *o)
{
	for (size_t i = 0; i < t->n; i++)
		if (is_waiting(&t->to[i]->outcome))
			t->to[i]->outcome = *o;
}

/* What the server said to the rest only follows from a refusal of the sender. */
static void
settle(struct transaction *t)
{
	if (outcome_is_refusal(&t->mail))
		give_all(t, &t->mail);
	else
		give_rest(t, outcome_is_refusal(&t->data) ? &t->data : &t->body);
}

/* A server that offers CHUNKING and hasn't heard of BDAT, or something between us that
 * hasn't: it may have read the message as commands. */
static bool
knows_bdat(struct transaction *t, struct outcome *o)
{
	const int code = t->body.code;

	if (!t->chunks || t->bdat_works || left(t) == 0 ||
	    (code != 500 && code != 502 && code != 503))
		return true;
	t->no_bdat = true;
	(void)outcome_fail(o, CAUSE_PROTOCOL,
	    "it offers CHUNKING, and answers BDAT with %d %s", code, t->body.text);
	(void)outcome_at(o, STAGE_FINAL);
	t->body = *o;
	settle(t);
	return false;
}

bool
transaction_finish(struct transaction *t, struct outcome *o)
{
	if (!hear_envelope(t, o) || !flight_land_to(t->flight, t->end, o) ||
	    !knows_bdat(t, o) || !step_behind(t, o))
		return false;
	t->bdat_works = t->bdat_works || (t->chunks && t->body.cause == CAUSE_NONE);
	settle(t);
	return true;
}

/* What was said before its time, or to something else, counts for nothing. */
static void
take_back(struct transaction *t)
{
	const bool in_step = !outcome_is_refusal(&t->reset);

	if (t->body.cause == CAUSE_NONE)
		t->body = OUTCOME_OPEN;
	if (!in_step)
		t->mail = t->data = t->body = OUTCOME_OPEN;
	for (size_t i = 0; i < t->n; i++)
		if (!in_step || !outcome_is_refusal(&t->to[i]->outcome))
			t->to[i]->outcome = OUTCOME_OPEN;
}

void
transaction_lose(struct transaction *t, const struct outcome *why)
{
	bool gone = t->last > 0 && t->last <= channel_of(t)->stream.sent;
	struct outcome lost = *why;

	if (!gone || outcome_is_refusal(&t->reset))
		take_back(t);
	if (gone && why->code != FLIGHT_CLOSING) {
		(void)outcome_fail(&lost, CAUSE_MAYBE_SENT, "%s", why->text);
		(void)outcome_at(&lost, STAGE_FINAL);
	}
	if (outcome_is_open(&t->body))
		t->body = lost;
	settle(t);
}

bool
transaction_is_open(const struct transaction *t)
{
	return !t->ended && t->body.cause != CAUSE_NONE;
}

size_t
transaction_taken(const struct transaction *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++)
		n += t->to[i]->outcome.cause == CAUSE_NONE;
	return n;
}
