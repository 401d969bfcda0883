/* SPDX-License-Identifier: ISC
 *
 * queue_wish.h - what -q and --queue-run ask for
 */
#ifndef CMD_QUEUE_WISH_H
#define CMD_QUEUE_WISH_H

#include "base/outcome.h"
#include "queue/wish.h"

/* Reads the value of -q, "" where there was none:
 *
 *	"", f           all that waits, once; f: not in the background, as it is anyway
 *	due             what is due, once
 *	30m, p1h30m     what is due, again and again, at least so often; p: by one process
 *	I... R... S...  mails with this in their id, in the address of a recipient, or in
 *	                that of the sender
 *
 * Wishes add up. The strings are borrowed. Fails with CAUSE_USAGE. */
bool queue_wish_read(struct drain_wish *w, const char *value, struct outcome *o);

/* Reads "30", minutes, or "1h30m", and the like; 0: it is none, or nothing, or more than
 * a year. Seconds. */
int queue_wish_interval(const char *s);

#endif
