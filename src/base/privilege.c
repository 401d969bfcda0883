/* SPDX-License-Identifier: ISC */
#include "base/privilege.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_GROUP 65534 /* nobody's */

/* The kernel forgets at this which signal we get when our parent ends (child.h). */
static bool
become(uid_t user, bool with_groups)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 &&
	       (with_groups || setgroups(0, NULL) == 0) &&
	       setegid(user == getuid() ? getgid() : NO_GROUP) == 0 &&
	       seteuid(user) == 0 && prctl(PR_SET_PDEATHSIG, signal) == 0;
}

static bool
has_capability(unsigned capability)
{
	struct __user_cap_header_struct header = { .version =
						       _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	return syscall(SYS_capget, &header, data) == 0 &&
	       (data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability)) != 0;
}

bool
privilege_may_lend(void)
{
	return has_capability(CAP_SETUID) && has_capability(CAP_SETGID);
}

void
privilege_keep(void)
{
	/* a kernel before 4.3 has none to keep */
	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

/* Who stops being root loses all capabilities, and couldn't become itself again. */
static bool
may_be_root(void)
{
	return getuid() == 0 || (prctl(PR_GET_SECUREBITS) & SECBIT_NO_SETUID_FIXUP) != 0;
}

static bool
become_wholly(const char *name, uid_t user, gid_t group)
{
	int signal = 0;

	return prctl(PR_GET_PDEATHSIG, &signal) == 0 && initgroups(name, group) == 0 &&
	       setresgid(group, group, group) == 0 && setresuid(user, user, user) == 0 &&
	       prctl(PR_SET_PDEATHSIG, signal) == 0;
}

static bool
no_becoming(const char *name, struct outcome *o)
{
	return outcome_fail(
	    o, CAUSE_SYSTEM, "no becoming the user %s: %s", name, strerror(errno));
}

/* Who could be root again hasn't given it up. */
bool
privilege_drop(const char *name, uid_t user, gid_t group, struct outcome *o)
{
	return (become_wholly(name, user, group) && setuid(0) != 0) ||
	       no_becoming(name, o);
}

/* Not even a program that is set-uid root gets others. */
static bool
bound_capabilities(void)
{
	for (unsigned long c = 0; prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
		if (c != CAP_SETUID && c != CAP_SETGID &&
		    prctl(PR_CAPBSET_READ, c, 0, 0, 0) != 0 &&
		    prctl(PR_CAPBSET_DROP, c, 0, 0, 0) != 0)
			return false;
	return true;
}

/* What root has survives that it becomes somebody else. */
static bool
fix_capabilities(void)
{
	const int bits = prctl(PR_GET_SECUREBITS);
	const unsigned long fixed = (unsigned long)bits | SECBIT_NO_SETUID_FIXUP;

	return bits >= 0 && ((bits & SECBIT_NO_SETUID_FIXUP) != 0 ||
				prctl(PR_SET_SECUREBITS, fixed, 0, 0, 0) == 0);
}

static bool
keep_two_capabilities(void)
{
	struct __user_cap_header_struct header = { .version =
						       _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	data[0].permitted = data[0].effective =
	    CAP_TO_MASK(CAP_SETUID) | CAP_TO_MASK(CAP_SETGID);
	return syscall(SYS_capset, &header, data) == 0;
}

bool
privilege_narrow(const char *name, uid_t user, gid_t group, struct outcome *o)
{
	return (bound_capabilities() && fix_capabilities() &&
		   become_wholly(name, user, group) && keep_two_capabilities()) ||
	       no_becoming(name, o);
}

bool
privilege_lend(uid_t user, struct outcome *o)
{
	if (user == 0 && !may_be_root())
		return outcome_fail(o, CAUSE_SYSTEM,
		    "no acting for root without \"SecureBits=no-setuid-fixup\" in the "
		    "unit of this service");
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
