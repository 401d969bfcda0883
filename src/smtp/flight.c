/* SPDX-License-Identifier: ISC */
#include "smtp/flight.h"

#include <stdlib.h>

#include "base/mem.h"

/* So many replies fit into the stream's input, however the server spaces them. */
#define FLIGHT_MAX 500

#define CLOSING 421 /* RFC 5321, 3.8: the server goes away, at any command */

void
flight_init(struct flight *f, struct channel *c, bool pipelining)
{
	*f = (struct flight){ .channel = c, .pipelining = pipelining };
}

void
flight_free(struct flight *f)
{
	free(f->v);
	*f = (struct flight){ 0 };
}

void
flight_expect(struct flight *f, enum stage stage, int yes, struct outcome *outcome)
{
	f->v = mem_room(f->v, f->n, sizeof *f->v);
	f->v[f->n++] = (struct expect){ stage, yes, outcome };
}

static bool
land_one(struct flight *f, const struct expect *e, struct outcome *o)
{
	const struct reply *r = &f->channel->reply;

	if (!channel_reply(f->channel, e->stage, o)) {
		/* a server that has said goodbye is not one that has vanished */
		if (f->closing.code == CLOSING && o->cause == CAUSE_HANGUP) {
			*o = f->closing;
			return outcome_at(o, e->stage);
		}
		return false;
	}
	if (r->code == CLOSING)
		(void)channel_refused(f->channel, e->stage, &f->closing);
	if (r->code / 100 == e->yes)
		outcome_accept(e->outcome, e->stage, r->code, r->text.data);
	else if (r->code >= 400)
		(void)channel_refused(f->channel, e->stage, e->outcome);
	else
		return channel_refused(f->channel, e->stage, o);
	return true;
}

bool
flight_land(struct flight *f, struct outcome *o)
{
	while (f->answered < f->n) {
		if (!land_one(f, &f->v[f->answered], o))
			return false;
		f->answered++;
	}
	return true;
}

bool
flight_command(struct flight *f, enum stage stage, int yes, const char *verb,
    struct span arg, struct outcome *outcome, struct outcome *o)
{
	if (!channel_command(f->channel, stage, verb, arg, o))
		return false;
	flight_expect(f, stage, yes, outcome);
	return (f->pipelining && f->n - f->answered < FLIGHT_MAX) || flight_land(f, o);
}
