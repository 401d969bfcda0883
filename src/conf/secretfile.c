/* SPDX-License-Identifier: ISC */
#include "conf/secretfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define READ_MS 10000

/* What is read must never move: growing would leave a copy behind. A pipe doesn't tell
 * how much there will be. */
static void
make_room(struct buf *text, const struct stat *st)
{
	size_t size = S_ISREG(st->st_mode) ? (size_t)st->st_size : text->max;

	buf_reserve(text, size < text->max ? size : text->max);
}

bool
secretfile_read(const char *path, struct buf *text, struct stat *st)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int error;
	bool ok;

	if (fd < 0)
		return false;
	ok = fstat(fd, st) == 0;
	if (ok) {
		make_room(text, st);
		ok = fd_read_all(fd, text, clock_in(READ_MS));
	}
	error = errno;
	(void)close(fd);
	errno = error;
	return ok;
}

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
