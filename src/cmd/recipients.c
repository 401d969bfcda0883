/* SPDX-License-Identifier: ISC */
#include "cmd/recipients.h"

#include <unistd.h>

#include "cmd/report.h"
#include "mail/expand.h"

void
here_init(struct here *h, const struct account *a)
{
	*h = (struct here){ .host = "" };
	if (gethostname(h->host, sizeof h->host - 1) != 0)
		h->host[0] = '\0';
	h->local = (struct local){ h->host, a->maildomain, a->local_domains };
}

bool
recipients_given(const struct invocation *v, struct envelope *e, struct outcome *o)
{
	for (size_t i = 0; i < v->recipients; i++) {
		struct span arg = span_of(v->recipient[i]);

		if (span_has_control(arg))
			return outcome_fail(o, CAUSE_ADDRESS,
			    "\"%.100s\" holds a control character (a line end?)", arg.p);
		if (!envelope_add_list(e, arg, o))
			return false;
	}
	return true;
}

bool
recipients_expand(const struct invocation *v, const struct account *a, struct envelope *e,
    struct envelope *lost, struct outcome *o)
{
	const struct observer observer = report_observer(v);
	struct here here;
	const struct expansion x = {
		.aliases = a->aliases,
		.root_to = a->root_to,
		.local = &here.local,
		.warn = observer.warn,
		.arg = observer.arg,
	};

	here_init(&here, a);
	return expand_recipients(e, &x, lost, o);
}
