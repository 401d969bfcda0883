/* SPDX-License-Identifier: ISC */
#include "mail/envelope.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mail/address.h"

static void
keep(void *node)
{
	(void)node; /* the tree's keys belong to the recipients */
}

void
envelope_free(struct envelope *e)
{
	tdestroy(e->known, keep);
	for (size_t i = 0; i < e->n; i++) {
		free(e->rcpt[i].address);
		free(e->rcpt[i].orcpt);
	}
	free(e->rcpt);
	free(e->sender);
	free(e->envid);
	*e = (struct envelope){ 0 };
}

void
envelope_set_sender(struct envelope *e, const char *spec)
{
	free(e->sender);
	e->sender = mem_dup(spec);
}

/* The length of the local part. */
static size_t
local_length(const char *spec)
{
	const char *domain = address_domain(spec);

	return domain != NULL ? (size_t)(domain - spec) : strlen(spec);
}

static int
compare(const void *a, const void *b)
{
	size_t m = local_length(a), n = local_length(b);
	int diff = m != n ? (m < n ? -1 : 1) : memcmp(a, b, m);

	return diff != 0 ? diff : strcasecmp((const char *)a + m, (const char *)b + n);
}

void
envelope_add(struct envelope *e, const char *spec)
{
	char *copy;

	if (*spec == '\0' || tfind(spec, &e->known, compare) != NULL)
		return;
	copy = mem_dup(spec);
	if (tsearch(copy, &e->known, compare) == NULL)
		mem_exhausted();
	e->rcpt = mem_room(e->rcpt, e->n, sizeof *e->rcpt);
	e->rcpt[e->n++] = (struct recipient){ .address = copy };
}

bool
envelope_add_list(struct envelope *e, struct span text, struct outcome *o)
{
	struct address_list list = { 0 };
	bool ok = address_list_parse(&list, text, o);

	for (size_t i = 0; ok && i < list.n; i++)
		envelope_add(e, list.v[i].spec);
	address_list_free(&list);
	return ok;
}

void
envelope_settle(struct envelope *e, const struct outcome *o)
{
	for (size_t i = 0; i < e->n; i++)
		e->rcpt[i].outcome = *o;
}

size_t
envelope_accepted(const struct envelope *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->n; i++)
		n += e->rcpt[i].outcome.cause == CAUSE_NONE;
	return n;
}
