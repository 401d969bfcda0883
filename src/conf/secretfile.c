/* SPDX-License-Identifier: ISC */
#include "conf/secretfile.h"

#include <unistd.h>

bool
secretfile_check(const struct stat *st, const char *path, struct outcome *o)
{
	if (geteuid() == 0)
		return true;
	if (st->st_uid != geteuid())
		return outcome_fail(o, CAUSE_EXPOSED,
		    "%s: it holds a password, and it belongs to somebody else", path);
	if ((st->st_mode & (S_IXUSR | S_IRWXG | S_IRWXO)) != 0)
		return outcome_fail(o, CAUSE_EXPOSED,
		    "%s: it holds a password, and others may read it: chmod 600 %s", path,
		    path);
	return true;
}
