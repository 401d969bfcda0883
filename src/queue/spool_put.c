/* SPDX-License-Identifier: ISC
 *
 * spool_put.c - the order of system calls in which a mail is kept
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
 */
#include "queue/spool_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "queue/place.h"

#define NAMES_TRIED 100

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
copy_body(const struct coming *c, struct source *m, struct outcome *o)
{
	off_t at = ENTRY_HEAD;
	struct span piece;

	source_rewind_to_body(m);
	do {
		if (!source_next(m, &piece, o))
			return false;
		if (!fd_write_at(c->fd, at, &piece, 1))
			return spool_fail(c->spool, o);
		at += (off_t)piece.n;
	} while (piece.n > 0);
	return true;
}

/* Most mails are short, and go in one call. */
static bool
write_parts(const struct coming *c, struct span head, struct source *m, struct span tail,
    struct outcome *o)
{
	const off_t end = (off_t)(ENTRY_HEAD + m->size - m->front.len);
	struct span parts[] = { head, { NULL, 0 }, tail };

	if (source_held(m, &parts[1]))
		return fd_write_at(c->fd, 0, parts, 3) || spool_fail(c->spool, o);
	return (c->is_buffered || copy_body(c, m, o)) &&
	       ((fd_write_at(c->fd, 0, &head, 1) && fd_write_at(c->fd, end, &tail, 1)) ||
		   spool_fail(c->spool, o));
}

static bool
write_all(const struct coming *c, const struct ticket *t, const struct envelope *e,
    struct source *m, struct outcome *o)
{
	char head[ENTRY_HEAD];
	struct buf tail;
	bool ok;

	buf_init(&tail, ENTRY_ENVELOPE_MAX + ENTRY_JOURNAL_MAX);
	buf_add_span(&tail, buf_span(&m->front));
	ok = entry_write(t, e, m, head, &tail, o) &&
	     write_parts(c, span_bytes(head, ENTRY_HEAD), m, buf_span(&tail), o) &&
	     (fsync(c->fd) == 0 || spool_fail(c->spool, o));
	buf_free(&tail);
	return ok;
}

/* Before Linux 6.10 a file was named by its descriptor for root only; others go through
 * /proc. */
static int
link_unnamed(int fd, int folder, const char *id)
{
	char path[sizeof "/proc/self/fd/" + 3 * sizeof(int)];

	if (linkat(fd, "", folder, id, AT_EMPTY_PATH) == 0)
		return 0;
	if (errno != ENOENT)
		return -1;
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	return linkat(AT_FDCWD, path, folder, id, AT_SYMLINK_FOLLOW);
}

static int
link_to(const struct coming *c, const char *id)
{
	const int new = c->spool->folder[FOLDER_NEW];

	if (c->name[0] == '\0')
		return link_unnamed(c->fd, new, id);
	return linkat(c->tmp, c->name, new, id, 0);
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
	return result == 0 || spool_fail(c->spool, o);
}

static bool
keep_name(const struct coming *c, const char *id, struct outcome *o)
{
	const int new = c->spool->folder[FOLDER_NEW];

	if (fsync(new) == 0)
		return true;
	(void)spool_fail(c->spool, o);
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
	bool ok = spool_folder(s, FOLDER_NEW) >= 0 || spool_folder_fail(s, FOLDER_NEW, o);

	ok = ok && (take_buffer(&c, m) || open_unnamed(&c) || spool_fail(s, o)) &&
	     write_all(&c, t, e, m, o) && give_name(&c, id, o) && keep_name(&c, id, o);
	coming_end(&c);
	return ok;
}
