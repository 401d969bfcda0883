/* SPDX-License-Identifier: ISC */
#include "smtp/connect.h"

#include "conf/well_known.h"
#include "net/socks.h"
#include "net/unix_socket.h"

#define NOTE_MAX 1024

bool
connect_prepare_tls(struct session *s, struct outcome *o)
{
	s->tls = tls_new(&s->account->tls_settings, s->password, o);
	return s->tls != NULL;
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

	p->ok = connect_prepare_tls(p->session, &p->why);
}

static bool
connect_socket(
    struct session *s, struct preparation *p, int64_t deadline, struct outcome *o)
{
	const struct account *a = s->account;

	if (!unix_socket_connect(a->socket, deadline, &s->socket.fd, o))
		return false;
	if (a->tls)
		prepare_tls(p);
	return true;
}

static bool
connect_host(
    struct session *s, struct preparation *p, int64_t deadline, struct outcome *o)
{
	const struct account *a = s->account;
	const bool is_proxy = a->proxy_host != NULL;
	const struct dial d = {
		.host = is_proxy ? a->proxy_host : a->host,
		.port = is_proxy ? account_proxy_port(a) : account_port(a),
		.is_proxy = is_proxy,
		.source_ip = a->source_ip,
		.deadline = deadline,
		.meanwhile = a->tls ? prepare_tls : NULL,
		.arg = p,
	};

	if (!dial(&d, &s->peer, o))
		return false;
	s->socket.fd = s->peer.fd;
	return true;
}

/* From the proxy on to the server. */
static bool
pass_proxy(struct session *s, int64_t deadline, struct outcome *o)
{
	const struct account *a = s->account;
	const struct socks to = { a->host, account_port(a), a->proxy_host,
		account_proxy_port(a) };

	return a->socket != NULL || a->proxy_host == NULL ||
	       socks_connect(&s->channel.stream, &to, deadline, o);
}

static void
note_connection(const struct session *s)
{
	const struct account *a = s->account;
	struct buf note;

	buf_init(&note, NOTE_MAX);
	buf_puts(&note, "connected to ");
	if (a->socket != NULL)
		buf_puts(&note, a->socket);
	else if (a->proxy_host == NULL)
		buf_printf(&note, "%s, port %d", s->peer.peer, account_port(a));
	else
		buf_printf(&note, "%s, port %d, through the proxy %s, port %d", a->host,
		    account_port(a), s->peer.peer, account_proxy_port(a));
	channel_note(&s->channel, '*', note.data);
	buf_free(&note);
}

static bool
suggest_host(const struct account *a, struct outcome *o)
{
	const char *near = o->cause == CAUSE_NO_HOST ? well_known_near(a->host) : NULL;

	if (near != NULL) {
		(void)outcome_note(o, "did you mean %s?", near);
		(void)outcome_offer(o, "host", near);
	}
	return outcome_at(o, STAGE_CONNECT);
}

/* Connects, and through the proxy if there is one; p->ok tells whether TLS could be made
 * ready meanwhile. */
static bool
open_connection(
    struct session *s, struct preparation *p, int64_t deadline, struct outcome *o)
{
	if (!(s->account->socket != NULL ? connect_socket(s, p, deadline, o)
					 : connect_host(s, p, deadline, o)))
		return suggest_host(s->account, o);
	stream_init(&s->channel.stream, &socket_carrier, &s->socket);
	return pass_proxy(s, deadline, o) || outcome_at(o, STAGE_CONNECT);
}

/* Settings that TLS can't be made ready with come first: to try another server would not
 * help, and a connection may have failed because they took all its time. */
bool
connect_server(struct session *s, struct outcome *o)
{
	struct preparation p = { .session = s, .ok = true };
	bool ok;

	channel_stage(&s->channel, STAGE_CONNECT);
	ok = open_connection(s, &p, channel_deadline(&s->channel, STAGE_CONNECT), o);
	if (ok)
		note_connection(s);
	if (!p.ok)
		*o = p.why;
	return p.ok ? ok : outcome_at(o, STAGE_TLS);
}

bool
connect_apart(struct session *s, int64_t deadline, struct outcome *o)
{
	struct preparation unheeded = { .session = s };

	return open_connection(s, &unheeded, deadline, o);
}
