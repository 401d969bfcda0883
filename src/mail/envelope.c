/* SPDX-License-Identifier: ISC */
#include "mail/envelope.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "mail/address.h"

/* A node of the tree of recipients. */
struct known {
	const char *address; /* of the recipient */
	size_t i;
};

void
envelope_free(struct envelope *e)
{
	tdestroy(e->known, free);
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
envelope_init_as(struct envelope *e, const struct envelope *like)
{
	*e = (struct envelope){
		.sender = like->sender != NULL ? mem_dup(like->sender) : NULL,
		.envid = like->envid != NULL ? mem_dup(like->envid) : NULL,
		.notify = like->notify,
		.ret = like->ret,
		.only_wished = like->only_wished,
	};
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
compare(const void *one, const void *other)
{
	const char *a = ((const struct known *)one)->address;
	const char *b = ((const struct known *)other)->address;
	size_t m = local_length(a), n = local_length(b);
	int diff = m != n ? (m < n ? -1 : 1) : memcmp(a, b, m);

	return diff != 0 ? diff : strcasecmp(a + m, b + n);
}

/* Puts a recipient behind the others, and takes over its strings. */
static void
append(struct envelope *e, struct recipient r)
{
	struct known *known = mem_new(sizeof *known), **at;

	*known = (struct known){ r.address, e->n };
	at = tsearch(known, &e->known, compare);
	if (at == NULL)
		mem_exhausted();
	if (*at != known) /* there is one of that name */
		free(known);
	e->rcpt = mem_room(e->rcpt, e->n, sizeof *e->rcpt);
	e->rcpt[e->n++] = r;
}

static struct recipient *
find(const struct envelope *e, const char *spec)
{
	const struct known key = { .address = spec };
	struct known *const *found = tfind(&key, &e->known, compare);

	return found != NULL ? &e->rcpt[(*found)->i] : NULL;
}

bool
envelope_has(const struct envelope *e, const char *spec)
{
	return find(e, spec) != NULL;
}

const struct recipient *
envelope_find(const struct envelope *e, const char *spec)
{
	return find(e, spec);
}

static void
add(struct envelope *e, const char *spec, const char *orcpt, const struct recipient *like)
{
	struct recipient *there = find(e, spec);

	if (there != NULL)
		there->hidden &= like->hidden;
	else if (*spec != '\0')
		append(e, (struct recipient){
			      .address = mem_dup(spec),
			      .orcpt = orcpt != NULL ? mem_dup(orcpt) : NULL,
			      .hidden = like->hidden,
			      .notify = like->notify,
			  });
}

void
envelope_add(struct envelope *e, const char *spec)
{
	add(e, spec, NULL, &(struct recipient){ .hidden = false });
}

void
envelope_add_hidden(struct envelope *e, const char *spec)
{
	add(e, spec, NULL, &(struct recipient){ .hidden = true });
}

void
envelope_add_for(struct envelope *e, const char *spec, const struct recipient *name)
{
	const char *orcpt = name->orcpt;

	if (orcpt == NULL && strcmp(spec, name->address) != 0)
		orcpt = name->address;
	add(e, spec, orcpt, name);
}

size_t
envelope_add_wish(struct envelope *e, const struct recipient *wish)
{
	add(e, wish->address, wish->orcpt, wish);
	return (size_t)(find(e, wish->address) - e->rcpt);
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

/* A new string; the null sender stays what it is. */
static char *
qualified(const char *spec, const char *domain)
{
	return *spec == '\0' || address_domain(spec) != NULL
		   ? mem_dup(spec)
		   : mem_printf("%s@%s", spec, domain);
}

void
envelope_qualify(struct envelope *e, const char *domain)
{
	struct envelope old = *e;

	e->rcpt = NULL;
	e->n = 0;
	e->known = NULL;
	e->sender = old.sender != NULL ? qualified(old.sender, domain) : NULL;
	old.envid = NULL;
	for (size_t i = 0; i < old.n; i++) {
		char *spec = qualified(old.rcpt[i].address, domain);

		add(e, spec, old.rcpt[i].orcpt, &old.rcpt[i]);
		free(spec);
	}
	envelope_free(&old);
}

void
envelope_append(struct envelope *e, struct envelope *from)
{
	for (size_t i = 0; i < from->n; i++)
		append(e, from->rcpt[i]);
	from->n = 0;
	envelope_free(from);
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
		n += outcome_verdict(&e->rcpt[i].outcome) == VERDICT_DONE;
	return n;
}
