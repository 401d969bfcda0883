/* SPDX-License-Identifier: ISC */
#include "lib/convoy.h"

#include "lib/sample.h"
#include "lib/unit.h"

void
convoy_begin(struct convoy *c, const char *caps, size_t n, const char *text)
{
	*c = (struct convoy){ .n = n };
	peer_init(&c->peer);
	peer_channel(&c->peer, &c->channel);
	caps_parse(&c->caps, span_of(caps));
	c->b = (struct batch){ .channel = &c->channel, .caps = &c->caps };
	sample_source(&c->m, span_of(text));
	for (size_t i = 0; i < n; i++) {
		char sender[32], to[64];

		(void)snprintf(sender, sizeof sender, "s%zu@x", i);
		(void)snprintf(to, sizeof to, "a%zu@x, b%zu@x", i, i);
		sample_envelope(&c->e[i], sender, to);
	}
}

void
convoy_end(struct convoy *c)
{
	channel_close(&c->channel);
	peer_free(&c->peer);
	for (size_t i = 0; i < c->n; i++)
		envelope_free(&c->e[i]);
	source_free(&c->m);
}

static bool
next(void *arg, struct envelope **e, struct source **m)
{
	struct convoy *c = arg;

	if (c->given == c->n)
		return false;
	*e = &c->e[c->given++];
	*m = &c->m;
	return true;
}

static void
settled(void *arg, struct envelope *e, struct source *m)
{
	struct convoy *c = arg;

	assert_ptr_equal(m, &c->m);
	c->place[e - c->e] = ++c->settled;
	for (size_t i = 0; i < e->n; i++)
		assert_in_range(e->rcpt[i].outcome.cause, 0, CAUSE_LAST - 1);
}

void
convoy_go(struct convoy *c, unsigned depth)
{
	const struct supply supply = { next, settled, c };

	c->b.depth = depth;
	c->ok = batch_run(&c->b, &supply, &c->o);
}

bool
convoy_transact(struct convoy *c)
{
	return transact(&c->b, &c->e[0], &c->m, &c->o);
}

void
convoy_address(struct convoy *c, size_t recipients)
{
	char spec[32];

	envelope_free(&c->e[0]);
	envelope_set_sender(&c->e[0], "s@x");
	for (size_t i = 1; i <= recipients; i++) {
		(void)snprintf(spec, sizeof spec, "r%zu@x", i);
		envelope_add(&c->e[0], spec);
	}
}
