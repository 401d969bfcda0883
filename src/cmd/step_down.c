/* SPDX-License-Identifier: ISC */
#include "cmd/step_down.h"

#include <pwd.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/privilege.h"
#include "cmd/serve.h"

/* Where it was there before, it is whose it was. */
static bool
give_place(const struct passwd *pw)
{
	const char *given = getenv("STATE_DIRECTORY");

	if (given != NULL && *given != '\0')
		return true;
	if (mkdir(SERVER_STATE_DIRECTORY, 0700) == 0 &&
	    lchown(SERVER_STATE_DIRECTORY, pw->pw_uid, pw->pw_gid) != 0)
		return false;
	return setenv("STATE_DIRECTORY", SERVER_STATE_DIRECTORY, 1) == 0;
}

/* What the environment says of root isn't true of them. */
static bool
give_environment(const struct passwd *pw)
{
	return setenv("HOME", pw->pw_dir, 1) == 0 &&
	       setenv("USER", pw->pw_name, 1) == 0 &&
	       setenv("LOGNAME", pw->pw_name, 1) == 0 &&
	       unsetenv("XDG_CONFIG_HOME") == 0 && unsetenv("XDG_STATE_HOME") == 0 &&
	       unsetenv("XDG_RUNTIME_DIR") == 0 &&
	       unsetenv("DBUS_SESSION_BUS_ADDRESS") == 0;
}

/* *pw is who to become; NULL: we are they. */
static bool
find_user(
    const char *name, const char *setting, const struct passwd **pw, struct outcome *o)
{
	*pw = getpwnam(name);
	if (*pw == NULL)
		return outcome_fail(o, CAUSE_CONFIG,
		    "there is no user %s (%s); to make it: useradd --system %s", name,
		    setting, name);
	if ((*pw)->pw_uid == getuid())
		*pw = NULL;
	else if (getuid() != 0)
		return outcome_fail(o, CAUSE_CONFIG,
		    "%s %s: only root can go on as another user", setting, name);
	return true;
}

bool
step_down(const struct account *a, bool *changed, struct outcome *o)
{
	const struct passwd *pw = NULL;

	*changed = false;
	if (a->listen_user != NULL && !find_user(a->listen_user, "listen_user", &pw, o))
		return false;
	if (pw == NULL)
		return true;
	*changed = true;
	if (!give_place(pw) || !give_environment(pw))
		return outcome_fail(o, CAUSE_SYSTEM,
		    "%s can't be made for the user %s (listen_user)",
		    SERVER_STATE_DIRECTORY, a->listen_user);
	return privilege_drop(pw->pw_name, pw->pw_uid, pw->pw_gid, o);
}

bool
step_down_to_lend(const char *user, struct outcome *o)
{
	const struct passwd *pw = NULL;

	if (user != NULL && !find_user(user, "queue_user", &pw, o))
		return false;
	if (pw == NULL)
		return true;
	if (!give_environment(pw))
		return outcome_fail(
		    o, CAUSE_SYSTEM, "no environment for the user %s", pw->pw_name);
	return privilege_narrow(pw->pw_name, pw->pw_uid, pw->pw_gid, o);
}
