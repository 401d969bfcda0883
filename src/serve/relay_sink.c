/* SPDX-License-Identifier: ISC */
#include "serve/relay_sink.h"

static bool
begin(void *self, struct posting *p, struct outcome *o)
{
	struct relay_sink *r = self;

	return live_begin(
	    &r->live, r->account, &p->envelope, p->smtputf8, p->size, r->observer, o);
}

static bool
rcpt(void *self, struct posting *p, const struct recipient *to, struct outcome *o)
{
	struct relay_sink *r = self;

	return live_rcpt(&r->live, &p->envelope, to, o);
}

static void
message(void *self, struct posting *p, struct source *m)
{
	struct relay_sink *r = self;

	live_message(&r->live, &p->envelope, m);
}

/* The session stays, for the next message. */
static void
end(void *self, struct posting *p)
{
	(void)self;
	(void)p;
}

void
relay_sink_close(struct relay_sink *r)
{
	live_end(&r->live);
}

const struct sink relay_sink = { begin, rcpt, message, end, NULL };
