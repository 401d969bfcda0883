/* SPDX-License-Identifier: ISC */
#include "queue/place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "conf/home.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define OWN_MODE 0700
#define SHARED_MODE 01777
#define OPEN_DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

bool
place_trouble(struct outcome *o, const char *path, int error)
{
	switch (error) {
	case ELOOP:
	case ENOTDIR:
		(void)outcome_fail(o, CAUSE_QUEUE_DIR,
		    "%s is no directory, but a file or a symbolic link", path);
		return outcome_offer(o, "queue_dir", "DIRECTORY");
	case EROFS:
		(void)outcome_fail(o, CAUSE_QUEUE_DIR, "%s: the disk is read-only", path);
		return outcome_offer(o, "queue_dir", "DIRECTORY");
	case ENOSPC:
	case EDQUOT:
	case EIO:
		return outcome_fail(o, CAUSE_QUEUE, "%s: %s", path, strerror(error));
	case ENOENT:
		(void)outcome_fail(o, CAUSE_NO_QUEUE, "%s is not there", path);
		return outcome_offer(o, "mkdir -m 700 -p", path);
	default:
		(void)outcome_fail(o, CAUSE_QUEUE_DIR, "%s: %s", path, strerror(error));
		return outcome_offer(o, "queue_dir", "DIRECTORY");
	}
}

/* In $XDG_STATE_HOME, or what stands for it. */
static char *
own_place(void)
{
	const char *xdg = secure_getenv("XDG_STATE_HOME");
	char *home, *path;

	if (xdg != NULL && *xdg == '/')
		return mem_printf("%s/mailchute/queue", xdg);
	home = home_directory();
	if (home == NULL)
		return NULL;
	path = mem_printf("%s/.local/state/mailchute/queue", home);
	free(home);
	return path;
}

char *
place_of(const struct account *a, bool is_system, enum spool_mode *mode)
{
	*mode = is_system ? SPOOL_SHARE : SPOOL_CREATE;
	if (a->queue_dir != NULL)
		return mem_dup(a->queue_dir);
	return is_system ? mem_dup(SPOOLDIR) : own_place();
}

/* A place that all users share, as /tmp. */
static bool
is_shared(const struct stat *st)
{
	return (st->st_mode & S_ISVTX) != 0 && (st->st_mode & S_IWOTH) != 0;
}

/* Only who owns a sticky directory can remove what is in it: root, or we. */
static bool
check_shared(const char *path, const struct stat *st, struct outcome *o)
{
	if (st->st_uid == 0 || st->st_uid == geteuid())
		return true;
	(void)outcome_fail(o, CAUSE_QUEUE_DIR,
	    "%s is for all users, but belongs to user %u, and not to root", path,
	    (unsigned)st->st_uid);
	return outcome_offer(o, "chown root", path);
}

static bool
check_own(const char *path, const struct stat *st, uid_t owner, struct outcome *o)
{
	char *change = mem_printf("chown -R %u", (unsigned)owner);

	if (st->st_uid != owner) {
		(void)outcome_fail(o, CAUSE_QUEUE_DIR,
		    "%s belongs to user %u, and not to user %u", path,
		    (unsigned)st->st_uid, (unsigned)owner);
		(void)outcome_offer(o, change, path);
	} else if ((st->st_mode & OTHERS_WRITE) != 0) {
		(void)outcome_fail(o, CAUSE_QUEUE_DIR,
		    "others may write to %s (mode %04o)", path,
		    (unsigned)st->st_mode & 07777);
		(void)outcome_offer(o, "chmod 700", path);
	}
	free(change);
	return st->st_uid == owner && (st->st_mode & OTHERS_WRITE) == 0;
}

/* Makes a directory in another one, and its name durable. */
static bool
make_in(int parent, const char *name, mode_t mode)
{
	if (mkdirat(parent, name, OWN_MODE) != 0)
		return errno == EEXIST;
	if (mode != OWN_MODE && fchmodat(parent, name, mode, 0) != 0)
		return false;
	return fsync(parent) == 0;
}

/* Makes the last part of a path, once the parts before it are there. */
static bool
make_last(const char *path, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	char *parent = slash == NULL   ? mem_dup(".")
		       : slash == path ? mem_dup("/")
				       : mem_dup_bytes(path, (size_t)(slash - path));
	int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error;
	bool ok = fd >= 0 && make_in(fd, slash != NULL ? slash + 1 : path, mode);

	error = errno;
	if (fd >= 0)
		(void)close(fd);
	free(parent);
	errno = error;
	return ok;
}

/* The path, and what leads to it. */
static bool
make_path(const char *path, mode_t mode)
{
	char *part = mem_dup(path);
	bool ok = true;

	for (char *p = part + 1; ok && *part != '\0' && *p != '\0'; p++)
		if (*p == '/' && p[-1] != '/') {
			*p = '\0';
			ok = access(part, F_OK) == 0 || make_last(part, OWN_MODE);
			*p = '/';
		}
	free(part);
	return ok && make_last(path, mode);
}

/* The directory that a setting names. */
static int
open_named(const char *path, enum spool_mode mode)
{
	int fd = open(path, OPEN_DIRECTORY);
	const bool for_all = mode == SPOOL_SHARE && geteuid() == 0;

	if (fd >= 0 || errno != ENOENT || mode == SPOOL_USE)
		return fd;
	if (!make_path(path, for_all ? SHARED_MODE : OWN_MODE))
		return -1;
	return open(path, OPEN_DIRECTORY);
}

/* A user's part of a shared place. */
static int
open_part(int place, uid_t owner, bool make)
{
	char name[PLACE_PART_SIZE];
	int fd;

	place_name_part(name, owner);
	fd = openat(place, name, OPEN_DIRECTORY);
	if (fd >= 0 || errno != ENOENT || !make || !make_in(place, name, OWN_MODE))
		return fd;
	return openat(place, name, OPEN_DIRECTORY);
}

/* Goes on from a shared place to the user's part, and closes the place. */
static int
enter_part(
    int place, const char *path, uid_t owner, bool make, char **at, struct outcome *o)
{
	int fd = open_part(place, owner, make);

	*at = mem_printf("%s/u%u", path, (unsigned)owner);
	if (fd < 0)
		(void)place_trouble(o, *at, errno);
	(void)close(place);
	return fd;
}

/* Lets go of a directory that isn't in order. */
static int
refuse(int fd)
{
	(void)close(fd);
	return -1;
}

static int
check_part(int fd, const char *path, uid_t owner, struct outcome *o)
{
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		(void)place_trouble(o, path, errno);
	else if (check_own(path, &st, owner, o))
		return fd;
	return refuse(fd);
}

/* What only root can mend is said to whoever it is. */
static bool
no_place(const char *path, enum spool_mode mode, int error, struct outcome *o)
{
	(void)place_trouble(o, path, error);
	if (mode == SPOOL_SHARE && (error == ENOENT || error == EACCES))
		(void)outcome_offer(o, "install -d -m 1777", path);
	return false;
}

int
place_open(
    const char *path, enum spool_mode mode, uid_t owner, char **at, struct outcome *o)
{
	int fd = open_named(path, mode);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)no_place(path, mode, errno, o);
		return fd < 0 ? -1 : refuse(fd);
	}
	if (is_shared(&st)) {
		if (!check_shared(path, &st, o))
			return refuse(fd);
		fd = enter_part(fd, path, owner, mode != SPOOL_USE, at, o);
		return check_part(fd, *at, owner, o);
	}
	*at = mem_dup(path);
	return check_own(path, &st, owner, o) ? fd : refuse(fd);
}

int
place_open_of(const char *path, uid_t owner, char **at, struct outcome *o)
{
	int fd = open(path, OPEN_DIRECTORY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)place_trouble(o, path, errno);
		return fd < 0 ? -1 : refuse(fd);
	}
	if (!is_shared(&st)) {
		(void)outcome_fail(
		    o, CAUSE_NO_QUEUE, "%s is no place for all users", path);
		return refuse(fd);
	}
	fd = enter_part(fd, path, owner, false, at, o);
	return check_part(fd, *at, owner, o);
}

void
place_name_part(char name[PLACE_PART_SIZE], uid_t user)
{
	(void)snprintf(name, PLACE_PART_SIZE, "u%u", (unsigned)user);
}

bool
place_is_part(const char *name, uid_t *user)
{
	char whole[PLACE_PART_SIZE];
	uint64_t n;

	if (*name != 'u' || !span_number(span_of(name + 1), 10, UINT32_MAX - 1, &n))
		return false;
	*user = (uid_t)n;
	place_name_part(whole, *user);
	return strcmp(whole, name) == 0;
}

bool
place_is_shared(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode) && is_shared(&st);
}

static int
trust_folder(int fd, uid_t owner)
{
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && st.st_uid == owner && (st.st_mode & OTHERS_WRITE) == 0)
		return fd;
	(void)close(fd);
	errno = EPERM;
	return -1;
}

int
place_folder_there(int dir, const char *name, uid_t owner)
{
	return trust_folder(openat(dir, name, OPEN_DIRECTORY), owner);
}

/* What root makes in the queue of a user is the user's. */
static int
make_folder(int dir, const char *name, uid_t owner)
{
	int fd = make_in(dir, name, OWN_MODE) ? openat(dir, name, OPEN_DIRECTORY) : -1;

	if (fd >= 0 && owner != geteuid() && fchown(fd, owner, (gid_t)-1) != 0)
		return refuse(fd);
	return trust_folder(fd, owner);
}

int
place_folder(int dir, const char *name, uid_t owner)
{
	int fd = place_folder_there(dir, name, owner);

	return fd < 0 && errno == ENOENT ? make_folder(dir, name, owner) : fd;
}
