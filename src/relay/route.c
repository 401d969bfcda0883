/* SPDX-License-Identifier: ISC */
#include "relay/route.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/pattern.h"
#include "mail/sender.h"

/* Whether the line "PATTERNS ACCOUNT" is for this address; *name is the account's. */
static bool
line_fits(struct span line, const char *address, char **name)
{
	struct span first = { "", 0 };
	char *patterns;
	bool fits;

	(void)span_cut(&line, ' ', &first);
	patterns = span_dup(first);
	fits = recipient_matches(patterns, address);
	if (fits)
		*name = span_dup(span_trim(line));
	free(patterns);
	return fits;
}

static struct account *
target(const struct account *from, const struct config *c, const char *name,
    struct outcome *o)
{
	struct account *to = config_account(c, name, o);
	struct outcome why;

	if (to != NULL)
		return to;
	why = *o;
	(void)outcome_fail(o, CAUSE_CONFIG, "%s%sa route of account %s: %s",
	    from->file != NULL ? from->file : "", from->file != NULL ? ": " : "",
	    from->name, why.text);
	return NULL;
}

struct account *
route_find(
    struct account *a, const struct config *c, const char *address, struct outcome *o)
{
	struct span left = span_of(a->routes != NULL ? a->routes : ""), line;
	char *name = NULL;

	while (name == NULL && span_cut(&left, '\n', &line))
		(void)line_fits(line, address, &name);
	if (name == NULL)
		return a;
	a = target(a, c, name, o);
	free(name);
	return a;
}

char *
route_account(struct span *left)
{
	struct span line, patterns;

	if (!span_cut(left, '\n', &line))
		return NULL;
	(void)span_cut(&line, ' ', &patterns);
	return span_dup(span_trim(line));
}

static bool
leads_to(const struct account *from, const struct account *to)
{
	struct span left = span_of(from->routes != NULL ? from->routes : "");
	bool found = false;
	char *name;

	while (from != to && !found && (name = route_account(&left)) != NULL) {
		found = strcmp(name, to->name) == 0;
		free(name);
	}
	return found;
}

struct account *
route_back(struct account *a, const struct config *c, const char *address)
{
	struct account *from = config_find(c, "default"), *found;
	struct outcome ignored;

	if (from != NULL && !leads_to(from, a))
		from = NULL;
	for (size_t i = 0; i < c->n && from == NULL; i++)
		if (leads_to(c->v[i], a))
			from = c->v[i];
	found = from != NULL ? route_find(from, c, address, &ignored) : NULL;
	return found != NULL ? found : a;
}

/* What is done for the account that was chosen is done for this one, too. */
bool
route_ready(struct account *a, struct outcome *o)
{
	const struct pattern_context host = { false, NULL };

	return account_check(a, o) && pattern_expand(&a->domain, &host, o);
}

/* The route through that account, which is begun where there is none yet; NULL: the
 * account can't be used. */
static struct route *
route_through(struct routes *r, struct account *a, bool is_ready,
    const struct envelope *e, struct outcome *o)
{
	struct route *new;

	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].account == a)
			return &r->v[i];
	if (!is_ready && !route_ready(a, o))
		return NULL;
	r->v = mem_room(r->v, r->n, sizeof *r->v);
	new = &r->v[r->n++];
	new->account = a;
	part_init(&new->part, e);
	return new;
}

bool
routes_split(struct routes *r, struct account *a, const struct config *c,
    const struct envelope *e, struct outcome *o)
{
	*r = (struct routes){ NULL, 0 };
	for (size_t i = 0; i < e->n; i++) {
		struct account *through = route_find(a, c, e->rcpt[i].address, o);
		struct route *route = through != NULL
					  ? route_through(r, through, through == a, e, o)
					  : NULL;

		if (route == NULL)
			return false;
		part_add(&route->part, e, i, NULL);
	}
	return true;
}

void
routes_join(const struct routes *r, struct envelope *e)
{
	for (size_t i = 0; i < r->n; i++)
		part_join(&r->v[i].part, e);
}

void
routes_free(struct routes *r)
{
	for (size_t i = 0; i < r->n; i++)
		part_free(&r->v[i].part);
	free(r->v);
	*r = (struct routes){ NULL, 0 };
}
