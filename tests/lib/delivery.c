/* SPDX-License-Identifier: ISC */
#include "lib/delivery.h"

#include "lib/sample.h"

void
delivery_prepare(struct delivery *d, const struct delivery_setting *s,
    const struct script_step *steps, size_t n)
{
	*d = (struct delivery){ .ok = false };
	script_init(&d->script, steps, n, s->end);
	caps_parse(&d->caps, span_of(s->caps));
	sample_envelope(&d->e, s->sender != NULL ? s->sender : "s@x",
	    s->recipients != NULL ? s->recipients : "a@x, b@x");
	sample_source(&d->m, span_of(s->message != NULL ? s->message : DELIVERY_MESSAGE));
	d->b = (struct batch){
		.channel = &d->channel,
		.caps = &d->caps,
		.lmtp = s->lmtp,
		.stays = s->more_follows,
	};
	script_channel(&d->script, &d->channel, NULL);
}

void
delivery_go(struct delivery *d)
{
	d->ok = transact(&d->b, &d->e, &d->m, &d->o);
}

void
delivery_run(struct delivery *d, const struct delivery_setting *s,
    const struct script_step *steps, size_t n)
{
	delivery_prepare(d, s, steps, n);
	delivery_go(d);
}

static void
say(struct script *script, const char *says, enum script_end end)
{
	struct span all = span_of(says);
	size_t n = script_invitation(all);

	script_init_bytes(script, span_bytes(all.p, n), end);
	if (n < all.n)
		script_add_bytes(
		    script, SCRIPT_END_OF_MESSAGE, span_bytes(all.p + n, all.n - n));
}

void
delivery_prepare_said(
    struct delivery *d, const struct delivery_setting *s, const char *says)
{
	delivery_prepare(d, s, NULL, 0);
	script_free(&d->script);
	say(&d->script, says, s->end);
}

void
delivery_said(struct delivery *d, const struct delivery_setting *s, const char *says)
{
	delivery_prepare_said(d, s, says);
	delivery_go(d);
}

void
delivery_again(struct delivery *d, const char *says)
{
	channel_close(&d->channel);
	script_free(&d->script);
	d->b =
	    (struct batch){ .channel = &d->channel, .caps = &d->caps, .lmtp = d->b.lmtp };
	say(&d->script, says, SCRIPT_SILENT);
	script_channel(&d->script, &d->channel, NULL);
	delivery_go(d);
}

void
delivery_end(struct delivery *d)
{
	channel_close(&d->channel);
	script_free(&d->script);
	envelope_free(&d->e);
	source_free(&d->m);
}
