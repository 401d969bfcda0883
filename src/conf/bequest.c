/* SPDX-License-Identifier: ISC */
#include "conf/bequest.h"

#include <stdlib.h>

#include "conf/option.h"

#define QUEUE "queue" /* the setting, and how the names of all about it begin */

static bool
says_queue(const struct account *a)
{
	return option_origin(a, option_find(span_of(QUEUE))).file != NULL;
}

/* Who has it now passes it on; nobody gets it twice, so that this ends. */
static void
bequeath_to(struct config *c, const struct account *from, const char *name)
{
	struct account *to = config_find(c, name);

	if (to == NULL || says_queue(to) ||
	    config_is_system(c, to) != config_is_system(c, from))
		return;
	account_complete(to, from, QUEUE);
	bequeath_queue(c, to);
}

void
bequeath_queue(struct config *c, const struct account *from)
{
	struct span left = span_of(from->routes != NULL ? from->routes : ""), line;

	while (says_queue(from) && span_cut(&left, '\n', &line)) {
		struct span patterns;
		char *name;

		(void)span_cut(&line, ' ', &patterns);
		name = span_dup(span_trim(line));
		bequeath_to(c, from, name);
		free(name);
	}
}

void
bequeath_queues(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		bequeath_queue(c, c->v[i]);
}
