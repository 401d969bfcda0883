/* SPDX-License-Identifier: ISC
 *
 * crowd.h - many clients at a time, each with a process of its own
 *
 * So a client that is slow, or kills its process, is nobody else's trouble.
 */
#ifndef SERVE_CROWD_H
#define SERVE_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "serve/door.h"
#include "serve/server.h"

struct crowd {
	const struct door *listener;
	size_t listeners;
	const struct service *service;
	size_t max; /* clients at a time; more than these wait */
	int wake;   /* an eventfd(2) by which a session makes is_done be asked; or -1 */
	bool (*is_done)(void *arg); /* NULL: never */
	void *arg;
	int64_t deadline; /* INT64_MAX: none */
};

enum crowd_end {
	CROWD_DONE,    /* is_done said so */
	CROWD_STOPPED, /* by SIGINT or SIGTERM */
	CROWD_LATE     /* the deadline has passed */
};

/* Serves clients until one of these; then no session goes on, but for a second in which
 * clients of one that is done can say goodbye. SIGCHLD, SIGINT and SIGTERM
 * are blocked meanwhile. Fails with CAUSE_SYSTEM. */
bool crowd_serve(const struct crowd *c, enum crowd_end *end, struct outcome *o);

#endif
