/* SPDX-License-Identifier: ISC
 *
 * stop.h - being asked to end, while we wait for children
 *
 * SIGTERM and SIGINT ask for it, and SIGCHLD ends a wait. They are held back but where
 * the wait lets them in: so none is missed. A child that waits for children of its own
 * catches them again, and releases nothing before: one that comes in between waits, too.
 */
#ifndef BASE_STOP_H
#define BASE_STOP_H

#include <signal.h>
#include <stdbool.h>

#define STOP_SIGNALS 3

struct stop {
	struct sigaction old[STOP_SIGNALS];
	sigset_t before; /* what was held back */
	sigset_t mask;   /* for ppoll(2), which lets them in */
};

/* From now on; nobody has asked yet. */
void stop_catch(struct stop *s);

/* As it was before. */
void stop_release(const struct stop *s);

bool stop_is_asked(void);

#endif
