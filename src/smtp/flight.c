/* SPDX-License-Identifier: ISC */
#include "smtp/flight.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* So many replies fit into the stream's input, however the server spaces them. */
#define FLIGHT_MAX 500

#define GOODBYE 221 /* the answer to QUIT, and never to anything else */

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

/* Drops what was answered, when that is much. */
static void
drop_answered(struct flight *f)
{
	if (f->answered < f->n && f->answered < FLIGHT_MAX)
		return;
	f->n -= f->answered;
	f->gone += f->answered;
	if (f->n > 0)
		memmove(f->v, f->v + f->answered, f->n * sizeof *f->v);
	f->answered = 0;
}

void
flight_expect(struct flight *f, struct expect e)
{
	drop_answered(f);
	f->v = mem_room(f->v, f->n, sizeof *f->v);
	f->v[f->n++] = e;
}

/* Gives the reply that was read last to the command that it answers. */
static bool
give_reply(struct flight *f, const struct expect *e, struct outcome *o)
{
	const struct reply *r = &f->channel->reply;
	bool is_yes =
	    (e->yes < 10 ? r->code / 100 : r->code) == e->yes && r->code != GOODBYE;

	if (r->code == FLIGHT_CLOSING)
		(void)channel_refused(f->channel, e->stage, &f->closing);
	if (!is_yes && r->code < 400)
		return channel_refused(f->channel, e->stage, o);
	if (outcome_is_refusal(e->outcome))
		return true;
	if (is_yes)
		outcome_accept(e->outcome, e->stage, r->code, r->text.data);
	else
		(void)channel_refused(f->channel, e->stage, e->outcome);
	return true;
}

bool
flight_land_next(struct flight *f, struct outcome *o)
{
	const struct expect *e = &f->v[f->answered];

	if (channel_reply(f->channel, e->stage, o))
		return give_reply(f, e, o) && ++f->answered > 0;
	/* a server that has said goodbye is not one that has vanished */
	if (f->closing.code == FLIGHT_CLOSING && o->cause == CAUSE_HANGUP) {
		*o = f->closing;
		return outcome_at(o, e->stage);
	}
	return false;
}

bool
flight_land(struct flight *f, struct outcome *o)
{
	return flight_land_to(f, flight_mark(f), o);
}

size_t
flight_mark(const struct flight *f)
{
	return f->gone + f->n;
}

bool
flight_land_to(struct flight *f, size_t mark, struct outcome *o)
{
	while (f->gone + f->answered < mark)
		if (!flight_land_next(f, o))
			return false;
	return true;
}

size_t
flight_owed(const struct flight *f)
{
	return f->n - f->answered;
}

void
flight_salvage(struct flight *f)
{
	struct outcome ignored;

	while (flight_owed(f) > 0 &&
	       channel_reply_at_hand(f->channel, f->v[f->answered].stage) &&
	       give_reply(f, &f->v[f->answered], &ignored))
		f->answered++;
}

bool
flight_command(struct flight *f, const char *verb, struct span arg, struct expect e,
    struct outcome *o)
{
	if (!channel_command(f->channel, e.stage, verb, arg, o))
		return false;
	flight_expect(f, e);
	return (f->pipelining && flight_owed(f) < FLIGHT_MAX) || flight_land(f, o);
}
