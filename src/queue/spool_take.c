/* SPDX-License-Identifier: ISC
 *
 * spool_take.c - the order of system calls in which a mail is taken, moved and removed
 *
 * To open an entry: openat, fstat, lock (OFD), and only then a look whether the name is
 * still that of this file; a lock dies with its process. To move one: renameat, fsync of
 * the folder that it is in now, fsync of the other. To remove one: unlinkat, fsync.
 *
 * Nothing is opened through a symbolic link, and nothing counts that belongs to another
 * user or that others may write to. What is found to be no mail is moved to failed/.
 */
#include "queue/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define SET_ASIDE_TOLD 100 /* lines of a log that somebody else could fill */
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

/* Why a file is none that was put there by spool_put(); NULL: it may be. */
static const char *
suspicion(const struct spool *s, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "it is no file";
	if (st->st_uid != s->owner)
		return "it belongs to another user";
	if ((st->st_mode & OTHERS_WRITE) != 0)
		return "others may write to it";
	if (s->largest > 0 && st->st_size > s->largest)
		return "it is larger than queue_size allows all mails together to be";
	return NULL;
}

/* Opens e->id; false and errno, or errno 0 where it is suspicious, and *o says why. */
static bool
open_entry(struct spool *s, enum folder f, int flags, struct entry *e, struct outcome *o)
{
	const char *why;
	struct stat st;

	e->fd = openat(spool_folder_there(s, f), e->id,
	    flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (e->fd < 0 || fstat(e->fd, &st) != 0) {
		(void)outcome_fail(o, CAUSE_QUEUE_ENTRY, "%s: %s", e->id,
		    errno == ELOOP ? "it is a symbolic link" : strerror(errno));
		return false;
	}
	why = suspicion(s, &st);
	errno = 0;
	return why == NULL || outcome_fail(o, CAUSE_QUEUE_ENTRY, "%s: %s", e->id, why);
}

/* Whether the trouble is with this file, and not with the machine. */
static bool
is_its_own(int error)
{
	return error == 0 || error == ELOOP || error == EISDIR || error == ENXIO ||
	       error == EACCES || error == EPERM;
}

void
spool_set_aside(struct spool *s, enum folder f, const char *name, const char *why)
{
	const int failed = spool_folder(s, FOLDER_FAILED);
	char other[ENTRY_ID_SIZE];
	const char *as = name;
	char *words;

	if (f == FOLDER_FAILED || failed < 0)
		return;
	if (faccessat(failed, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
		entry_new_id(other);
		as = other;
	}
	if (renameat(s->folder[f], name, failed, as) != 0)
		return;
	(void)fsync(failed);
	(void)fsync(s->folder[f]);
	if (s->observer == NULL || s->observer->warn == NULL ||
	    s->set_aside > SET_ASIDE_TOLD)
		return;
	if (s->set_aside++ < SET_ASIDE_TOLD)
		words = mem_printf("%s/%s/%s was set aside as %s/%s: %s", s->path,
		    spool_folder_name(f), name, spool_folder_name(FOLDER_FAILED), as,
		    why);
	else
		words = mem_printf("more is set aside in %s than is told here", s->path);
	s->observer->warn(s->observer->arg, words);
	free(words);
}

/* Whether the name is still that of the open file: somebody may have finished with it, or
 * moved it, before we had the lock. */
static bool
is_still_there(struct spool *s, enum folder f, const struct entry *e)
{
	struct stat file, name;

	return fstat(e->fd, &file) == 0 &&
	       fstatat(s->folder[f], e->id, &name, AT_SYMLINK_NOFOLLOW) == 0 &&
	       file.st_ino == name.st_ino && file.st_dev == name.st_dev;
}

static enum taken
take(struct spool *s, enum folder f, struct entry *e, struct outcome *o)
{
	if (!open_entry(s, f, O_RDWR, e, o)) {
		if (errno == ENOENT)
			return TAKEN_GONE;
		if (!is_its_own(errno))
			return TAKEN_BUSY;
		spool_set_aside(s, f, e->id, o->text);
		return TAKEN_ASIDE;
	}
	if (!spool_lock_file(e->fd))
		return TAKEN_BUSY;
	if (!is_still_there(s, f, e))
		return TAKEN_GONE;
	if (entry_read(e, true, o))
		return TAKEN;
	spool_set_aside(s, f, e->id, o->text);
	return TAKEN_ASIDE;
}

enum taken
spool_take(
    struct spool *s, enum folder f, const char *id, struct entry *e, struct outcome *o)
{
	enum taken taken;

	entry_init(e);
	(void)snprintf(e->id, sizeof e->id, "%s", id);
	taken = take(s, f, e, o);
	if (taken != TAKEN)
		entry_free(e);
	return taken;
}

bool
spool_look(struct spool *s, enum folder f, const char *id, bool whole, struct entry *e,
    struct outcome *o)
{
	entry_init(e);
	(void)snprintf(e->id, sizeof e->id, "%s", id);
	if (open_entry(s, f, O_RDONLY, e, o) && entry_read(e, whole, o))
		return true;
	if (e->fd < 0 && errno == ENOENT)
		(void)outcome_fail(o, CAUSE_NO_ENTRY, "%s", id);
	entry_free(e);
	return false;
}

static bool
change_fail(const struct spool *s, enum folder f, const char *id, struct outcome *o)
{
	return outcome_fail(o, CAUSE_QUEUE_CHANGE, "%s/%s/%s: %s", s->path,
	    spool_folder_name(f), id, strerror(errno));
}

bool
spool_unlink(struct spool *s, enum folder f, const struct entry *e, struct outcome *o)
{
	return unlinkat(spool_folder_there(s, f), e->id, 0) == 0 || errno == ENOENT ||
	       change_fail(s, f, e->id, o);
}

bool
spool_sync(struct spool *s, enum folder f, struct outcome *o)
{
	return fsync(spool_folder_there(s, f)) == 0 || change_fail(s, f, "", o);
}

bool
spool_remove(struct spool *s, enum folder f, const struct entry *e, struct outcome *o)
{
	return spool_unlink(s, f, e, o) && spool_sync(s, f, o);
}

bool
spool_move(
    struct spool *s, enum folder from, enum folder to, const char *id, struct outcome *o)
{
	if (spool_folder(s, to) < 0)
		return spool_folder_fail(s, to, o);
	if (renameat(spool_folder_there(s, from), id, s->folder[to], id) != 0)
		return change_fail(s, from, id, o);
	return spool_sync(s, to, o) && spool_sync(s, from, o);
}
