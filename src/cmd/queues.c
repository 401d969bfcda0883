/* SPDX-License-Identifier: ISC */
#include "cmd/queues.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/queue_places.h"
#include "cmd/report.h"
#include "queue/place.h"
#include "queue/scan.h"

static bool
is_known(const struct queues *q, const char *path)
{
	for (size_t i = 0; i < q->n; i++)
		if (strcmp(q->v[i].path, path) == 0)
			return true;
	return false;
}

/* Takes over a queue that was opened, or not. */
static void
add(struct queues *q, const struct invocation *v, bool ok, struct spool *s,
    const struct outcome *o)
{
	if (!ok && o->cause != CAUSE_NO_QUEUE)
		(void)report_failure(v, o);
	if (!ok || is_known(q, s->path)) {
		spool_close(s);
		return;
	}
	q->v = mem_room(q->v, q->n, sizeof *q->v);
	q->v[q->n++] = *s;
}

/* The users who have a part of a shared place. */
static void
add_all_users(struct queues *q, const struct invocation *v, const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *d;
	uid_t uid;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (place_is_part(d->d_name, &uid)) {
			struct spool s;
			struct outcome o;
			bool ok = spool_open_of(&s, path, uid, SPOOL_USE, &o);

			add(q, v, ok, &s, &o);
		}
	if (dir != NULL)
		(void)closedir(dir);
}

static void
add_place(struct queues *q, const struct invocation *v, const char *path)
{
	struct spool s;
	struct outcome o;
	bool ok;

	if (geteuid() == 0)
		add_all_users(q, v, path);
	ok = spool_open(&s, path, SPOOL_USE, &o);
	add(q, v, ok, &s, &o);
}

bool
queues_open(struct queues *q, const struct invocation *v, struct outcome *o)
{
	struct queue_places places;

	*q = (struct queues){ 0 };
	if (!queue_places_find(&places, v, o))
		return false;
	for (size_t i = 0; i < places.n; i++)
		add_place(q, v, places.v[i].path);
	queue_places_free(&places);
	return true;
}

void
queues_close(struct queues *q)
{
	for (size_t i = 0; i < q->n; i++)
		spool_close(&q->v[i]);
	free(q->v);
	*q = (struct queues){ 0 };
}

static void
each_in(struct spool *s, enum folder folder,
    void (*see)(void *arg, const struct found *f), void *arg)
{
	struct scan scan;

	scan_begin(&scan, s, folder);
	while (scan_next(&scan)) {
		struct found f = { .spool = s, .folder = folder, .id = scan.id };
		struct entry e;
		struct outcome why;

		if (spool_look(s, folder, scan.id, false, &e, &why))
			f.entry = &e;
		else
			f.why = &why;
		if (f.entry != NULL || why.cause != CAUSE_NO_ENTRY)
			see(arg, &f);
		if (f.entry != NULL)
			entry_free(&e);
	}
	scan_end(&scan);
}

void
queues_each(struct queues *q, void (*see)(void *arg, const struct found *f), void *arg)
{
	for (size_t i = 0; i < q->n; i++)
		for (int folder = 0; folder < FOLDER_LAST; folder++)
			each_in(&q->v[i], (enum folder)folder, see, arg);
}

static bool
is_named(const char *id, const struct invocation *v)
{
	for (size_t i = 0; i < v->recipients; i++)
		if (strcmp(v->recipient[i], id) == 0)
			return true;
	return false;
}

static bool
has_recipient(const struct entry *e, const char *text)
{
	for (size_t i = 0; i < e->envelope.n; i++)
		if (strcasestr(e->envelope.rcpt[i].address, text) != NULL)
			return true;
	return false;
}

bool
found_is_meant(const struct found *f, const struct invocation *v)
{
	if (v->all || is_named(f->id, v))
		return true;
	if (f->entry == NULL || (v->rcpt == NULL && v->sender == NULL))
		return false;
	return (v->rcpt == NULL || has_recipient(f->entry, v->rcpt)) &&
	       (v->sender == NULL ||
		   strcasestr(f->entry->envelope.sender, v->sender) != NULL);
}
