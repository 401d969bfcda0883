/* SPDX-License-Identifier: ISC
 *
 * companion.h - a process beside those that serve clients, which is there for as long as
 * the daemon is: one that ends is begun anew
 */
#ifndef SERVE_COMPANION_H
#define SERVE_COMPANION_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Until it is begun anew: one that was killed, or that has ended because it wants to. */
#define COMPANION_KILLED_MS 1000
#define COMPANION_ENDED_MS 60000

/* The zero value has none. */
struct companion {
	void (*run)(void *arg); /* what it does, until SIGTERM; NULL: there is none */
	void *arg;
	pid_t pid;   /* 0: it isn't there now */
	int64_t due; /* then: when it will be, as clock_in() */
	bool renews; /* it was asked to end because it knows too little of what is new */
};

/* Whether the time has come to begin it; fork(2) is then the caller's. */
bool companion_is_due(const struct companion *c);

/* Notes the child, or, with -1, that there is none to be had for now. */
void companion_note(struct companion *c, pid_t pid);

/* Has it begin anew. */
void companion_renew(struct companion *c);

/* Notes that it has ended, where it has. To be called before others wait for any child.
 */
void companion_reap(struct companion *c);

/* Asks it to end; companion_end() waits for that, until the deadline. SIGCHLD is let in
 * by the mask `waiting`. */
void companion_stop(const struct companion *c);
void companion_end(struct companion *c, int64_t deadline, const sigset_t *waiting);

#endif
