/* SPDX-License-Identifier: ISC
 *
 * spool.c - the queue as a directory; see spool_put.c and spool_take.c for the mail in it
 */
#include "queue/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "queue/place.h"

#define LEFT_OVER_SECONDS 3600

static const char *const folder_names[FOLDER_LAST] = {
	[FOLDER_NEW] = "new",
	[FOLDER_HOLD] = "hold",
	[FOLDER_FAILED] = "failed",
};

const char *
spool_folder_name(enum folder f)
{
	return folder_names[f];
}

int
spool_folder_there(struct spool *s, enum folder f)
{
	if (s->folder[f] < 0)
		s->folder[f] = place_folder_there(s->dir, folder_names[f], s->owner);
	return s->folder[f];
}

int
spool_folder(struct spool *s, enum folder f)
{
	if (s->folder[f] < 0)
		s->folder[f] = place_folder(s->dir, folder_names[f], s->owner);
	return s->folder[f];
}

bool
spool_folder_fail(const struct spool *s, enum folder f, struct outcome *o)
{
	char *path = mem_printf("%s/%s", s->path, folder_names[f]);
	char *change = mem_printf("chown -R %u", (unsigned)s->owner);

	if (errno == EPERM) {
		(void)outcome_fail(o, CAUSE_QUEUE_DIR,
		    "%s must belong to user %u, and nobody else may write to it", path,
		    (unsigned)s->owner);
		(void)outcome_offer(o, change, path);
	} else {
		(void)place_trouble(o, path, errno);
	}
	free(change);
	free(path);
	return false;
}

bool
spool_fail(const struct spool *s, struct outcome *o)
{
	return outcome_fail(o, CAUSE_QUEUE, "%s: %s", s->path, strerror(errno));
}

bool
spool_lock_file(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
}

void
spool_init(struct spool *s)
{
	*s = (struct spool){ .dir = -1, .lock = -1 };
	for (int f = 0; f < FOLDER_LAST; f++)
		s->folder[f] = -1;
}

/* Who only looks makes nothing: a queue may have no folder yet. */
static bool
spool_begin(struct spool *s, bool make, struct outcome *o)
{
	if (s->dir < 0)
		return false;
	if (make)
		return spool_folder(s, FOLDER_NEW) >= 0 ||
		       spool_folder_fail(s, FOLDER_NEW, o);
	return spool_folder_there(s, FOLDER_NEW) >= 0 || errno == ENOENT ||
	       spool_folder_fail(s, FOLDER_NEW, o);
}

bool
spool_open(struct spool *s, const char *path, enum spool_mode mode, struct outcome *o)
{
	spool_init(s);
	s->owner = geteuid();
	s->dir = place_open(path, mode, s->owner, &s->path, o);
	return spool_begin(s, mode != SPOOL_USE, o);
}

bool
spool_open_of(struct spool *s, const char *path, uid_t owner, enum spool_mode mode,
    struct outcome *o)
{
	spool_init(s);
	s->owner = owner;
	s->dir = place_open_of(path, owner, &s->path, o);
	return spool_begin(s, mode != SPOOL_USE, o);
}

void
spool_unlock(struct spool *s)
{
	if (s->lock >= 0)
		(void)close(s->lock);
	s->lock = -1;
}

void
spool_close(struct spool *s)
{
	for (int f = 0; f < FOLDER_LAST; f++)
		if (s->folder[f] >= 0)
			(void)close(s->folder[f]);
	spool_unlock(s);
	if (s->dir >= 0)
		(void)close(s->dir);
	free(s->path);
	spool_init(s);
}

bool
spool_is_there(const struct spool *s)
{
	struct stat st;

	return fstat(s->folder[FOLDER_NEW], &st) != 0 || st.st_nlink > 0;
}

bool
spool_lock(struct spool *s, bool *busy, struct outcome *o)
{
	*busy = false;
	s->lock = openat(
	    s->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return spool_fail(s, o);
	if (spool_lock_file(s->lock))
		return true;
	*busy = errno == EAGAIN || errno == EACCES;
	if (!*busy)
		(void)spool_fail(s, o);
	spool_unlock(s);
	return false;
}

DIR *
spool_read(struct spool *s, enum folder f)
{
	/* of its own: a descriptor that was copied would share the place in it */
	int fd =
	    openat(spool_folder_there(s, f), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	if (fd >= 0 && dir == NULL)
		(void)close(fd);
	return dir;
}

/* Whether a file in tmp/ belongs to no living writer. */
static bool
is_left_over(int tmp, const char *name)
{
	struct stat st;

	return fstatat(tmp, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       time(NULL) - st.st_mtime > LEFT_OVER_SECONDS;
}

void
spool_clean(struct spool *s)
{
	int tmp = openat(s->dir, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = tmp >= 0 ? fdopendir(tmp) : NULL;
	const struct dirent *d;

	if (dir == NULL) {
		if (tmp >= 0)
			(void)close(tmp);
		return;
	}
	while ((d = readdir(dir)) != NULL)
		if (is_left_over(tmp, d->d_name))
			(void)unlinkat(tmp, d->d_name, 0);
	(void)closedir(dir);
}
