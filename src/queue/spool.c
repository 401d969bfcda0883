/* SPDX-License-Identifier: ISC
 *
 * spool.c - the order of system calls, on which it depends that no mail is lost
 *
 * To keep a mail:
 *
 *	open    a file without a name (O_TMPFILE) in new/, or the one that a long message
 *	        was buffered in there
 *	write   head, message, envelope
 *	fsync   the file: every byte is on disk
 *	linkat  its name in new/, unless that is taken: a runner may see it now
 *	fsync   new/: its name is on disk, and the mail is accepted
 *
 * A file system that has no O_TMPFILE gets a file in tmp/ that is linked and then
 * unlinked. Until the first fsync is through there is nothing under new/; a process that
 * dies before leaves nothing, or something in tmp/ that spool_clean() removes. When the
 * last fsync fails, the name is taken back.
 *
 * To open an entry: openat, fstat, lock (OFD), and only then a look whether the name is
 * still that of this file; a lock dies with its process. To move one: renameat, fsync of
 * the folder that it is in now, fsync of the other. To remove one: unlinkat, fsync.
 *
 * Nothing is opened through a symbolic link, and nothing counts that belongs to another
 * user or that others may write to. What is found to be no mail is moved to failed/.
 */
#include "queue/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "queue/place.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define NAMES_TRIED 100
#define LEFT_OVER_SECONDS 3600

static const char *const folder_names[FOLDER_LAST] = {
	[FOLDER_NEW] = "new",
	[FOLDER_HOLD] = "hold",
	[FOLDER_FAILED] = "failed",
};

/* The descriptor of a folder, which is made where it isn't there; -1 and errno. */
static int
folder_open(struct spool *s, enum folder f)
{
	if (s->folder[f] < 0)
		s->folder[f] = place_folder(s->dir, folder_names[f], s->owner);
	return s->folder[f];
}

void
spool_init(struct spool *s)
{
	*s = (struct spool){ .dir = -1, .lock = -1 };
	for (int f = 0; f < FOLDER_LAST; f++)
		s->folder[f] = -1;
}

static bool
spool_begin(struct spool *s, struct outcome *o)
{
	if (s->dir >= 0 && folder_open(s, FOLDER_NEW) < 0)
		return place_trouble(o, s->path, errno);
	return s->dir >= 0;
}

bool
spool_open(struct spool *s, const char *path, enum spool_mode mode, struct outcome *o)
{
	spool_init(s);
	s->owner = geteuid();
	s->dir = place_open(path, mode, s->owner, &s->path, o);
	return spool_begin(s, o);
}

bool
spool_open_of(struct spool *s, const char *path, uid_t owner, struct outcome *o)
{
	spool_init(s);
	s->owner = owner;
	s->dir = place_open_of(path, owner, &s->path, o);
	return spool_begin(s, o);
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

void
spool_buffer(const struct spool *s, struct source *m)
{
	source_keep_in(m, s->folder[FOLDER_NEW], ENTRY_HEAD);
}

/* A mail on its way into the spool. */
struct coming {
	struct spool *spool;
	int fd;
	bool is_buffered;         /* fd is the source's, and has the body already */
	char name[ENTRY_ID_SIZE]; /* in tmp/; "": it has none */
	int tmp;                  /* the folder; -1 */
};

static bool
fail(const struct spool *s, struct outcome *o)
{
	return outcome_fail(o, CAUSE_QUEUE, "%s: %s", s->path, strerror(errno));
}

/* A file with a name, for file systems that have none without. */
static bool
open_named(struct coming *c)
{
	c->tmp = place_folder(c->spool->dir, "tmp", c->spool->owner);
	if (c->tmp < 0)
		return false;
	entry_new_id(c->name);
	c->fd = openat(
	    c->tmp, c->name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (c->fd < 0)
		c->name[0] = '\0';
	return c->fd >= 0;
}

static bool
has_no_tmpfile(int error)
{
	return error == EOPNOTSUPP || error == EISDIR || error == EINVAL ||
	       error == ENOENT;
}

static bool
open_unnamed(struct coming *c)
{
	c->fd = openat(
	    c->spool->folder[FOLDER_NEW], ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	return c->fd >= 0 || (has_no_tmpfile(errno) && open_named(c));
}

/* Whether the source's own file can be made the mail's: only once, since one file can't
 * be two mails. */
static bool
take_buffer(struct coming *c, struct source *m)
{
	if (m->fd < 0 || m->start != ENTRY_HEAD ||
	    m->directory != c->spool->folder[FOLDER_NEW])
		return false;
	m->directory = -1;
	c->fd = m->fd;
	c->is_buffered = true;
	return true;
}

static bool
copy_body(int fd, struct source *m, struct outcome *o)
{
	struct span piece;

	source_rewind_to_body(m);
	do {
		if (!source_next(m, &piece, o))
			return false;
		if (!fd_write(fd, piece.p, piece.n))
			return outcome_fail(o, CAUSE_QUEUE, "%s", strerror(errno));
	} while (piece.n > 0);
	return true;
}

/* Puts the descriptor behind head and body. */
static bool
write_body(struct coming *c, const char *head, struct source *m, struct outcome *o)
{
	const off_t end = (off_t)(ENTRY_HEAD + m->size - m->front.len);

	if (!c->is_buffered)
		return (fd_write(c->fd, head, ENTRY_HEAD) || fail(c->spool, o)) &&
		       copy_body(c->fd, m, o);
	return (lseek(c->fd, 0, SEEK_SET) == 0 && fd_write(c->fd, head, ENTRY_HEAD) &&
		   lseek(c->fd, end, SEEK_SET) == end) ||
	       fail(c->spool, o);
}

static bool
write_all(struct coming *c, const struct ticket *t, const struct envelope *e,
    struct source *m, struct outcome *o)
{
	char head[ENTRY_HEAD];
	struct buf tail;
	bool ok;

	buf_init(&tail, ENTRY_ENVELOPE_MAX + ENTRY_JOURNAL_MAX);
	buf_add_span(&tail, buf_span(&m->front));
	ok = entry_write(t, e, m, head, &tail, o) && write_body(c, head, m, o) &&
	     ((fd_write(c->fd, tail.data, tail.len) && fsync(c->fd) == 0) ||
		 fail(c->spool, o));
	buf_free(&tail);
	return ok;
}

static int
link_to(const struct coming *c, const char *id)
{
	const int new = c->spool->folder[FOLDER_NEW];
	char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];

	if (c->name[0] != '\0')
		return linkat(c->tmp, c->name, new, id, 0);
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", c->fd);
	return linkat(AT_FDCWD, path, new, id, AT_SYMLINK_FOLLOW);
}

/* Under a name that nobody has. */
static bool
give_name(const struct coming *c, char id[ENTRY_ID_SIZE], struct outcome *o)
{
	int result = -1;

	for (int i = 0; i < NAMES_TRIED && result != 0; i++) {
		entry_new_id(id);
		result = link_to(c, id);
		if (result != 0 && errno != EEXIST)
			break;
	}
	return result == 0 || fail(c->spool, o);
}

static bool
keep_name(const struct coming *c, const char *id, struct outcome *o)
{
	const int new = c->spool->folder[FOLDER_NEW];

	if (fsync(new) == 0)
		return true;
	(void)fail(c->spool, o);
	(void)unlinkat(new, id, 0);
	return false;
}

static void
coming_end(struct coming *c)
{
	if (c->name[0] != '\0')
		(void)unlinkat(c->tmp, c->name, 0);
	if (c->tmp >= 0)
		(void)close(c->tmp);
	if (c->fd >= 0 && !c->is_buffered)
		(void)close(c->fd);
}

bool
spool_put(struct spool *s, const struct ticket *t, const struct envelope *e,
    struct source *m, char id[ENTRY_ID_SIZE], struct outcome *o)
{
	struct coming c = { .spool = s, .fd = -1, .tmp = -1 };
	bool ok = take_buffer(&c, m) || open_unnamed(&c) || fail(s, o);

	ok = ok && write_all(&c, t, e, m, o) && give_name(&c, id, o) &&
	     keep_name(&c, id, o);
	coming_end(&c);
	return ok;
}

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

	e->fd = openat(folder_open(s, f), e->id,
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
	const int failed = folder_open(s, FOLDER_FAILED);
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
	if (s->observer == NULL || s->observer->warn == NULL)
		return;
	words = mem_printf("%s/%s/%s was set aside as %s/%s: %s", s->path,
	    folder_names[f], name, folder_names[FOLDER_FAILED], as, why);
	s->observer->warn(s->observer->arg, words);
	free(words);
}

static bool
lock_file(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	return fcntl(fd, F_OFD_SETLK, &lock) == 0;
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
	if (!lock_file(e->fd))
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

bool
spool_unlink(struct spool *s, enum folder f, const struct entry *e, struct outcome *o)
{
	return unlinkat(folder_open(s, f), e->id, 0) == 0 || errno == ENOENT ||
	       fail(s, o);
}

bool
spool_sync(struct spool *s, enum folder f, struct outcome *o)
{
	return fsync(folder_open(s, f)) == 0 || fail(s, o);
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
	if (renameat(folder_open(s, from), id, folder_open(s, to), id) != 0)
		return fail(s, o);
	return spool_sync(s, to, o) && spool_sync(s, from, o);
}

bool
spool_lock(struct spool *s, bool *busy, struct outcome *o)
{
	*busy = false;
	s->lock = openat(
	    s->dir, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return fail(s, o);
	if (lock_file(s->lock))
		return true;
	*busy = errno == EAGAIN || errno == EACCES;
	if (!*busy)
		(void)fail(s, o);
	spool_unlock(s);
	return false;
}

DIR *
spool_read(struct spool *s, enum folder f)
{
	/* of its own: a descriptor that was copied would share the place in it */
	int fd = openat(folder_open(s, f), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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
