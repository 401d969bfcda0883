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

/* The descriptor of a folder, which is made where it isn't there; -1 and errno. */
int spool_folder(struct spool *s, enum folder f);

/* CAUSE_QUEUE, with what errno means. Always false. */
bool spool_fail(const struct spool *s, struct outcome *o);

/* A lock that its file alone holds, and that dies with its process; false and errno. */
bool spool_lock_file(int fd);

#endif
