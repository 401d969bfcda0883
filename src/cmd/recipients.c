/* SPDX-License-Identifier: ISC */
#include "cmd/recipients.h"

#include <stdint.h>
#include <unistd.h>

#include "cmd/report.h"
#include "mail/expand.h"

void
locality_init(struct locality *l, const struct account *a)
{
	*l = (struct locality){ .host = "" };
	if (gethostname(l->host, sizeof l->host - 1) != 0)
		l->host[0] = '\0';
	l->local = (struct local){ l->host, a->maildomain, a->local_domains };
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

static void
print_warning(void *arg, const char *words)
{
	report_warning(arg, words);
}

bool
recipients_expand(const struct invocation *v, const struct account *a, struct envelope *e,
    struct envelope *lost, struct outcome *o)
{
	struct locality here;
	const struct expansion x = {
		.aliases = a->aliases,
		.root_to = a->root_to,
		.local = &here.local,
		.warn = print_warning,
		.arg = (void *)(uintptr_t)v,
	};

	locality_init(&here, a);
	return expand_recipients(e, &x, lost, o);
}
