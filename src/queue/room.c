/* SPDX-License-Identifier: ISC */
#include "queue/room.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/magic.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

static bool
has_space(const struct spool *s, const struct statfs *disk, struct outcome *o)
{
	/* one that doesn't tell has no bound */
	if (disk->f_bavail >= disk->f_blocks / 100 * ROOM_FREE_MIN)
		return true;
	(void)outcome_fail(o, CAUSE_QUEUE, "%s: less than %d %% of the disk is free",
	    s->path, ROOM_FREE_MIN);
	return outcome_offer(o, "df", s->path);
}

/* What a name takes at least of the size of a folder: its own length, on file systems
 * that are known to; else one byte, since there are some whose size is the count. */
static off_t
name_size(const struct statfs *disk)
{
	switch ((unsigned long)disk->f_type) {
	case EXT4_SUPER_MAGIC:
	case XFS_SUPER_MAGIC:
	case BTRFS_SUPER_MAGIC:
	case F2FS_SUPER_MAGIC:
	case TMPFS_MAGIC:
		return ENTRY_ID_LENGTH;
	default:
		return 1;
	}
}

/* Counting them takes as long as there are many: it isn't done where they can't be. */
static bool
may_be_too_many(const struct spool *s, const struct statfs *disk, int most)
{
	struct stat st;

	return fstat(s->folder[FOLDER_NEW], &st) != 0 ||
	       st.st_size > most * name_size(disk);
}

/* No more than `most`. */
static int
count_mails(struct spool *s, int most)
{
	DIR *dir = spool_read(s, FOLDER_NEW);
	int n = -2; /* "." and ".." */

	if (dir == NULL)
		return 0;
	while (n < most && readdir(dir) != NULL)
		n++;
	(void)closedir(dir);
	return n;
}

/* Others add mails, too: as long as these are no more than ROOM_WRITERS, it is never one
 * too many. */
static bool
has_number(struct spool *s, const struct statfs *disk, struct room *r, struct outcome *o)
{
	int n;

	if (r->uncounted > 0) {
		r->uncounted--;
		return true;
	}
	if (r->mails == 0 || !may_be_too_many(s, disk, r->mails))
		return true;
	n = count_mails(s, r->mails);
	r->uncounted = (r->mails - n) / ROOM_WRITERS;
	if (n < r->mails)
		return true;
	(void)outcome_fail(o, CAUSE_QUEUE,
	    "%d mails wait in %s, as many as queue_mails allows: some program may send "
	    "without end",
	    n, s->path);
	return outcome_offer(o, "mailchute queue", "list");
}

/* To look at each file for each mail would make many mails dear. So a mail has all of
 * them looked at with a chance that grows with its size: about once for each thousandth
 * of what may wait. */
static bool
is_to_be_weighed(uint64_t size, uint64_t most)
{
	const uint64_t part = most / 1000;
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return size >= part || (uint64_t)now.tv_nsec % part < size;
}

/* Of all mails that wait; in bytes. */
static uint64_t
weigh(struct spool *s)
{
	DIR *dir = spool_read(s, FOLDER_NEW);
	const struct dirent *d;
	uint64_t size = 0;
	struct stat st;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (fstatat(dirfd(dir), d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISREG(st.st_mode))
			size += (uint64_t)st.st_size;
	if (dir != NULL)
		(void)closedir(dir);
	return size;
}

static bool
has_weight(struct spool *s, int megabytes, uint64_t size, struct outcome *o)
{
	const uint64_t most = (uint64_t)megabytes * ROOM_MEGABYTE;
	uint64_t all;

	if (most == 0 || !is_to_be_weighed(size, most))
		return true;
	all = weigh(s) + size;
	if (all <= most)
		return true;
	(void)outcome_fail(o, CAUSE_QUEUE,
	    "with this mail, %" PRIu64 " MB would wait in %s, and queue_size is %d",
	    (all + ROOM_MEGABYTE - 1) / ROOM_MEGABYTE, s->path, megabytes);
	return outcome_offer(o, "mailchute queue", "list");
}

bool
room_check(struct spool *s, struct room *r, uint64_t size, struct outcome *o)
{
	struct statfs disk = { .f_type = 0 };

	(void)fstatfs(s->folder[FOLDER_NEW], &disk);
	return has_space(s, &disk, o) && has_number(s, &disk, r, o) &&
	       has_weight(s, r->megabytes, size, o);
}
