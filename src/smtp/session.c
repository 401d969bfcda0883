/* SPDX-License-Identifier: ISC */
#include "smtp/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/encode.h"
#include "smtp/signin.h"

static const struct span nothing = { "", 0 };

static bool
is_yes(const struct session *s)
{
	return s->channel.reply.code / 100 == 2;
}

/* What is done while the connection is under way. */
struct preparation {
	struct session *session;
	bool ok;
	struct outcome why;
};

static void
prepare_tls(void *arg)
{
	struct preparation *p = arg;

	p->session->tls = tls_new(&p->session->account->tls_settings, &p->why);
	p->ok = p->session->tls != NULL;
}

static bool
connect_server(struct session *s, struct outcome *o)
{
	const struct account *a = s->account;
	struct preparation p = { .session = s, .ok = true };
	const struct dial d = {
		.host = a->host,
		.port = account_port(a),
		.source_ip = a->source_ip,
		.deadline = channel_deadline(&s->channel, STAGE_CONNECT),
		.meanwhile = a->tls ? prepare_tls : NULL,
		.arg = &p,
	};
	char note[128];

	if (!dial(&d, &s->peer, o))
		return outcome_at(o, STAGE_CONNECT);
	s->socket.fd = s->peer.fd;
	stream_init(&s->channel.stream, &socket_carrier, &s->socket);
	(void)snprintf(
	    note, sizeof note, "connected to %s, port %d", s->peer.peer, d.port);
	channel_note(&s->channel, '*', note);
	if (!p.ok)
		*o = p.why;
	return p.ok || outcome_at(o, STAGE_TLS);
}

static bool
start_tls(struct session *s, bool from_start, struct outcome *o)
{
	char note[256];

	if (!tls_handshake(s->tls, s->socket.fd, s->account->host, from_start,
		channel_deadline(&s->channel, STAGE_TLS), o))
		return outcome_at(o, STAGE_TLS);
	stream_change_carrier(&s->channel.stream, &tls_carrier, s->tls);
	s->encrypted = true;
	(void)snprintf(note, sizeof note, "TLS: %s", tls_description(s->tls));
	channel_note(&s->channel, '*', note);
	return true;
}

/* A server that waits for a TLS hello says nothing: once the greeting is overdue, one
 * more attempt costs nothing and tells. */
static bool
wants_tls(struct session *s)
{
	return !s->encrypted && stream_unread(&s->channel.stream) == 0 &&
	       tls_probe(s->socket.fd, channel_deadline(&s->channel, STAGE_CONNECT));
}

static void
keep_greeting(struct session *s)
{
	struct span text = buf_span(&s->channel.reply.text);

	s->greeting = span_dup(text);
	make_printable(s->greeting, text.n, '\n');
}

static bool
greeting(struct session *s, struct outcome *o)
{
	struct outcome why;

	if (channel_reply(&s->channel, STAGE_GREETING, &why)) {
		keep_greeting(s);
		return s->channel.reply.code == 220 ||
		       channel_refused(&s->channel, STAGE_GREETING, o);
	}
	if (why.cause == CAUSE_TIMEOUT && wants_tls(s))
		(void)outcome_fail(&why, CAUSE_TLS_IMPLICIT,
		    "it sent no greeting, and answered a TLS hello");
	*o = why;
	return outcome_at(o, STAGE_GREETING);
}

static bool
say_hello(struct session *s, const char *verb, struct outcome *o)
{
	char *name = domain_to_ascii(account_domain(s->account));
	bool ok;

	if (name == NULL)
		return outcome_fail(o, CAUSE_CONFIG,
		    "\"%s\" (domain) can't be the name of a host", s->account->domain);
	ok = channel_ask(&s->channel, STAGE_HELLO, verb, span_of(name), o);
	free(name);
	return ok;
}

/* EHLO; or HELO to a server that doesn't know it; or LHLO. */
static bool
hello(struct session *s, struct outcome *o)
{
	bool lmtp = s->account->protocol == PROTOCOL_LMTP;

	s->caps = (struct caps){ 0 };
	if (!say_hello(s, lmtp ? "LHLO " : "EHLO ", o))
		return false;
	if (is_yes(s)) {
		caps_parse(&s->caps, buf_span(&s->channel.reply.text));
		return true;
	}
	if (lmtp || s->channel.reply.code < 500)
		return channel_refused(&s->channel, STAGE_HELLO, o);
	return say_hello(s, "HELO ", o) &&
	       (is_yes(s) || channel_refused(&s->channel, STAGE_HELLO, o));
}

/* RFC 3207. Whatever the server has said so far counts for nothing afterwards. */
static bool
upgrade(struct session *s, struct outcome *o)
{
	size_t unread;

	if (!caps_have(&s->caps, CAP_STARTTLS)) {
		(void)outcome_fail(
		    o, CAUSE_TLS_NONE, "its answer to EHLO names no STARTTLS");
		return outcome_at(o, STAGE_TLS);
	}
	if (!channel_ask(&s->channel, STAGE_TLS, "STARTTLS", nothing, o))
		return false;
	if (s->channel.reply.code != 220)
		return channel_refused(&s->channel, STAGE_TLS, o);
	unread = stream_unread(&s->channel.stream);
	if (unread > 0) {
		(void)outcome_fail(o, CAUSE_TLS_INJECTED, "%zu bytes too many", unread);
		return outcome_at(o, STAGE_TLS);
	}
	return start_tls(s, false, o) && hello(s, o);
}

static bool
reach(struct session *s, struct outcome *o)
{
	bool tls = s->account->tls, from_start = tls && !s->account->starttls;

	if (!connect_server(s, o))
		return false;
	if (from_start && !start_tls(s, true, o))
		return false;
	if (!greeting(s, o) || !hello(s, o))
		return false;
	return !tls || from_start || upgrade(s, o);
}

bool
session_reach(struct session *s, const struct account *account,
    const struct observer *observer, struct outcome *o)
{
	*s = (struct session){ .account = account, .socket = { -1 } };
	channel_init(&s->channel, observer, &account->timeouts);
	return reach(s, o);
}

bool
session_open(struct session *s, const struct account *account,
    const struct secret *password, const struct observer *observer, struct outcome *o)
{
	if (!session_reach(s, account, observer, o))
		return false;
	s->password = password;
	return account->auth == AUTH_OFF || sign_in(s, o);
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
	*s = (struct session){ .socket = { -1 } };
}
