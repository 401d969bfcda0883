/* SPDX-License-Identifier: ISC */
#include "smtp/signin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "base/encode.h"
#include "smtp/refusal.h"
#include "smtp/session.h"

/* The longest AUTH command (RFC 4954, 4). What is longer isn't sent along, but when
 * asked. */
#define AUTH_LINE_MAX 12288

#define GO_ON 334     /* RFC 4954, 4 */
#define SIGNED_IN 235 /* RFC 4954, 6; another yes is the answer to something else */

/* One sign-in under way. Both buffers may hold the secret. */
struct signin {
	struct session *session;
	struct auth auth;
	struct buf raw;
	struct buf encoded;
};

/* The mechanism's answer to `challenge`, in base64, with "=" for an empty initial one. */
static bool
prepare(struct signin *g, struct span challenge, bool initial, struct outcome *o)
{
	buf_clear_secret(&g->raw);
	buf_clear_secret(&g->encoded);
	if (!auth_step(&g->auth, challenge, &g->raw, o))
		return false;
	base64_encode(&g->encoded, buf_span(&g->raw));
	g->session->channel.reply.hide[1] = buf_span(&g->encoded);
	g->session->channel.reply.hide[2] = buf_span(&g->raw);
	if (initial && g->encoded.len == 0)
		buf_addc(&g->encoded, '=');
	return true;
}

/* Sends the command, with the initial response where the mechanism has one that fits. An
 * initial response that doesn't fit stays in g->encoded and is *owed. */
static bool
begin(struct signin *g, bool *owed, struct outcome *o)
{
	struct channel *c = &g->session->channel;
	const char *name = g->auth.mechanism->name;
	char verb[64];

	*owed = false;
	(void)snprintf(verb, sizeof verb, "AUTH %s", name);
	if ((g->auth.mechanism->flags & MECHANISM_FIRST) == 0)
		return channel_ask(c, STAGE_AUTH, verb, span_bytes("", 0), o);
	if (!prepare(g, span_bytes("", 0), true, o))
		return false;
	*owed = g->encoded.len > AUTH_LINE_MAX;
	if (*owed)
		return channel_ask(c, STAGE_AUTH, verb, span_bytes("", 0), o);
	(void)snprintf(verb, sizeof verb, "AUTH %s ", name);
	return channel_secret(c, verb, buf_span(&g->encoded), o) &&
	       channel_reply(c, STAGE_AUTH, o);
}

/* Gives up in good order (RFC 4954, 4): the server answers 501, and the session could go
 * on. */
static void
cancel(struct signin *g)
{
	struct channel *c = &g->session->channel;
	struct outcome ignored;

	(void)channel_ask(c, STAGE_AUTH, "*", span_bytes("", 0), &ignored);
}

static bool
answer(struct signin *g, bool owed, struct outcome *o)
{
	struct channel *c = &g->session->channel;
	struct buf challenge;
	bool ok;

	buf_init(&challenge, AUTH_MESSAGE_MAX);
	ok = base64_decode(&challenge, span_trim(buf_span(&c->reply.text))) &&
	     buf_ok(&challenge);
	if (!ok)
		(void)outcome_fail(
		    o, CAUSE_AUTH_FAILED, "the server's challenge is no base64");
	else if (!owed)
		ok = prepare(g, buf_span(&challenge), false, o);
	buf_free(&challenge);
	if (!ok)
		cancel(g);
	return ok && channel_secret(c, "", buf_span(&g->encoded), o) &&
	       channel_reply(c, STAGE_AUTH, o);
}

/* What the server said on the way is added to its last words. */
static bool
refused(struct signin *g, struct outcome *o)
{
	const struct channel *c = &g->session->channel;
	const char *remark = auth_remark(&g->auth);
	struct buf text;

	if (c->reply.code < 400)
		return channel_refused(c, STAGE_AUTH, o);
	buf_init(&text, REPLY_TEXT_MAX);
	buf_puts(&text, c->reply.text.data);
	if (remark != NULL)
		buf_printf(&text, "\n%s", remark);
	(void)outcome_reply(o, STAGE_AUTH, c->reply.code, text.data);
	refusal_explain(o, c->server);
	buf_free(&text);
	return false;
}

static bool
converse(struct signin *g, struct outcome *o)
{
	const struct reply *r = &g->session->channel.reply;
	bool owed;

	if (!begin(g, &owed, o))
		return false;
	while (r->code == GO_ON) {
		if (!answer(g, owed, o))
			return false;
		owed = false;
	}
	return r->code == SIGNED_IN ? auth_accepted(&g->auth, o) : refused(g, o);
}

static void
warn_if_clear(const struct session *s, const struct mechanism *m)
{
	char words[128];

	if (s->encrypted || (m->flags & MECHANISM_REVEALS) == 0)
		return;
	(void)snprintf(words, sizeof words,
	    "signing in with %s without TLS: anybody on the way can read the password",
	    m->name);
	channel_warn(&s->channel, words);
}

/* A server that knows the password, or the base64 that holds it, may quote it later, too.
 * The user's name is no secret: it belongs into what is said about senders. */
static void
keep_hidden(struct signin *g)
{
	struct session *s = g->session;
	struct span *hide = s->channel.reply.hide;
	const bool tells = hide[0].n > 0 &&
			   memmem(g->raw.data, g->raw.len, hide[0].p, hide[0].n) != NULL;

	hide[1] = hide[2] = span_bytes("", 0);
	if (!tells)
		return;
	buf_init(&s->proof, g->encoded.len);
	buf_add_span(&s->proof, buf_span(&g->encoded));
	hide[1] = buf_span(&s->proof);
}

static bool
sign_in_with(struct session *s, const struct mechanism *m, enum tls_binding binding,
    struct span binding_data, struct outcome *o)
{
	char *host = domain_to_ascii(account_server(s->account));
	const struct auth_request request = {
		.user = s->account->user,
		.password = s->password,
		.domain = s->account->ntlmdomain,
		.service = s->account->protocol == PROTOCOL_LMTP ? "lmtp" : "smtp",
		.host = host != NULL ? host : account_server(s->account),
		.port = account_port(s->account),
		.binding = binding,
		.binding_data = binding_data,
	};
	struct signin g = { .session = s };
	bool ok;

	warn_if_clear(s, m);
	buf_init(&g.raw, AUTH_MESSAGE_MAX);
	buf_init(&g.encoded, AUTH_MESSAGE_MAX * 2);
	buf_reserve(&g.raw, s->password->len + REPLY_LINE_MAX);
	buf_reserve(&g.encoded, (s->password->len + REPLY_LINE_MAX) * 2);
	s->channel.reply.hide[0] = span_bytes(s->password->data, s->password->len);
	ok = auth_begin(&g.auth, m, &request, o) && converse(&g, o);
	s->signed_in = ok ? m->name : NULL;
	auth_end(&g.auth);
	keep_hidden(&g);
	free(host);
	buf_free_secret(&g.raw);
	buf_free_secret(&g.encoded);
	return ok;
}

static bool
not_offered(const struct session *s, struct outcome *o)
{
	const bool waits = !s->encrypted && caps_have(&s->caps, CAP_STARTTLS);

	(void)outcome_fail(o, CAUSE_AUTH_NONE, "its answer to EHLO names no AUTH%s",
	    waits ? ", but STARTTLS: it offers sign-in under TLS only" : "");
	(void)(waits ? outcome_offer(o, "tls", "on") : outcome_offer(o, "auth", "off"));
	if (!waits)
		outcome_refine(o, CAUSE_AUTH_NONE, NULL,
		    "if it wants none; else another port: providers take mail from their "
		    "users on 587 or 465");
	return outcome_at(o, STAGE_AUTH);
}

bool
sign_in(struct session *s, struct outcome *o)
{
	struct mechanism_choice choice = {
		.offered = s->caps.auth,
		.encrypted = s->encrypted,
		.binding = TLS_BINDING_NONE,
		.has_password = secret_given(s->password),
	};
	const struct mechanism *m;
	struct buf data;
	bool ok;

	if (!caps_have(&s->caps, CAP_AUTH))
		return not_offered(s, o);
	buf_init(&data, AUTH_MESSAGE_MAX);
	if (s->encrypted)
		choice.binding = tls_binding(s->tls, &data);
	ok = mechanism_choose(s->account, &choice, &m, o) &&
	     sign_in_with(s, m, choice.binding, buf_span(&data), o);
	buf_free(&data);
	return ok || outcome_at(o, STAGE_AUTH);
}
