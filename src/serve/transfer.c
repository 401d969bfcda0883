/* SPDX-License-Identifier: ISC
 *
 * transfer.c - MAIL, RCPT, DATA and BDAT: one message on its way in (RFC 5321, 3.3)
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "serve/answer.h"
#include "serve/dialogue.h"
#include "serve/request.h"

static void
free_posting(struct posting *p)
{
	for (size_t i = 0; i < p->envelope.n; i++)
		free(p->rcpt_options[i]);
	free(p->rcpt_options);
	free(p->options);
	envelope_free(&p->envelope);
	*p = (struct posting){ .visitor = p->visitor };
}

void
dialogue_reset(struct dialogue *d)
{
	if (!d->is_open)
		return;
	d->service->sink->end(d->service->self, &d->posting);
	free_posting(&d->posting);
	source_free(&d->source);
	free(d->rcpt);
	d->rcpt = NULL;
	d->n_rcpt = 0;
	d->chunked = false;
	d->is_open = false;
}

static void
say_mistake(struct dialogue *d, enum mistake mistake, const char *form)
{
	static const struct {
		int code;
		const char *status;
		const char *text;
	} rows[] = {
		[MISTAKE_NONE] = { 250, "2.0.0", "OK" },
		[MISTAKE_SYNTAX] = { 501, "5.5.4", "syntax error; it goes: " },
		[MISTAKE_SENDER] = { 501, "5.1.7",
		    "this can't be the sender's address; it goes: " },
		[MISTAKE_RECIPIENT] = { 501, "5.1.3",
		    "this can't be a recipient's address; it goes: " },
		[MISTAKE_PARAMETER] = { 555, "5.5.4",
		    "a parameter that isn't known here; it goes: " },
		[MISTAKE_UTF8] = { 553, "5.6.7",
		    "an address outside ASCII needs the parameter SMTPUTF8; it goes: " },
	};
	char *text = mem_printf("%s%s", rows[mistake].text, form);

	dialogue_say(d, rows[mistake].code, rows[mistake].status, text);
	free(text);
}

/* What has to be in order before the sender is of interest. */
static bool
may_begin(struct dialogue *d)
{
	const struct service *s = d->service;

	if (d->is_open)
		dialogue_say(d, 503, "5.5.1", "a message is on its way already: RSET");
	else if (s->lmtp && d->hello == NULL)
		dialogue_say(d, 503, "5.5.1", "say LHLO first");
	else if (s->must_encrypt && !d->visitor->encrypted)
		dialogue_say(d, 530, "5.7.0", "STARTTLS comes first");
	else if (s->must_sign_in && d->visitor->user == NULL)
		dialogue_say(d, 530, "5.7.0", "authentication required");
	else if (d->messages >= d->limits.messages)
		dialogue_say(d, 452, "4.5.3", "enough messages for one session");
	else
		return true;
	return false;
}

static void
begin(struct dialogue *d, struct mail_request *m)
{
	struct posting *p = &d->posting;
	struct outcome o;

	*p = (struct posting){
		.visitor = d->visitor,
		.size = m->size,
		.smtputf8 = m->smtputf8,
		.options = span_dup(m->options),
		.envelope = {
			.sender = m->sender,
			.ret = m->ret,
			.envid = m->envid,
			.only_wished = true,
		},
	};
	m->sender = m->envid = NULL;
	d->is_open = dialogue_permits(d, STAGE_MAIL);
	if (d->is_open && !d->service->sink->begin(d->service->self, p, &o)) {
		dialogue_refuse(d, &o);
		d->is_open = false;
	}
	if (!d->is_open) {
		free_posting(p);
		return;
	}
	source_init(&d->source);
	dialogue_say(d, 250, "2.1.0", "sender accepted");
}

void
dialogue_mail(struct dialogue *d, struct span rest)
{
	struct mail_request m;
	enum mistake mistake;

	if (!may_begin(d))
		return;
	mistake = request_mail(&m, rest);
	if (mistake != MISTAKE_NONE)
		say_mistake(
		    d, mistake, "MAIL FROM:<address> [SIZE=n] [BODY=8BITMIME] ...");
	else if (m.size > d->limits.size)
		dialogue_say(d, 552, "5.3.4", "the message is larger than is taken here");
	else
		begin(d, &m);
	request_free_mail(&m);
}

static void
add_recipient(struct dialogue *d, const struct rcpt_request *r)
{
	struct posting *p = &d->posting;
	const size_t known = p->envelope.n, at = envelope_add_wish(&p->envelope, &r->to);

	d->rcpt = mem_room(d->rcpt, d->n_rcpt, sizeof *d->rcpt);
	d->rcpt[d->n_rcpt++] = at;
	if (p->envelope.n == known)
		return;
	p->rcpt_options = mem_room(p->rcpt_options, known, sizeof *p->rcpt_options);
	p->rcpt_options[known] = span_dup(r->options);
}

static void
take_recipient(struct dialogue *d, const struct rcpt_request *r)
{
	struct outcome o;

	if (!dialogue_permits(d, STAGE_RCPT))
		return;
	if (!d->service->sink->rcpt(d->service->self, &d->posting, &r->to, &o)) {
		dialogue_refuse_recipient(d, &o);
		return;
	}
	d->guesses = 0;
	add_recipient(d, r);
	dialogue_say(d, 250, "2.1.5", "recipient accepted");
}

void
dialogue_rcpt(struct dialogue *d, struct span rest)
{
	struct rcpt_request r;
	enum mistake mistake = request_rcpt(&r, rest, d->posting.smtputf8);

	if (!d->is_open)
		dialogue_say(d, 503, "5.5.1", "MAIL comes first");
	else if (d->chunked)
		dialogue_say(d, 503, "5.5.1", "the message comes by BDAT already");
	else if (mistake != MISTAKE_NONE)
		say_mistake(
		    d, mistake, "RCPT TO:<address> [NOTIFY=...] [ORCPT=rfc822;...]");
	else if (d->n_rcpt >= d->limits.recipients)
		dialogue_say(d, 452, "4.5.3", "too many recipients for one message");
	else
		take_recipient(d, &r);
	request_free_rcpt(&r);
}

static void
say_outcome(struct dialogue *d, const struct outcome *o)
{
	struct answer a;

	if (outcome_verdict(o) != VERDICT_DONE) {
		dialogue_refuse(d, o);
		return;
	}
	answer_make(&a, o, d->service->discreet);
	dialogue_say(d, 250, *a.status == '2' ? a.status : "2.0.0",
	    *o->text != '\0' ? a.text : "message accepted");
}

static void
say_outcomes(struct dialogue *d)
{
	const struct envelope *e = &d->posting.envelope;

	if (!d->service->lmtp)
		say_outcome(d, answer_for_all(e));
	for (size_t i = 0; d->service->lmtp && i < d->n_rcpt && !d->over; i++)
		say_outcome(d, &e->rcpt[d->rcpt[i]].outcome);
}

/* The same answer for all, which in LMTP stands there for each (RFC 2033, 4.2). */
static void
say_to_all(struct dialogue *d, const struct outcome *o)
{
	envelope_settle(&d->posting.envelope, o);
	say_outcomes(d);
}

static void
say_too_large(struct dialogue *d, size_t times)
{
	char text[100];

	(void)snprintf(text, sizeof text, "a message may have %llu bytes here",
	    (unsigned long long)d->limits.size);
	for (size_t i = 0; i < times; i++)
		dialogue_say(d, 552, "5.3.4", text);
}

/* The whole message has come. */
static void
finish(struct dialogue *d)
{
	const struct service *s = d->service;
	struct outcome o;

	if (!intake_end(&d->intake, &o)) {
		if (o.cause == CAUSE_TOO_LARGE)
			say_too_large(d, d->service->lmtp ? d->n_rcpt : 1);
		else
			say_to_all(d, &o);
	} else if (!dialogue_asks(d, STAGE_FINAL, &o)) {
		say_to_all(d, &o);
	} else {
		d->messages++;
		d->chatter = 0;
		d->refused = 0;
		s->sink->message(s->self, &d->posting, &d->source);
		say_outcomes(d);
	}
	dialogue_reset(d);
}

static bool
has_recipients(struct dialogue *d)
{
	if (!d->is_open)
		dialogue_say(d, 503, "5.5.1", "MAIL comes first");
	else if (d->n_rcpt == 0)
		dialogue_say(d, 554, "5.5.1", "no valid recipients");
	return d->is_open && d->n_rcpt > 0;
}

/* Nothing is sent of a message that isn't whole. */
static void
give_up(struct dialogue *d, const struct outcome *o)
{
	if (o->cause == CAUSE_TIMEOUT)
		dialogue_goodbye(d, "4.4.2", "the message did not come to its end");
	d->over = true;
	dialogue_reset(d);
}

void
dialogue_data(struct dialogue *d, struct span rest)
{
	const bool bare = d->service->bare && d->client.is_bare;
	struct outcome o;

	if (rest.n > 0) {
		dialogue_say(d, 501, "5.5.4", "DATA stands alone");
		return;
	}
	if (d->chunked) {
		dialogue_say(d, 503, "5.5.1", "the message comes by BDAT already");
		return;
	}
	if (!has_recipients(d) || !dialogue_permits(d, STAGE_DATA))
		return;
	client_say(&d->client, 354, "", "go on; end with a dot on a line of its own");
	client_flush(&d->client);
	intake_begin(&d->intake, &d->source, d->limits.size);
	if (!intake_data(&d->intake, d->client.stream, bare, d->limits.seconds, &o))
		give_up(d, &o);
	else
		finish(d);
}

/* Whether this chunk belongs to a message. */
static bool
takes_chunks(struct dialogue *d)
{
	if (d->chunked)
		return true;
	if (!has_recipients(d) || !dialogue_permits(d, STAGE_DATA))
		return false;
	intake_begin(&d->intake, &d->source, d->limits.size);
	d->chunked = true;
	return true;
}

/* The message fails with this chunk: the client need not send the rest of it, and what
 * has left already belongs to no message (RFC 3030, 2). */
static void
refuse_chunk(struct dialogue *d)
{
	if (d->intake.why.cause == CAUSE_TOO_LARGE)
		say_too_large(d, 1);
	else
		dialogue_refuse(d, &d->intake.why);
	dialogue_reset(d);
}

/* Bytes follow whatever is said, and they are no commands: where they belong to no
 * message, they are dropped. */
static bool
hear_chunk(struct dialogue *d, uint64_t n, bool takes, struct outcome *o)
{
	struct source nowhere;
	struct intake drop;
	bool ok;

	if (takes)
		return intake_chunk(
		    &d->intake, d->client.stream, n, d->limits.seconds, o);
	source_init(&nowhere);
	intake_begin(&drop, &nowhere, 0);
	ok = intake_chunk(&drop, d->client.stream, n, d->limits.seconds, o);
	source_free(&nowhere);
	return ok;
}

static void
say_taken(struct dialogue *d, uint64_t n)
{
	char text[64];

	(void)snprintf(text, sizeof text, "%llu bytes taken", (unsigned long long)n);
	dialogue_say(d, 250, "2.0.0", text);
}

void
dialogue_bdat(struct dialogue *d, struct span rest)
{
	struct outcome o;
	uint64_t n;
	bool last, takes;

	if (request_bdat(rest, &n, &last) != MISTAKE_NONE) {
		dialogue_say(d, 501, "5.5.4", "syntax error; it goes: BDAT n [LAST]");
		if (!d->over)
			dialogue_goodbye(d, "4.5.0",
			    "where the next command begins can't be told: goodbye");
		return;
	}
	takes = takes_chunks(d);
	if (d->over)
		return;
	if (!hear_chunk(d, n, takes, &o))
		give_up(d, &o);
	else if (takes && last)
		finish(d);
	else if (takes && d->intake.failed)
		refuse_chunk(d);
	else if (takes)
		say_taken(d, n);
}
