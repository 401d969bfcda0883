/* SPDX-License-Identifier: ISC */
#include "serve/server.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "serve/answer.h"
#include "serve/dialogue.h"
#include "serve/request.h"

#define SIZE_USUAL (50ULL * 1024 * 1024)
#define RECIPIENTS_USUAL 1000
#define MESSAGES_USUAL 100000
#define ERRORS_USUAL 20
#define SECONDS_USUAL 300
#define CAPS_MAX 2048
#define CLOSING 421

void
dialogue_goodbye(struct dialogue *d, const char *status, const char *text)
{
	client_say(&d->client, CLOSING, status, text);
	d->over = true;
}

bool
dialogue_rests(const struct dialogue *d, bool resting)
{
	return d->rests != NULL && !d->is_open && d->rests(resting);
}

void
dialogue_say(struct dialogue *d, int code, const char *status, const char *text)
{
	client_say(&d->client, code, status, text);
	if (code < 500 || ++d->errors < d->limits.errors || d->over)
		return;
	dialogue_goodbye(d, "4.7.0", "too many errors: goodbye");
}

/* What the client says next. Where the session is to end instead, says so: the client is
 * gone then. */
static enum client_line
next_line(struct dialogue *d, struct span *line, bool is_secret)
{
	enum client_line what = CLIENT_GONE;
	bool stops = dialogue_rests(d, true);

	if (!stops)
		what = client_line(&d->client, line, is_secret);
	if (dialogue_rests(d, false))
		stops = true;
	if (!stops || what == CLIENT_LINE || what == CLIENT_TOO_LONG)
		return what;
	dialogue_goodbye(d, "4.3.2", "this server is going down");
	return CLIENT_GONE;
}

bool
dialogue_hear(struct dialogue *d, struct span *line, bool is_secret)
{
	switch (next_line(d, line, is_secret)) {
	case CLIENT_LINE:
		return true;
	case CLIENT_TOO_LONG: /* RFC 4954, 6 has a status of its own */
		dialogue_say(
		    d, 500, is_secret ? "5.5.6" : "5.5.2", "this line is too long");
		break;
	case CLIENT_SILENT:
		dialogue_goodbye(d, "4.4.2", "too long a silence: goodbye");
		break;
	case CLIENT_GONE:
		d->over = true;
		break;
	}
	return false;
}

/* What the sink itself has decided may end the session. */
static bool
is_the_end(struct dialogue *d, const struct outcome *o)
{
	if (o->cause == CAUSE_HANGUP && o->stage == STAGE_LOCAL) {
		client_flush(&d->client);
		d->client.lost = true;
		d->over = true;
		return true;
	}
	if (o->code == CLOSING && o->stage == STAGE_LOCAL) {
		dialogue_goodbye(d, o->status, o->text);
		return true;
	}
	return false;
}

void
dialogue_refuse(struct dialogue *d, const struct outcome *o)
{
	struct answer a;

	if (is_the_end(d, o))
		return;
	answer_make(&a, o, d->service->discreet);
	dialogue_say(d, a.code, a.status, a.text);
}

void
dialogue_refuse_recipient(struct dialogue *d, const struct outcome *o)
{
	struct answer a;

	if (is_the_end(d, o))
		return;
	answer_make(&a, o, d->service->discreet);
	client_say(&d->client, a.code, a.status, a.text);
	if (a.code < 500)
		return;
	d->refused++;
	if (++d->guesses >= SERVER_GUESSES_MAX || d->refused >= d->limits.recipients)
		dialogue_goodbye(d, "4.7.0", "so many who get no mail here: goodbye");
}

bool
dialogue_asks(struct dialogue *d, enum stage stage, struct outcome *o)
{
	const struct service *s = d->service;
	struct manner m = { .wait = 0 };
	bool ok;

	if (s->sink->permits == NULL)
		return true;
	ok = s->sink->permits(s->self, stage, &m, o);
	if (m.pace > 0)
		stream_slow_down(d->client.stream, m.pace);
	if (m.wait > 0) {
		client_flush(&d->client); /* what it has heard before isn't late */
		clock_pause(m.wait);
	}
	return ok;
}

bool
dialogue_permits(struct dialogue *d, enum stage stage)
{
	struct outcome o;

	if (dialogue_asks(d, stage, &o))
		return true;
	dialogue_refuse(d, &o);
	return false;
}

static bool
offers_starttls(const struct dialogue *d)
{
	return d->service->identity != NULL && !d->visitor->encrypted;
}

static void
add_capabilities(const struct dialogue *d, struct buf *out)
{
	buf_puts(
	    out, "PIPELINING\n8BITMIME\nSMTPUTF8\nDSN\nCHUNKING\nENHANCEDSTATUSCODES\n");
	buf_printf(out, "SIZE %llu\n", (unsigned long long)d->limits.size);
	buf_printf(out, "LIMITS RCPTMAX=%zu MAILMAX=%zu\n", d->limits.recipients,
	    d->limits.messages);
	if (offers_starttls(d))
		buf_puts(out, "STARTTLS\n");
	if (dialogue_methods(d) != NULL)
		buf_printf(out, "AUTH %s\n", dialogue_methods(d));
	buf_puts(out, "HELP");
}

static void
take_hello(struct dialogue *d, struct span name, bool extended)
{
	dialogue_reset(d);
	free(d->hello);
	d->hello = span_dup(name);
	d->visitor->hello = d->hello;
	d->visitor->extended = extended;
}

static void
hello(struct dialogue *d, struct span name, bool extended)
{
	struct buf text;

	if (name.n == 0) {
		dialogue_say(d, 501, "", "your name is missing");
		return;
	}
	if (!dialogue_permits(d, STAGE_HELLO))
		return;
	take_hello(d, name, extended);
	buf_init(&text, CAPS_MAX);
	buf_puts(&text, d->service->name);
	if (extended) {
		buf_addc(&text, '\n');
		add_capabilities(d, &text);
	}
	client_say(&d->client, 250, "", text.data);
	buf_free(&text);
}

static void
say_unknown(struct dialogue *d)
{
	dialogue_say(d, 500, "5.5.1", "this command isn't known here; try HELP");
}

static void
ehlo(struct dialogue *d, struct span rest)
{
	if (d->service->lmtp)
		dialogue_say(d, 500, "5.5.1", "this is LMTP: say LHLO");
	else
		hello(d, rest, true);
}

static void
helo(struct dialogue *d, struct span rest)
{
	if (d->service->lmtp)
		dialogue_say(d, 500, "5.5.1", "this is LMTP: say LHLO");
	else
		hello(d, rest, false);
}

static void
lhlo(struct dialogue *d, struct span rest)
{
	if (d->service->lmtp)
		hello(d, rest, true);
	else
		dialogue_say(d, 500, "5.5.1", "this is SMTP: say EHLO");
}

static void
rset(struct dialogue *d, struct span rest)
{
	(void)rest;
	dialogue_reset(d);
	dialogue_say(d, 250, "2.0.0", "OK");
}

static void
noop(struct dialogue *d, struct span rest)
{
	(void)rest;
	dialogue_say(d, 250, "2.0.0", "OK");
}

static void
help(struct dialogue *d, struct span rest)
{
	char *text = mem_printf("%s MAIL RCPT DATA BDAT RSET NOOP HELP VRFY%s%s QUIT\n"
				"RFC %s tells what they do",
	    d->service->lmtp ? "LHLO" : "EHLO HELO",
	    offers_starttls(d) ? " STARTTLS" : "",
	    dialogue_methods(d) != NULL ? " AUTH" : "",
	    d->service->lmtp ? "2033" : "5321");

	(void)rest;
	dialogue_say(d, 214, "2.0.0", text);
	free(text);
}

/* RFC 5321, 3.5.3: who can't tell says so with 252, and not with a yes or a no. */
static void
vrfy(struct dialogue *d, struct span rest)
{
	if (rest.n == 0)
		dialogue_say(d, 501, "5.5.4", "whom? it goes: VRFY address");
	else
		dialogue_say(d, 252, "2.1.5", "send mail, and it will turn out");
}

static void
expn(struct dialogue *d, struct span rest)
{
	(void)rest;
	dialogue_say(d, 502, "5.5.1", "lists aren't shown here");
}

static void
quit(struct dialogue *d, struct span rest)
{
	(void)rest;
	dialogue_reset(d);
	client_say(&d->client, 221, "2.0.0", "goodbye");
	d->over = true;
}

/* A page that sends a browser to our port may have put commands into what it posts. */
static void
http(struct dialogue *d, struct span rest)
{
	(void)rest;
	dialogue_goodbye(d, "4.7.0", "this is no web server: goodbye");
}

/* What may be said for ever without bringing a message nearer. RCPT has a bound of its
 * own, and so have errors. */
static bool
is_chatter(enum verb verb)
{
	static const enum verb verbs[] = { VERB_EHLO, VERB_HELO, VERB_LHLO, VERB_MAIL,
		VERB_RSET, VERB_NOOP, VERB_HELP, VERB_VRFY };

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (verbs[i] == verb)
			return true;
	return false;
}

static void
obey(struct dialogue *d, struct span line)
{
	static void (*const commands[VERB_LAST])(struct dialogue *, struct span) = {
		[VERB_EHLO] = ehlo,
		[VERB_HELO] = helo,
		[VERB_LHLO] = lhlo,
		[VERB_MAIL] = dialogue_mail,
		[VERB_RCPT] = dialogue_rcpt,
		[VERB_DATA] = dialogue_data,
		[VERB_BDAT] = dialogue_bdat,
		[VERB_RSET] = rset,
		[VERB_NOOP] = noop,
		[VERB_HELP] = help,
		[VERB_VRFY] = vrfy,
		[VERB_EXPN] = expn,
		[VERB_STARTTLS] = dialogue_starttls,
		[VERB_AUTH] = dialogue_auth,
		[VERB_QUIT] = quit,
		[VERB_HTTP] = http,
	};
	struct span rest;
	enum verb verb = request_verb(line, &rest);

	if (verb == VERB_UNKNOWN)
		say_unknown(d);
	else if (is_chatter(verb) && ++d->chatter > d->limits.chatter)
		dialogue_goodbye(d, "4.7.0", "so many commands, and no message: goodbye");
	else if (span_has_control(rest))
		dialogue_say(d, 501, "5.5.2", "a control character in a command");
	else
		commands[verb](d, rest);
}

static void
greet(struct dialogue *d)
{
	char *text = mem_printf(
	    "%s %s mailchute", d->service->name, d->service->lmtp ? "LMTP" : "ESMTP");

	client_say(&d->client, 220, "", text);
	free(text);
}

static struct serve_limits
settle_limits(struct serve_limits l)
{
	l.size = l.size > 0 ? l.size : SIZE_USUAL;
	l.recipients = l.recipients > 0 ? l.recipients : RECIPIENTS_USUAL;
	l.messages = l.messages > 0 ? l.messages : MESSAGES_USUAL;
	l.chatter = l.chatter > 0 ? l.chatter : SERVER_CHATTER_MAX;
	l.errors = l.errors > 0 ? l.errors : ERRORS_USUAL;
	l.seconds = l.seconds > 0 ? l.seconds : SECONDS_USUAL;
	return l;
}

static void
converse(struct dialogue *d)
{
	const char *closed = d->service->closed;
	struct span line;

	if (d->over)
		return;
	if (closed != NULL) {
		client_say(&d->client, 554, "5.7.1", closed);
	} else if (dialogue_permits(d, STAGE_GREETING)) {
		greet(d);
		while (!d->over)
			if (dialogue_hear(d, &line, false))
				obey(d, line);
	}
}

void
serve_session(const struct service *service, struct visitor *visitor,
    struct stream *stream, int fd, bool (*rests)(bool resting))
{
	struct dialogue d = {
		.service = service,
		.limits = settle_limits(service->limits),
		.visitor = visitor,
		.fd = fd,
		.rests = rests,
		.posting = { .visitor = visitor },
	};

	d.client = (struct client){ .stream = stream,
		.seconds = d.limits.seconds,
		.said = service->said,
		.arg = service->arg };
	visitor->hello = "";
	visitor->user = NULL;
	visitor->lmtp = service->lmtp;
	if (service->encrypts_first)
		dialogue_encrypt(&d);
	converse(&d);
	dialogue_reset(&d);
	client_flush(&d.client);
	stream_close(stream);
	free(d.hello);
	free(d.user);
	visitor->hello = "";
	visitor->user = NULL;
}
