/* SPDX-License-Identifier: ISC */
#include "cmd/dispatch.h"

#include "cmd/keep.h"
#include "cmd/report_dialogue.h"
#include "cmd/report_mail.h"
#include "probe/neighbour.h"
#include "relay/relay.h"
#include "relay/route.h"

bool
dispatch_prepare(struct mail *m, struct outcome *o)
{
	if (!keep_open(&m->keep, m->v, &m->config, m->choice.by, m->account, o))
		return false;
	if (m->keep.policy != QUEUE_OFF)
		spool_buffer(&m->keep.spool, &m->source);
	return true;
}

/* Whoever has mails to send on port 25, and can't, wants to know which port will do. */
static void
look_next_door(const struct account *a, struct envelope *e)
{
	struct outcome *first = &e->rcpt[0].outcome;

	if (first->cause == CAUSE_PORT25)
		neighbour_note(a, first);
}

/* To the server, to the queue, or to the one and then the other. */
static void
dispatch(struct mail *m, struct keep *k, struct account *a, struct envelope *e,
    struct source *source)
{
	const struct observer observer = report_observer(m->v);

	if (k->policy == QUEUE_ALWAYS) {
		keep_mail(k, m->v, e, source);
		return;
	}
	if (k->policy == QUEUE_ON_FAILURE && source->fd >= 0 && source->start == 0)
		report_note(m->v, "the queue has no room to buffer the mail: it is in a "
				  "temporary file");
	relay_send(a, e, source, &observer);
	look_next_door(a, e);
	if (k->policy == QUEUE_ON_FAILURE)
		keep_rest(k, m->v, a, e, source);
}

void
dispatch_part(
    struct mail *m, struct account *a, struct envelope *e, struct source *source)
{
	struct keep other;
	struct outcome o;

	if (a == m->account) {
		dispatch(m, &m->keep, a, e, source);
		return;
	}
	keep_init(&other);
	if (keep_open(&other, m->v, &m->config, m->choice.by, a, &o))
		dispatch(m, &other, a, e, source);
	else
		envelope_settle(e, &o);
	keep_close(&other);
}

void
dispatch_mail(struct mail *m)
{
	for (size_t i = 0; i < m->routes.n; i++) {
		const struct route *route = &m->routes.v[i];
		struct envelope *part = &m->routes.v[i].part.envelope;

		dispatch_part(m, route->account, part, &m->source);
		report_part(m->v, route->account, part, &m->source);
	}
	routes_join(&m->routes, &m->envelope);
}
