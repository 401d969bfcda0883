/* SPDX-License-Identifier: ISC */
#include "queue/scan.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define BATCH 4096
#define GATHERED (2 * BATCH) /* before the later half of them is dropped */

void
scan_begin(struct scan *scan, struct spool *s, enum folder f)
{
	*scan = (struct scan){ .spool = s, .folder = f, .more = true };
	scan->name = mem_new(GATHERED * sizeof *scan->name);
}

void
scan_end(struct scan *scan)
{
	free(scan->name);
	*scan = (struct scan){ 0 };
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Keeps the earliest only. */
static void
sort_out(struct scan *scan)
{
	qsort(scan->name, scan->n, sizeof *scan->name, compare);
	if (scan->n > BATCH) {
		scan->n = BATCH;
		scan->more = true;
	}
}

static void
gather(struct scan *scan, const char *name)
{
	if (strcmp(name, scan->id) <= 0) /* it was seen already */
		return;
	if (scan->n == GATHERED)
		sort_out(scan);
	memcpy(scan->name[scan->n++], name, ENTRY_ID_SIZE);
}

/* The names that follow the present one. */
static void
fill(struct scan *scan)
{
	DIR *dir = spool_read(scan->spool, scan->folder);
	const struct dirent *d;

	scan->n = scan->next = 0;
	scan->more = false;
	if (dir == NULL)
		return;
	while ((d = readdir(dir)) != NULL)
		if (entry_is_id(d->d_name))
			gather(scan, d->d_name);
		else if (scan->tidy && *d->d_name != '.')
			spool_set_aside(scan->spool, scan->folder, d->d_name,
			    "its name is none of a mail");
	(void)closedir(dir);
	sort_out(scan);
}

bool
scan_next(struct scan *scan)
{
	if (scan->next == scan->n && scan->more)
		fill(scan);
	if (scan->next == scan->n)
		return false;
	memcpy(scan->id, scan->name[scan->next++], ENTRY_ID_SIZE);
	return true;
}
