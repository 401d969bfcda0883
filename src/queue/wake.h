/* SPDX-License-Identifier: ISC
 *
 * wake.h - what wakes a resident runner: new mail, other settings, a network that came
 * up, the time
 *
 * Nothing else does, so that a machine with nothing to send can sleep.
 */
#ifndef QUEUE_WAKE_H
#define QUEUE_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

enum wake_descriptor { WAKE_MAIL, WAKE_NETWORK, WAKE_TIME, WAKE_DESCRIPTORS };

struct wake {
	int fd[WAKE_DESCRIPTORS]; /* -1: that one is missing; for poll(2) to read */
};

/* Watches new/ of the queue for files that get a name in it, and, where nobody else does
 * it for us, the network. Without what the system doesn't offer, the rest works; fails
 * with CAUSE_SYSTEM where new/ can't be watched. */
bool wake_init(struct wake *w, const char *queue, bool hears_network, struct outcome *o);
void wake_free(struct wake *w);

/* Wakes also when that file changes, or is replaced, or gets a file moved into it where
 * it is a directory. It is looked for as ourselves (privilege.h); one that isn't there
 * doesn't count. */
void wake_on(const struct wake *w, const char *path);

/* Sets the alarm to a moment of the wall clock, in seconds since 1970; INT64_MAX: none.
 * It also goes off when the clock is set, and after the machine has slept. */
void wake_at(struct wake *w, int64_t when);

/* Reads what has come, without waiting. True: the network came up (uplink.h). */
bool wake_take(struct wake *w);

#endif
