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

bool
step_down(const struct account *a, bool *changed, struct outcome *o)
{
	const struct passwd *pw;

	*changed = false;
	if (a->listen_user == NULL)
		return true;
	pw = getpwnam(a->listen_user);
	if (pw == NULL)
		return outcome_fail(o, CAUSE_CONFIG,
		    "there is no user %s (listen_user); to make it: useradd --system %s",
		    a->listen_user, a->listen_user);
	if (pw->pw_uid == getuid())
		return true;
	if (getuid() != 0)
		return outcome_fail(o, CAUSE_CONFIG,
		    "listen_user %s: only root can go on as another user",
		    a->listen_user);
	*changed = true;
	if (!give_place(pw) || !give_environment(pw))
		return outcome_fail(o, CAUSE_SYSTEM,
		    "%s can't be made for the user %s (listen_user)",
		    SERVER_STATE_DIRECTORY, a->listen_user);
	return privilege_drop(pw->pw_name, pw->pw_uid, pw->pw_gid, o);
}
