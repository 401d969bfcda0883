/* SPDX-License-Identifier: ISC */
#include "serve/partial.h"

#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "queue/bounce.h"
#include "serve/answer.h"

static bool
is_failure(const struct recipient *r)
{
	return outcome_verdict(&r->outcome) != VERDICT_DONE;
}

static const struct recipient **
those_told_of(const struct envelope *e, size_t *n)
{
	const struct recipient **rcpt = mem_grow(NULL, e->n, sizeof(struct recipient *));

	*n = 0;
	for (size_t i = 0; i < e->n; i++)
		if (is_failure(&e->rcpt[i]) &&
		    bounce_is_wanted(e, &e->rcpt[i], BOUNCE_FAILED))
			rcpt[(*n)++] = &e->rcpt[i];
	return rcpt;
}

/* Whether somebody gets nothing of whom no notice may tell; a sender who wants none about
 * refusals still wants another try where that may do. */
static bool
has_untold(const struct envelope *e)
{
	const bool is_null = e->sender == NULL || *e->sender == '\0';

	for (size_t i = 0; i < e->n; i++)
		if (is_failure(&e->rcpt[i]) &&
		    !bounce_is_wanted(e, &e->rcpt[i], BOUNCE_FAILED) &&
		    (is_null || outcome_verdict(&e->rcpt[i].outcome) != VERDICT_REJECT))
			return true;
	return false;
}

static bool
send_notice(const struct bounce *b, partial_send *send, void *arg)
{
	struct envelope to = { 0 };
	struct source notice;
	struct outcome o;
	bool ok;

	source_init(&notice);
	envelope_add(&to, b->item->envelope->sender);
	ok = bounce_write(&notice, b, &o) && send(arg, &to, &notice, &o);
	envelope_free(&to);
	source_free(&notice);
	return ok;
}

/* Whether the sender is told of all who get nothing and of whom it wants to hear. */
static bool
tell(const struct account *a, const struct envelope *e, struct source *m,
    partial_send *send, void *arg)
{
	char host[HOST_NAME_MAX + 1] = "localhost";
	const time_t now = time(NULL);
	const struct recipient **rcpt;
	struct bounce_item item = {
		.id = "-", .arrived = now, .envelope = e, .server = account_server(a)
	};
	struct bounce b = { .kind = BOUNCE_FAILED,
		.host = host,
		.now = now,
		.item = &item,
		.n = 1,
		.message = m };
	bool ok;

	(void)gethostname(host, sizeof host - 1);
	b.maildomain = a->maildomain != NULL ? a->maildomain : host;
	item.rcpt = rcpt = those_told_of(e, &item.n);
	ok = item.n == 0 || send_notice(&b, send, arg);
	free(rcpt);
	return ok;
}

const struct outcome *
partial_answer(const struct account *a, const struct envelope *e, struct source *m,
    partial_send *send, void *arg)
{
	const size_t accepted = envelope_accepted(e);

	if (e->n == 0)
		return NULL;
	if (accepted == 0 || accepted == e->n ||
	    (!has_untold(e) && tell(a, e, m, send, arg)))
		return answer_for_all(e);
	return answer_of_failures(e);
}
