/* SPDX-License-Identifier: ISC */
#include "queue/room.h"

#include <stddef.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static bool
has_space(const struct spool *s, struct outcome *o)
{
	struct statvfs disk;

	/* one that doesn't tell has no bound */
	if (fstatvfs(s->folder[FOLDER_NEW], &disk) != 0 ||
	    disk.f_bavail >= disk.f_blocks / 100 * ROOM_FREE_MIN)
		return true;
	(void)outcome_fail(o, CAUSE_QUEUE, "%s: less than %d %% of the disk is free",
	    s->path, ROOM_FREE_MIN);
	return outcome_offer(o, "df", s->path);
}

/* A name takes one byte at least of the size of a folder, whatever the file system. */
static bool
may_be_too_many(const struct spool *s)
{
	struct stat st;

	return fstat(s->folder[FOLDER_NEW], &st) != 0 || st.st_size > ROOM_MAILS_MAX;
}

static bool
is_too_many(struct spool *s)
{
	DIR *dir = spool_read(s, FOLDER_NEW);
	size_t n = 0;

	if (dir == NULL)
		return false;
	while (n < ROOM_MAILS_MAX + 2 && readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n == ROOM_MAILS_MAX + 2; /* with "." and ".." */
}

bool
room_check(struct spool *s, struct outcome *o)
{
	if (!has_space(s, o))
		return false;
	if (!may_be_too_many(s) || !is_too_many(s))
		return true;
	(void)outcome_fail(o, CAUSE_QUEUE,
	    "%d mails wait in %s: some program may send without end", ROOM_MAILS_MAX,
	    s->path);
	return outcome_offer(o, "mailchute queue", "list");
}
