/* SPDX-License-Identifier: ISC
 *
 * spool_internal.h - what spool.c, spool_put.c and spool_take.c share, and nobody else
 */
#ifndef QUEUE_SPOOL_INTERNAL_H
#define QUEUE_SPOOL_INTERNAL_H

#include <stdbool.h>

#include "base/outcome.h"
#include "queue/spool.h"

const char *spool_folder_name(enum folder f);

/* The descriptor of a folder; -1 and errno. The second makes it where it isn't there. */
int spool_folder_there(struct spool *s, enum folder f);
int spool_folder(struct spool *s, enum folder f);

/* CAUSE_QUEUE_DIR and the like: what errno means for that folder. Always false. */
bool spool_folder_fail(const struct spool *s, enum folder f, struct outcome *o);

/* CAUSE_QUEUE, with what errno means. Always false. */
bool spool_fail(const struct spool *s, struct outcome *o);

/* A lock that its file alone holds, and that dies with its process; false and errno. */
bool spool_lock_file(int fd);

#endif
