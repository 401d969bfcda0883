/* SPDX-License-Identifier: ISC
 *
 * scan.h - the mail in a folder of the queue, in order of time
 *
 *	scan_begin(&scan, &spool, FOLDER_NEW);
 *	while (scan_next(&scan))
 *		... scan.id ...
 *	scan_end(&scan);
 *
 * However many there are, only a batch of names is in memory; the folder is read again
 * for each. Mail that comes or goes meanwhile may or may not be seen.
 */
#ifndef QUEUE_SCAN_H
#define QUEUE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "queue/spool.h"

struct scan {
	struct spool *spool;
	enum folder folder;
	bool tidy; /* set aside what can't be a mail, by its name; at first unset */
	char id[ENTRY_ID_SIZE];      /* the present one */
	char (*name)[ENTRY_ID_SIZE]; /* the batch, in order */
	size_t n, next;
	bool more; /* there may be more behind the batch */
};

void scan_begin(struct scan *scan, struct spool *s, enum folder f);
bool scan_next(struct scan *scan);
void scan_end(struct scan *scan);

#endif
