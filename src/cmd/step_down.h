/* SPDX-License-Identifier: ISC
 *
 * step_down.h - what root has started goes on as another user: a server as that of
 * listen_user, a run of all queues as that of queue_user
 */
#ifndef CMD_STEP_DOWN_H
#define CMD_STEP_DOWN_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"

/* Becomes that user for good, with its groups, home and name; *changed tells whether this
 * is somebody else now: what was read before may not be theirs to read. What is made
 * later has its place where root would have it, which is made for them where it isn't
 * there. Without the setting nothing happens. Fails with CAUSE_CONFIG where there is no
 * such user, or this one can become nobody else; with CAUSE_SYSTEM. */
bool step_down(const struct account *a, bool *changed, struct outcome *o);

/* Becomes that user, with its groups, home and name, and keeps of root's power that to
 * act for others (privilege.h). NULL: nothing happens. Fails in the same way. */
bool step_down_to_lend(const char *user, struct outcome *o);

#endif
