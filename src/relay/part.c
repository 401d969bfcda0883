/* SPDX-License-Identifier: ISC */
#include "relay/part.h"

#include <stdlib.h>

#include "base/mem.h"

void
part_init(struct part *p, const struct envelope *whole)
{
	envelope_init_as(&p->envelope, whole);
	p->whole = whole->n;
	p->at = mem_grow(NULL, whole->n + 1, sizeof *p->at);
	for (size_t i = 0; i < whole->n; i++)
		p->at[i] = PART_NONE;
}

void
part_free(struct part *p)
{
	envelope_free(&p->envelope);
	free(p->at);
	*p = (struct part){ .at = NULL };
}

void
part_add(struct part *p, const struct envelope *whole, size_t i, const char *address)
{
	const struct recipient *r = &whole->rcpt[i];

	if (address == NULL) {
		p->at[i] = envelope_add_wish(&p->envelope, r);
		return;
	}
	envelope_add_for(&p->envelope, address, r);
	p->at[i] = p->envelope.n - 1;
}

void
part_join(const struct part *p, struct envelope *whole)
{
	for (size_t i = 0; i < p->whole; i++)
		if (p->at[i] != PART_NONE)
			whole->rcpt[i].outcome = p->envelope.rcpt[p->at[i]].outcome;
}
