/* SPDX-License-Identifier: ISC */
#include "serve/partial.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "queue/bounce.h"
#include "relay/relay.h"

static const struct recipient **
those_told_of(const struct envelope *e, size_t *n)
{
	const struct recipient **rcpt = mem_grow(NULL, e->n, sizeof(struct recipient *));

	*n = 0;
	for (size_t i = 0; i < e->n; i++)
		if (outcome_verdict(&e->rcpt[i].outcome) != VERDICT_DONE &&
		    bounce_is_wanted(e, &e->rcpt[i], BOUNCE_FAILED))
			rcpt[(*n)++] = &e->rcpt[i];
	return rcpt;
}

static bool
send_notice(struct account *a, const struct envelope *to, const struct bounce *b,
    const struct observer *observer, struct outcome *o)
{
	struct envelope e = { 0 };
	struct source notice;
	bool ok;

	source_init(&notice);
	envelope_add(&e, to->sender);
	ok = bounce_write(&notice, b, o);
	if (ok) {
		relay_send(a, &e, &notice, observer);
		*o = e.rcpt[0].outcome;
		ok = o->cause == CAUSE_NONE;
	}
	envelope_free(&e);
	source_free(&notice);
	return ok;
}

void
partial_tell(struct account *a, const struct envelope *e, struct source *m,
    const struct observer *observer)
{
	const size_t accepted = envelope_accepted(e);
	char host[HOST_NAME_MAX + 1] = "localhost";
	const time_t now = time(NULL);
	const struct recipient **rcpt;
	struct outcome o;
	struct bounce_item item = {
		.id = "-", .arrived = now, .envelope = e, .server = account_server(a)
	};
	struct bounce b = { .kind = BOUNCE_FAILED,
		.host = host,
		.now = now,
		.item = &item,
		.n = 1,
		.message = m };

	if (accepted == 0 || accepted == e->n)
		return;
	(void)gethostname(host, sizeof host - 1);
	b.maildomain = a->maildomain != NULL ? a->maildomain : host;
	item.rcpt = rcpt = those_told_of(e, &item.n);
	if (item.n > 0 && !send_notice(a, e, &b, observer, &o) && observer != NULL)
		observer->warn(observer->arg,
		    "a message did not get to all its recipients, and nor did the notice "
		    "about that to its sender");
	free(rcpt);
}
