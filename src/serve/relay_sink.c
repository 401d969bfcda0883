/* SPDX-License-Identifier: ISC */
#include "serve/relay_sink.h"

#include "relay/guard.h"
#include "relay/relay.h"
#include "relay/route.h"
#include "serve/partial.h"

/* Whether all that it gets goes to its server. */
static bool
is_plain(const struct account *a)
{
	return a->routes == NULL && relay_is_plain(a);
}

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct relay_sink *r = self;

	r->is_live = is_plain(r->account);
	if (!r->is_live ||
	    live_begin(&r->live, r->account, &p->envelope, p->smtputf8, r->observer, o))
		return true;
	live_end(&r->live);
	return false;
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct relay_sink *r = self;
	const struct account *a;

	if (r->is_live)
		return live_rcpt(&r->live, &p->envelope, to, o);
	a = route_find(r->account, r->config, to->address, o);
	if (a == NULL || guard_allows(a, to->address))
		return a != NULL;
	(void)outcome_fail(o, CAUSE_GUARDED, "%s", to->address);
	return outcome_at(o, STAGE_RCPT);
}

/* Each part of the message goes its way. */
static void
send_by_routes(struct relay_sink *r, struct envelope *e, struct source *m)
{
	struct routes routes;
	struct outcome o;

	if (routes_split(&routes, r->account, r->config, e, &o)) {
		for (size_t i = 0; i < routes.n; i++) {
			struct route *route = &routes.v[i];

			relay_send(route->account, &route->part.envelope, m, r->observer);
			r->sent(r->arg, route->account, &route->part.envelope, m);
		}
		routes_join(&routes, e);
	} else {
		envelope_settle(e, &o);
	}
	routes_free(&routes);
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct relay_sink *r = self;

	if (r->is_live) {
		live_message(&r->live, &p->envelope, m);
		r->sent(r->arg, r->account, &p->envelope, m);
	} else {
		send_by_routes(r, &p->envelope, m);
	}
	if (!p->visitor->lmtp)
		partial_tell(r->account, &p->envelope, m, r->observer);
}

static void
end(void *self, struct posting *p)
{
	struct relay_sink *r = self;

	(void)p;
	live_end(&r->live);
}

const struct sink relay_sink = { begin, rcpt, message, end, NULL };
