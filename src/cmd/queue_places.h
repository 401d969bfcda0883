/* SPDX-License-Identifier: ISC
 *
 * queue_places.h - where the caller's mail may wait
 *
 * That is the queue of each account of the configuration, and the usual place if it is
 * there.
 */
#ifndef CMD_QUEUE_PLACES_H
#define CMD_QUEUE_PLACES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "cmd/invocation.h"
#include "queue/spool.h"

struct queue_place {
	char *path;
	enum spool_mode mode; /* SPOOL_USE where no account has it */
	int megabytes;        /* queue_size */
	char *user;           /* queue_user of the system's configuration; NULL: none */
};

struct queue_places {
	struct queue_place *v; /* each path once */
	size_t n;
	size_t accounts; /* how many there are */
};

/* Fails as config_load(), or where the environment names a server and makes no sense. */
bool queue_places_find(
    struct queue_places *p, const struct invocation *v, struct outcome *o);
void queue_places_free(struct queue_places *p);

#endif
