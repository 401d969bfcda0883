/* SPDX-License-Identifier: ISC */
#include "base/privilege.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define NO_GROUP 65534 /* nobody's */

/* The kernel forgets at this which signal we get when our parent ends (child.h). */
static bool
become(uid_t user, bool with_groups)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 &&
	       (with_groups || (setgroups(0, NULL) == 0 && setegid(NO_GROUP) == 0)) &&
	       seteuid(user) == 0 && prctl(PR_SET_PDEATHSIG, signal) == 0;
}

bool
privilege_lend(uid_t user, struct outcome *o)
{
	if (become(user, false))
		return true;
	return outcome_fail(o, CAUSE_SYSTEM, "no acting for the user with the id %lu: %s",
	    (unsigned long)user, strerror(errno));
}

bool
privilege_is_lent(void)
{
	return geteuid() != getuid();
}

uid_t
privilege_raise(void)
{
	const uid_t user = geteuid();

	privilege_return(getuid());
	return user;
}

/* To go on as somebody else would be worse than anything. */
void
privilege_return(uid_t user)
{
	if (geteuid() != user && !become(user, true))
		abort();
}
