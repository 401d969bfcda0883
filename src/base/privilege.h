/* SPDX-License-Identifier: ISC
 *
 * privilege.h - a process of root's, or of a service's, that acts for another user
 *
 * The effective user is the other one, so that the kernel sees to it that we can do
 * nothing in their directories that they couldn't do themselves: whatever lies there, no
 * link leads us anywhere. The real and the saved user stay ourselves: so the user can
 * neither trace nor stop us, and we can be ourselves for a moment, to read what is ours.
 *
 * It takes no more of root than two capabilities(7), CAP_SETUID and CAP_SETGID, and who
 * has these only must have its securebits say no-setuid-fixup, to act for root.
 */
#ifndef BASE_PRIVILEGE_H
#define BASE_PRIVILEGE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/outcome.h"

/* Whether we may act for others. */
bool privilege_may_lend(void);

/* Commands that we run shall not do so. Before the first is run. */
void privilege_keep(void);

/* Becomes the user for good, with all its groups, and without any capability. Fails with
 * CAUSE_SYSTEM: then this process must not go on. */
bool privilege_drop(const char *name, uid_t user, gid_t group, struct outcome *o);

/* For root: becomes the user, with all its groups, and keeps of its capabilities, here
 * and in whatever is run from here, those two only, to act for others. Fails with
 * CAUSE_SYSTEM: then this process must not go on. */
bool privilege_narrow(const char *name, uid_t user, gid_t group, struct outcome *o);

/* Acts for the user from now on, without any group. Fails with CAUSE_SYSTEM. */
bool privilege_lend(uid_t user, struct outcome *o);

/* Whether we act for somebody else. */
bool privilege_is_lent(void);

/* Is ourselves again, until privilege_return(), which gets what this returns. Nothing
 * happens in a process that acts for nobody else. */
uid_t privilege_raise(void);
void privilege_return(uid_t user);

#endif
