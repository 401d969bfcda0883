/* SPDX-License-Identifier: ISC
 *
 * queues.h - all queues that the caller may look at
 *
 * That is the one of each account of the configuration, and the caller's own at the usual
 * place. In a place for all users, root sees those of all.
 */
#ifndef CMD_QUEUES_H
#define CMD_QUEUES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"
#include "cmd/invocation.h"
#include "queue/spool.h"

struct queues {
	struct spool *v;
	size_t n;
};

/* Opens those that are there. One that can't be opened is warned of, and left out. Fails
 * as config_load(). */
bool queues_open(struct queues *q, const struct invocation *v, struct outcome *o);
void queues_close(struct queues *q);

/* A mail that was found. */
struct found {
	struct spool *spool;
	enum folder folder;
	const char *id;
	struct entry *entry;       /* read without its message; NULL: it can't be read */
	const struct outcome *why; /* it can't */
};

/* Calls `see` for each mail in order of queue, folder and time. */
void queues_each(
    struct queues *q, void (*see)(void *arg, const struct found *f), void *arg);

/* Whether the command line means this one: by its name, or by --rcpt and --sender, which
 * must both fit where both are given, or by --all. */
bool found_is_meant(const struct found *f, const struct invocation *v);

#endif
