/* SPDX-License-Identifier: ISC */
#include "cmd/submit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/dispatch.h"
#include "cmd/mail.h"
#include "cmd/onward.h"
#include "cmd/recipients.h"
#include "cmd/report_dialogue.h"
#include "relay/route.h"
#include "serve/answer.h"
#include "serve/partial.h"
#include "serve/received.h"

struct submit {
	struct invocation v;
	struct invocation one; /* the same for one sender, as if by -f */
	char *sender;          /* for whom the mail's account is settled; NULL: nobody */
	bool traced;
	bool went; /* the last mail, to all of its recipients */
	char *trace;
	struct mail mail;
	struct aliases aliases;  /* read once for all recipients of a mail */
	struct envelope refused; /* of those whom a name stands for, where others of them
				  * get the mail */
	struct envelope *named;  /* for whom each recipient of the client's stands */
	size_t n_named;
	struct observer observer;
	struct onward onward;
};

struct submit *
submit_new(const struct invocation *v, const char *domain)
{
	struct submit *s = mem_new(sizeof *s);

	*s = (struct submit){ .v = *v };
	s->v.domain = domain;
	s->v.verbose = s->v.debug = v->verbose && v->job != JOB_SMTP;
	s->observer = report_observer(&s->v);
	s->onward.mail = &s->mail;
	s->onward.relay.observer = &s->observer;
	return s;
}

/* What belongs to one mail. */
static void
clear(struct submit *s)
{
	mail_clear(&s->mail);
	keep_wake(&s->mail.keep);
	aliases_free(&s->aliases);
	envelope_free(&s->refused);
	for (size_t i = 0; i < s->n_named; i++)
		envelope_free(&s->named[i]);
	free(s->named);
	s->named = NULL;
	s->n_named = 0;
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
	onward_close(&s->onward);
	mail_free(&s->mail);
	free(s->one.given);
	free(s->sender);
	s->sender = NULL;
}

void
submit_meet(struct submit *s, const char *submitter, const char *machine)
{
	s->traced = submitter != NULL;
	s->v.submitter = s->one.submitter = submitter;
	s->v.machine = s->one.machine = machine;
}

/* What didn't work is looked at anew for the next client. */
void
submit_leave(struct submit *s)
{
	clear(s);
	onward_close(&s->onward);
	if (!s->went)
		forget_sender(s);
	submit_meet(s, NULL, NULL);
}

void
submit_free(struct submit *s)
{
	if (s != NULL)
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

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct submit *s = self;

	s->went = false;
	if (!settle_sender(s, p->envelope.sender, o))
		return false;
	take_wishes(&s->mail, p);
	if (onward_begin(&s->onward, p, o))
		return true;
	clear(s);
	return false;
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

/* Asks about all those whom a name stands for, and sorts them. */
static void
sort(struct submit *s, const struct envelope *e, struct envelope *accepted,
    struct envelope *refused)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct recipient *to = &e->rcpt[i];
		struct outcome why;

		if (envelope_has(&s->mail.envelope, to->address))
			continue;
		if (onward_ask(&s->onward, to, &why)) {
			(void)envelope_add_wish(accepted, to);
		} else {
			const size_t at = envelope_add_wish(refused, to);

			refused->rcpt[at].outcome = why;
		}
	}
}

/* They get the mail where one at least may have it, and its sender will hear of those who
 * were refused for good; where somebody was put off, the client tries again for all. */
static bool
ask_all(struct submit *s, const struct envelope *e, struct outcome *o)
{
	struct envelope accepted = { 0 }, refused = { 0 };
	const struct outcome *failure = NULL;
	bool ok;

	sort(s, e, &accepted, &refused);
	if (refused.n > 0)
		failure = answer_of_failures(&refused);
	ok = failure == NULL ||
	     (refused.n < e->n && outcome_verdict(failure) == VERDICT_REJECT);
	if (ok)
		add_all(&s->refused, &refused);
	else
		*o = *failure;
	for (size_t i = 0; i < accepted.n; i++)
		if (ok)
			(void)envelope_add_wish(&s->mail.envelope, &accepted.rcpt[i]);
		else
			onward_forget(&s->onward, accepted.rcpt[i].address);
	envelope_free(&accepted);
	envelope_free(&refused);
	return ok;
}

/* Notes it for the recipient that the session is about to accept. */
static void
note_named(struct submit *s, struct envelope *e)
{
	s->named = mem_room(s->named, s->n_named, sizeof *s->named);
	s->named[s->n_named++] = *e;
	*e = (struct envelope){ 0 };
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct submit *s = self;
	const struct envelope literal = { 0 };
	struct envelope e = { 0 }, lost = { 0 };
	bool ok;

	if (envelope_has(&p->envelope, to->address))
		return true;
	(void)envelope_add_wish(&e, to);
	ok = recipients_expand(
	    &s->one, s->mail.account, &s->aliases, &e, &literal, &lost, o);
	if (ok && lost.n > 0) {
		*o = lost.rcpt[0].outcome;
		ok = false;
	}
	ok = ok && ask_all(s, &e, o);
	if (ok)
		note_named(s, &e);
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

/* What became of all those for whom a recipient of the client's stands. */
static struct outcome
outcome_of_all(const struct submit *s, struct envelope *named)
{
	for (size_t i = 0; i < named->n; i++) {
		struct recipient *r = &named->rcpt[i];

		r->outcome = envelope_find(&s->mail.envelope, r->address)->outcome;
	}
	return named->n > 0 ? *answer_of_failures(named)
			    : (struct outcome){ .cause = CAUSE_NONE };
}

/* In LMTP, each recipient of the client's hears what became of the mail; in SMTP there is
 * one answer for all. */
static void
take_outcomes(struct submit *s, struct posting *p)
{
	struct mail *m = &s->mail;
	const struct outcome *o = NULL;

	if (!p->visitor->lmtp)
		o = partial_answer(
		    m->account, &m->envelope, &m->source, onward_send_notice, &s->onward);
	for (size_t i = 0; i < p->envelope.n; i++)
		p->envelope.rcpt[i].outcome =
		    o != NULL ? *o : outcome_of_all(s, &s->named[i]);
}

static bool
make_ready(struct submit *s, struct source *from, struct outcome *o)
{
	struct mail *m = &s->mail;

	return routes_split(&m->routes, m->account, &m->config, &m->envelope, o) &&
	       compose_mail(s, from, o);
}

/* By the name that the client was greeted with, unless the account has another. */
static char *
trace(const struct submit *s, const struct posting *p)
{
	const struct account *a = s->mail.account;
	const bool is_named = strcmp(account_domain(a), "localhost") != 0;
	const char *own =
	    is_named || *s->v.domain == '\0' ? account_domain(a) : s->v.domain;
	struct timespec now;
	char id[64];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)snprintf(id, sizeof id, "%llx.%lx.%x", (unsigned long long)now.tv_sec,
	    (unsigned long)now.tv_nsec, (unsigned)getpid());
	return received_field(p, own, id, now.tv_sec);
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct submit *s = self;
	struct envelope *e = &s->mail.envelope;
	struct outcome o;

	if (s->traced)
		s->trace = trace(s, p);
	if (!make_ready(s, m, &o)) {
		envelope_settle(&p->envelope, &o);
		return;
	}
	if (e->n > 0)
		onward_send(&s->onward);
	add_all(e, &s->refused);
	take_outcomes(s, p);
	s->went = envelope_accepted(&p->envelope) == p->envelope.n;
}

static void
end(void *self, struct posting *p)
{
	(void)p;
	clear(self);
}

const struct sink submit_sink = { begin, rcpt, message, end, NULL };
