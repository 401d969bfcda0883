/* SPDX-License-Identifier: ISC */
#include "conf/load.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "conf/bequest.h"
#include "conf/home.h"
#include "conf/rcfile.h"

/* Reads a file where it is there. The config takes over `path`. */
static bool
read_file(struct config *c, char *path, bool is_system, bool *is_there, struct outcome *o)
{
	struct config_file *f = config_note(c, path, is_system);
	bool ok = rcfile_read(c, f, o);

	*is_there = !config_file_is_missing(f);
	return ok;
}

static char *
xdg_path(const char *home, const char *name)
{
	const char *xdg = secure_getenv("XDG_CONFIG_HOME");

	if (xdg != NULL && *xdg != '\0')
		return mem_printf("%s/%s", xdg, name);
	return mem_printf("%s/.config/%s", home, name);
}

/* The first that exists. */
static bool
read_user_file(struct config *c, struct outcome *o)
{
	char *home = home_directory();
	bool ok = true, found = false;

	if (home == NULL)
		return true;
	ok = read_file(c, xdg_path(home, "mailchute/config"), false, &found, o);
	if (ok && !found)
		ok = read_file(c, mem_printf("%s/.msmtprc", home), false, &found, o);
	if (ok && !found)
		ok = read_file(c, xdg_path(home, "msmtp/config"), false, &found, o);
	free(home);
	return ok;
}

static bool
read_system_file(struct config *c, struct outcome *o)
{
	bool found;

	if (!read_file(c, mem_dup(SYSCONFDIR "/mailchute/config"), true, &found, o))
		return false;
	return found || read_file(c, mem_dup(SYSCONFDIR "/msmtprc"), true, &found, o);
}

static bool
read_files(struct config *c, const char *user_file, struct outcome *o)
{
	bool found;

	if (user_file == NULL)
		return read_user_file(c, o) && read_system_file(c, o);
	if (!read_file(c, mem_dup(user_file), false, &found, o))
		return false;
	if (c->file[0]->error == 0)
		return read_system_file(c, o);
	return outcome_fail(
	    o, CAUSE_CONFIG_FILE, "%s: %s", user_file, strerror(c->file[0]->error));
}

bool
config_load(struct config *c, const char *user_file, struct outcome *o)
{
	bool ok = read_files(c, user_file, o);

	bequeath_queues(c);
	return ok;
}

bool
config_load_system(struct config *c, struct outcome *o)
{
	bool ok = read_system_file(c, o);

	bequeath_queues(c);
	return ok;
}
