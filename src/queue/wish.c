/* SPDX-License-Identifier: ISC */
#include "queue/wish.h"

#include <string.h>

static bool
is_part(const char *part, const char *of)
{
	return part == NULL || (of != NULL && strcasestr(of, part) != NULL);
}

bool
selection_fits(const struct selection *s, const struct entry *e)
{
	bool found = s->recipient == NULL;

	for (size_t i = 0; i < e->envelope.n && !found; i++)
		found = is_part(s->recipient, e->envelope.rcpt[i].address);
	return found && is_part(s->id, e->id) && is_part(s->sender, e->envelope.sender);
}
