/* SPDX-License-Identifier: ISC
 *
 * daemon.h - a process for each client: whatever happens in one of them, the others never
 * notice (worker.h)
 */
#ifndef SERVE_DAEMON_H
#define SERVE_DAEMON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "net/listen.h"
#include "serve/companion.h"

struct daemon {
	struct listeners *listeners;
	size_t most;      /* clients at a time; others hear 421 */
	size_t most_each; /* the same from one machine or user */
	size_t most_here; /* the same from this machine by TCP, whoever they are */
	/* Called once, when it can be stopped in order. */
	void (*ready)(void *arg);
	/* Talks to a client, in a process of its own; the next client of that process
	 * finds nothing of this one. */
	void (*serve)(void *arg, const struct arrival *a);
	/* At SIGHUP: reads again what there is to read; false: nothing has changed. NULL:
	 * there is nothing. */
	bool (*reread)(void *arg);
	/* Asked after each session, and when `wake` can be read: true ends it all. NULL:
	 * never. */
	bool (*is_done)(void *arg);
	int wake;         /* a non-blocking descriptor that sessions write to; -1: none */
	int64_t deadline; /* 0: none */
	struct companion companion; /* begun before `ready` is called; anew at SIGHUP */
	int grace; /* milliseconds for sessions to end in; 0: half a minute */
	void *arg;
};

/* Serves until SIGTERM or SIGINT, the deadline, or is_done(): then nobody new is let in,
 * sessions end between messages, and after the grace all the same. Fails with
 * CAUSE_SYSTEM. The listeners are closed. */
bool daemon_run(struct daemon *d, struct outcome *o);

/* For serve_session() in such a process: SIGTERM ends a session that rests at once, and
 * any other as soon as it does. */
bool daemon_rests(bool resting);

#endif
