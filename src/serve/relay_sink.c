/* SPDX-License-Identifier: ISC */
#include "serve/relay_sink.h"

#include <stdlib.h>

#include "base/mem.h"
#include "relay/route.h"

/* The lane of the account, which is made where there is none; NULL: the account can't be
 * used. */
static struct relay_lane *
lane_of(struct relay_sink *r, struct account *a, struct outcome *o)
{
	struct relay_lane *new;

	for (size_t i = 0; i < r->lanes; i++)
		if (r->lane[i]->account == a)
			return r->lane[i];
	if (a != r->account && !route_ready(a, o))
		return NULL;
	new = mem_new(sizeof *new);
	new->account = a;
	r->lane = mem_room(r->lane, r->lanes, sizeof(struct relay_lane *));
	r->lane[r->lanes++] = new;
	return new;
}

/* The one of a recipient. */
static struct relay_lane *
lane_for(struct relay_sink *r, const char *address, struct outcome *o)
{
	struct account *a = route_find(r->account, r->config, address, o);

	return a != NULL ? lane_of(r, a, o) : NULL;
}

/* Asks about the sender, once for each message. */
static bool
lane_begin(struct relay_sink *r, struct relay_lane *l, const struct posting *p,
    struct outcome *o)
{
	if (!l->asked)
		l->may = live_begin(&l->live, l->account, &p->envelope, p->smtputf8,
		    p->size, r->observer, &l->why);
	l->asked = true;
	if (!l->may)
		*o = l->why;
	return l->may;
}

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct relay_sink *r = self;
	struct relay_lane *l;

	for (size_t i = 0; i < r->lanes; i++)
		r->lane[i]->asked = false;
	if (r->account->routes != NULL) /* whoever may be needed, or not */
		return true;
	l = lane_of(r, r->account, o);
	return l != NULL && lane_begin(r, l, p, o);
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct relay_sink *r = self;
	struct relay_lane *l = lane_for(r, to->address, o);

	return l != NULL && lane_begin(r, l, p, o) &&
	       live_rcpt(&l->live, &p->envelope, to, o);
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct relay_sink *r = self;
	struct outcome o;
	struct relay_lane *l = lane_for(r, p->envelope.rcpt[0].address, &o);

	if (l != NULL)
		live_message(&l->live, &p->envelope, m);
	else
		envelope_settle(&p->envelope, &o);
}

/* The sessions stay, for the next message. */
static void
end(void *self, struct posting *p)
{
	(void)self;
	(void)p;
}

void
relay_sink_forget(struct relay_sink *r, const char *address)
{
	struct outcome ignored; /* it was found before */
	const struct account *a = route_find(r->account, r->config, address, &ignored);

	for (size_t i = 0; i < r->lanes; i++)
		if (r->lane[i]->account == a && r->lane[i]->asked)
			live_forget(&r->lane[i]->live);
}

void
relay_sink_close(struct relay_sink *r)
{
	for (size_t i = 0; i < r->lanes; i++) {
		live_end(&r->lane[i]->live);
		free(r->lane[i]);
	}
	free(r->lane);
	r->lane = NULL;
	r->lanes = 0;
}

const struct sink relay_sink = { begin, rcpt, message, end, NULL };
