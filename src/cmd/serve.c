/* SPDX-License-Identifier: ISC */
#include "cmd/serve.h"

#include <stdlib.h>

#include "base/mem.h"
#include "cmd/caller.h"
#include "cmd/submit.h"
#include "net/network.h"
#include "net/socket.h"
#include "serve/daemon.h"
#include "serve/server.h"

bool
server_init(struct server *s, const struct invocation *v, struct outcome *o)
{
	const struct account *a;

	*s = (struct server){ .v = v, .name = caller_domain() };
	if (s->name == NULL)
		s->name = mem_dup("localhost");
	if (!choose(&s->choice, v, &s->config, NULL, o))
		return false;
	s->account = a = s->choice.account;
	return a->listen_from == NULL || network_check(a->listen_from, "listen_from", o);
}

void
server_free(struct server *s)
{
	choice_free(&s->choice);
	config_free(&s->config);
	free(s->name);
}

bool
server_may_listen(const struct server *s, const struct listeners *l, struct outcome *o)
{
	const struct account *a = s->account;
	const bool knows_them = a->listen_from != NULL;

	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i].is_loopback || (a->listen_public && knows_them))
			continue;
		(void)outcome_fail(o, CAUSE_CONFIG,
		    "listen %s would take mail from other machines: that needs "
		    "listen_public on, and listen_from to say from whom",
		    l->v[i].name);
		return a->listen_public ? false : outcome_offer(o, "listen_public", "on");
	}
	return true;
}

/* Whether this client need not sign in. */
static bool
is_trusted(const struct account *a, const struct arrival *c)
{
	return c->is_local ||
	       (a->listen_from != NULL && network_has(a->listen_from, c->address));
}

static struct service
service_for(const struct server *s, const struct arrival *c)
{
	const struct account *a = s->account;
	const bool trusted = is_trusted(a, c);

	return (struct service){
		.name = s->name,
		.limits = {
			.size = (uint64_t)a->listen_size,
			.recipients = (size_t)a->listen_recipients,
		},
		.lmtp = a->listen_protocol == PROTOCOL_LMTP,
		.bare = c->is_local,
		.closed = !trusted ? "you are not known here" : NULL,
	};
}

void
server_talk(const struct server *s, const struct arrival *c)
{
	struct service service = service_for(s, c);
	struct submit *submit = submit_new(s->v, true);
	struct visitor visitor = {
		.address = *c->address != '\0' ? c->address : NULL,
		.place = c->place,
		.uid = c->uid,
	};
	struct socket socket = { c->fd };
	struct stream stream;

	service.sink = &submit_sink;
	service.self = submit;
	stream_init(&stream, &socket_carrier, &socket);
	serve_session(&service, &visitor, &stream, c->fd, daemon_rests);
	submit_free(submit);
}
