/* SPDX-License-Identifier: ISC */
#include "cmd/queue_places.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/choose.h"
#include "conf/config.h"
#include "conf/environment.h"
#include "queue/place.h"

static struct queue_place *
find(const struct queue_places *p, const char *path)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->v[i].path, path) == 0)
			return &p->v[i];
	return NULL;
}

/* The account's, which may be there already; NULL: none. */
static struct queue_place *
add_place(struct queue_places *p, const struct account *a, bool is_system, bool is_used)
{
	struct queue_place place = { .megabytes = a->queue_size };
	struct queue_place *found;

	place.path = place_of(a, is_system, &place.mode);
	found = place.path != NULL ? find(p, place.path) : NULL;
	if (place.path == NULL || found != NULL ||
	    (!is_used && access(place.path, F_OK) != 0)) {
		free(place.path);
		return found;
	}
	if (!is_used)
		place.mode = SPOOL_USE;
	p->v = mem_room(p->v, p->n, sizeof *p->v);
	p->v[p->n++] = place;
	return &p->v[p->n - 1];
}

static void
add(struct queue_places *p, const struct account *a, bool is_system, bool is_used)
{
	struct queue_place *place = add_place(p, a, is_system, is_used);

	if (place != NULL && place->user == NULL && is_system && a->queue_user != NULL)
		place->user = mem_dup(a->queue_user);
}

static bool
add_usual(struct queue_places *p, struct config *c, struct outcome *o)
{
	struct account *usual = account_new("default");
	const bool is_used = environment_has_server();
	const bool ok = !is_used || environment_apply(c, usual, o);

	if (ok)
		add(p, usual, false, is_used);
	p->accounts += is_used;
	account_free(usual);
	return ok;
}

bool
queue_places_find(struct queue_places *p, const struct invocation *v, struct outcome *o)
{
	struct config c = { 0 };
	bool ok = choose_files(v, &c, o);

	*p = (struct queue_places){ .accounts = c.n };
	for (size_t i = 0; ok && i < c.n; i++)
		add(p, c.v[i], config_is_system(&c, c.v[i]), true);
	ok = ok && add_usual(p, &c, o);
	config_free(&c);
	if (!ok)
		queue_places_free(p);
	return ok;
}

void
queue_places_free(struct queue_places *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].user);
	}
	free(p->v);
	*p = (struct queue_places){ 0 };
}
