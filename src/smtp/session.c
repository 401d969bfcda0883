/* SPDX-License-Identifier: ISC */
#include "smtp/session.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/encode.h"
#include "base/utf8.h"
#include "net/stranger.h"
#include "smtp/connect.h"
#include "smtp/remark.h"
#include "smtp/signin.h"

#define WORDS_MAX 4096
#define SILENCE_MS 3000 /* a server that means to greet us has done so by then */
#define ANSWER_MS 2000  /* and one that waits for TLS has answered a hello */
#define MX_PORT 25      /* where nobody waits for TLS, and an early talker is a spammer */

static const struct span nothing = { "", 0 };

/* The answer to EHLO and its like (RFC 5321, 4.3.2). Another yes is one to something
 * else. */
static bool
is_welcome(const struct session *s)
{
	return s->channel.reply.code == 250;
}

static bool
start_tls(struct session *s, bool from_start, struct outcome *o)
{
	size_t unread = stream_unread(&s->channel.stream);
	char note[256];

	if (unread > 0) {
		(void)outcome_fail(o, CAUSE_TLS_INJECTED, "%zu bytes too many", unread);
		return outcome_at(o, STAGE_TLS);
	}
	channel_stage(&s->channel, STAGE_TLS);
	if (!tls_handshake(s->tls, s->socket.fd, account_server(s->account), from_start,
		channel_deadline(&s->channel, STAGE_TLS), o))
		return outcome_at(o, STAGE_TLS);
	stream_change_carrier(&s->channel.stream, &tls_carrier, s->tls);
	s->encrypted = true;
	(void)snprintf(note, sizeof note, "TLS: %s", tls_description(s->tls));
	channel_note(&s->channel, '*', note);
	remark_on_tls(s);
	return true;
}

/* Why a server may say nothing: it waits for a TLS hello, or for a request of another
 * protocol. What it answers to a hello over `fd`, which is of no use afterwards, tells.
 */
static bool
is_no_smtp(int fd, int64_t deadline, struct outcome *o)
{
	char line[TLS_FIRST_MAX];

	switch (tls_probe(fd, deadline, line)) {
	case TLS_ANSWER_TLS:
		(void)outcome_fail(o, CAUSE_TLS_IMPLICIT,
		    "it sent no greeting, and answered a TLS hello");
		return true;
	case TLS_ANSWER_TEXT:
		return stranger_fail(o, span_of(line));
	case TLS_ANSWER_NONE:
		break;
	}
	return false;
}

/* The same over a connection of its own, so that a server that is only slow can still
 * greet us on the first. */
static bool
is_no_smtp_elsewhere(const struct account *a, struct outcome *o)
{
	static const struct timeouts brief = { .any = 1 };
	struct session other = { .account = a, .socket = { -1 } };
	struct outcome ignored;
	bool found = false;
	int64_t until;

	channel_init(&other.channel, NULL, &brief);
	until = channel_deadline(&other.channel, STAGE_CONNECT);
	if (connect_apart(&other, until, &ignored))
		found = is_no_smtp(
		    other.socket.fd, channel_deadline(&other.channel, STAGE_TLS), o);
	session_close(&other, false);
	return found;
}

/* A server that keeps silent for longer than others do is asked another way, while we
 * wait on. */
static bool
is_silent_stranger(struct session *s, struct outcome *o)
{
	int64_t until = clock_first(
	    channel_deadline(&s->channel, STAGE_GREETING), clock_in(SILENCE_MS));

	if (s->encrypted || s->probed || socket_wait(s->socket.fd, POLLIN, until) != 0)
		return false;
	s->probed = clock_now() >= until && account_port(s->account) != MX_PORT;
	return s->probed && is_no_smtp_elsewhere(s->account, o);
}

static void
keep_greeting(struct session *s)
{
	struct span text = buf_span(&s->channel.reply.text);

	s->greeting = span_dup(text);
	make_printable(s->greeting, text.n, '\n');
}

static bool
read_greeting(struct session *s, struct outcome *o)
{
	const struct stream *stream = &s->channel.stream;

	if (channel_reply(&s->channel, STAGE_GREETING, o)) {
		keep_greeting(s);
		return s->channel.reply.code == 220 ||
		       channel_refused(&s->channel, STAGE_GREETING, o);
	}
	/* also where it was asked elsewhere: it may serve one connection at a time */
	if (o->cause == CAUSE_TIMEOUT && !s->encrypted && stream_unread(stream) == 0)
		(void)is_no_smtp(s->socket.fd, clock_in(ANSWER_MS), o);
	return outcome_at(o, STAGE_GREETING);
}

static bool
greeting(struct session *s, struct outcome *o)
{
	channel_stage(&s->channel, STAGE_GREETING);
	if (is_silent_stranger(s, o))
		return outcome_at(o, STAGE_GREETING);
	return read_greeting(s, o);
}

static bool
say_hello(struct session *s, const char *verb, struct outcome *o)
{
	char *name = domain_to_ascii(account_domain(s->account));
	bool ok;

	/* a pattern may have brought in what no setting may hold */
	if (name == NULL || strpbrk(name, " \t<>") != NULL)
		ok = outcome_fail(o, CAUSE_CONFIG,
		    "\"%s\" (domain) can't be the name of a host", s->account->domain);
	else
		ok = channel_ask(&s->channel, STAGE_HELLO, verb, span_of(name), o);
	free(name);
	return ok;
}

/* The server knows no such command (RFC 5321, 4.2.4): does it know that of the other
 * protocol? */
static bool
refused_hello(struct session *s, struct outcome *o)
{
	const bool lmtp = s->account->protocol == PROTOCOL_LMTP;
	const int code = s->channel.reply.code;
	struct outcome ignored;

	(void)channel_refused(&s->channel, STAGE_HELLO, o);
	if (code < 500 || code > 502 ||
	    !say_hello(s, lmtp ? "EHLO " : "LHLO ", &ignored) || !is_welcome(s))
		return false;
	outcome_refine(o, CAUSE_PROTOCOL,
	    lmtp ? "the server speaks SMTP, but the account is set to LMTP"
		 : "the server speaks LMTP, but the account is set to SMTP",
	    "");
	return outcome_offer(o, "protocol", lmtp ? "smtp" : "lmtp");
}

/* EHLO; or HELO to a server that doesn't know it; or LHLO. */
static bool
hello(struct session *s, struct outcome *o)
{
	bool lmtp = s->account->protocol == PROTOCOL_LMTP;

	s->caps = (struct caps){ 0 };
	if (!say_hello(s, lmtp ? "LHLO " : "EHLO ", o))
		return false;
	if (is_welcome(s)) {
		caps_parse(&s->caps, buf_span(&s->channel.reply.text));
		return true;
	}
	if (lmtp || s->channel.reply.code < 500)
		return refused_hello(s, o);
	return say_hello(s, "HELO ", o) && (is_welcome(s) || refused_hello(s, o));
}

/* RFC 3207. Whatever the server has said so far counts for nothing afterwards. */
static bool
upgrade(struct session *s, struct outcome *o)
{
	if (!caps_have(&s->caps, CAP_STARTTLS))
		return remark_no_starttls(s, o);
	if (!channel_ask(&s->channel, STAGE_TLS, "STARTTLS", nothing, o))
		return false;
	if (s->channel.reply.code != 220)
		return channel_refused(&s->channel, STAGE_TLS, o);
	return start_tls(s, false, o) && hello(s, o);
}

/* Over the connection that stands. */
static bool
meet(struct session *s, struct outcome *o)
{
	bool tls = s->account->tls, from_start = tls && !s->account->starttls;

	if (from_start && !start_tls(s, true, o))
		return false;
	if (!greeting(s, o) || !hello(s, o))
		return false;
	return !tls || from_start || upgrade(s, o);
}

static void
init(struct session *s, const struct account *account, const struct secret *password,
    const struct observer *observer)
{
	*s = (struct session){
		.account = account, .password = password, .socket = { -1 }
	};
	channel_init(&s->channel, observer, &account->timeouts);
}

static bool
sign_in_if_asked(struct session *s, struct outcome *o)
{
	return s->account->auth == AUTH_OFF || sign_in(s, o);
}

bool
session_reach(struct session *s, const struct account *account,
    const struct secret *password, const struct observer *observer, struct outcome *o)
{
	init(s, account, password, observer);
	if (account->protocol == PROTOCOL_CATCH)
		return outcome_fail(o, CAUSE_NO_SERVER, "%s", "");
	s->channel.server = account_server(account);
	return connect_server(s, o) && meet(s, o);
}

bool
session_open(struct session *s, const struct account *account,
    const struct secret *password, const struct observer *observer, struct outcome *o)
{
	return session_reach(s, account, password, observer, o) && sign_in_if_asked(s, o);
}

bool
session_over(struct session *s, const struct carrier *carrier, void *self,
    const struct account *account, const struct secret *password, struct outcome *o)
{
	init(s, account, password, NULL);
	s->probed = true; /* there is nowhere else to ask */
	stream_init(&s->channel.stream, carrier, self);
	return (!account->tls || connect_prepare_tls(s, o)) && meet(s, o) &&
	       sign_in_if_asked(s, o);
}

bool
session_may_move_on(const struct outcome *o)
{
	return o->cause != CAUSE_MAYBE_SENT &&
	       (o->stage == STAGE_CONNECT || outcome_verdict(o) == VERDICT_RETRY);
}

void
session_note_move(
    const struct account *a, const struct outcome *o, const struct observer *observer)
{
	struct buf words;

	if (observer == NULL || observer->warn == NULL)
		return;
	buf_init(&words, WORDS_MAX);
	buf_printf(&words, "%s: ", a->host);
	outcome_words(o, NULL, &words);
	buf_puts(&words, "; the next server is tried");
	observer->warn(observer->arg, words.data);
	buf_free(&words);
}

void
session_close(struct session *s, bool can_talk)
{
	struct outcome ignored;

	if (can_talk && !s->quit)
		(void)(channel_command(
			   &s->channel, STAGE_FINAL, "QUIT", nothing, &ignored) &&
		       stream_flush(&s->channel.stream,
			   channel_deadline(&s->channel, STAGE_CONNECT), &ignored));
	channel_close(&s->channel);
	if (!s->encrypted)
		tls_free(s->tls);
	free(s->greeting);
	buf_free_secret(&s->proof);
	*s = (struct session){ .socket = { -1 } };
}
