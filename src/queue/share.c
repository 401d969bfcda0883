/* SPDX-License-Identifier: ISC */
#include "queue/share.h"

#include <string.h>

#include "queue/scan.h"

static uint64_t
share_of_folder(struct spool *s, enum folder f, const char *submitter)
{
	uint64_t bytes = 0;
	struct scan scan;

	scan_begin(&scan, s, f);
	while (scan_next(&scan)) {
		struct outcome ignored; /* what is gone by now takes no room */
		struct entry e;

		if (spool_look(s, f, scan.id, false, &e, &ignored) &&
		    e.ticket.submitter != NULL &&
		    strcmp(e.ticket.submitter, submitter) == 0)
			bytes += (uint64_t)e.size;
		entry_free(&e);
	}
	scan_end(&scan);
	return bytes;
}

uint64_t
share_of(struct spool *s, const char *submitter)
{
	return share_of_folder(s, FOLDER_NEW, submitter) +
	       share_of_folder(s, FOLDER_HOLD, submitter);
}
