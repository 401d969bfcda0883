/* SPDX-License-Identifier: ISC */
#include "mail/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

void
source_init(struct source *s)
{
	*s = (struct source){ .fd = -1, .directory = -1 };
	buf_init(&s->front, SOURCE_FRONT_MAX);
	buf_init(&s->held, SOURCE_MEMORY);
}

void
source_free(struct source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	buf_free(&s->front);
	buf_free(&s->held);
	source_init(s);
}

/* The first is the one that people know. */
static const char *const directories[] = { "/tmp", "/var/tmp", "/dev/shm" };

/* The one that the environment names; NULL: it has none. */
static const char *
given_directory(void)
{
	const char *dir = secure_getenv("TMPDIR");

	return dir != NULL && *dir != '\0' ? dir : NULL;
}

/* For file systems that have no O_TMPFILE. */
static int
open_and_unlink(const char *directory)
{
	char *path = mem_printf("%s/mailchute.XXXXXX", directory);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0 && unlink(path) != 0) {
		(void)close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

static int
open_in(const char *directory)
{
	int fd = open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	return fd >= 0 ? fd : open_and_unlink(directory);
}

/* A service may have a /tmp that it can't write to. */
static int
open_temporary(void)
{
	const char *given = given_directory();
	int fd = open_in(given != NULL ? given : directories[0]), error = errno;

	for (size_t i = 1;
	     given == NULL && fd < 0 && i < sizeof directories / sizeof directories[0];
	     i++)
		fd = open_in(directories[i]);
	errno = error;
	return fd;
}

/* In the directory that was asked for. */
static int
open_in_directory(struct source *s)
{
	int fd = openat(s->directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 && lseek(fd, (off_t)s->start, SEEK_SET) < 0) {
		(void)close(fd);
		fd = -1;
	}
	return fd;
}

static void
open_file(struct source *s)
{
	if (s->directory >= 0)
		s->fd = open_in_directory(s);
	if (s->fd >= 0)
		return;
	s->start = 0;
	s->fd = open_temporary();
}

static bool
fail(const struct source *s, struct outcome *o)
{
	const char *given = given_directory();
	const int error = errno;

	if (s->start > 0)
		return outcome_fail(
		    o, CAUSE_STORE, "temporary file in the queue: %s", strerror(error));
	return outcome_fail(o, CAUSE_STORE, "temporary file in %s: %s",
	    given != NULL ? given : directories[0], strerror(error));
}

/* Moves to the file what is held in memory. */
static bool
spill(struct source *s, struct outcome *o)
{
	if (s->fd < 0)
		open_file(s);
	if (s->fd < 0 || !fd_write(s->fd, s->held.data, s->held.len))
		return fail(s, o);
	buf_clear(&s->held);
	return true;
}

void
source_keep_in(struct source *s, int directory, size_t start)
{
	s->directory = directory;
	s->start = start;
}

bool
source_write(struct source *s, struct span bytes, struct outcome *o)
{
	s->size += bytes.n;
	if (bytes.n > SOURCE_MEMORY - s->held.len && !spill(s, o))
		return false;
	if (bytes.n > SOURCE_MEMORY)
		return fd_write(s->fd, bytes.p, bytes.n) || fail(s, o);
	buf_add_span(&s->held, bytes);
	return true;
}

void
source_front(struct source *s, struct span bytes)
{
	s->size += bytes.n;
	buf_add_span(&s->front, bytes);
}

void
source_lead(struct source *s, struct span lines)
{
	struct buf front;

	buf_init(&front, SOURCE_FRONT_MAX + lines.n);
	buf_add_span(&front, lines);
	buf_add_span(&front, buf_span(&s->front));
	buf_free(&s->front);
	s->front = front;
	s->size += lines.n;
	source_rewind(s);
}

void
source_drop_lead(struct source *s, size_t n)
{
	buf_consume(&s->front, n);
	s->size -= n;
	source_rewind(s);
}

bool
source_seal(struct source *s, struct outcome *o)
{
	bool ok = s->fd < 0 || spill(s, o);

	source_rewind(s);
	if (ok && !buf_ok(&s->front))
		return outcome_fail(o, CAUSE_MESSAGE, "its header is longer than %d MB",
		    SOURCE_FRONT_MAX / 1024 / 1024);
	return ok;
}

void
source_rewind(struct source *s)
{
	s->read = 0;
}

void
source_rewind_to_body(struct source *s)
{
	s->read = s->front.len;
}

/* The file may hold more behind the message. */
static bool
next_from_file(struct source *s, struct span *piece, struct outcome *o)
{
	const uint64_t at = s->start + s->read - s->front.len, left = s->size - s->read;
	const size_t wanted = left < SOURCE_CHUNK ? (size_t)left : SOURCE_CHUNK;
	ssize_t n;

	buf_clear(&s->held);
	buf_reserve(&s->held, SOURCE_CHUNK);
	do
		n = pread(s->fd, s->held.data, wanted, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (n == 0 && s->read < s->size))
		return fail(s, o);
	*piece = span_bytes(s->held.data, (size_t)n);
	return true;
}

bool
source_next(struct source *s, struct span *piece, struct outcome *o)
{
	if (s->read < s->front.len) {
		*piece =
		    span_bytes(s->front.data + s->read, s->front.len - (size_t)s->read);
	} else if (s->fd >= 0) {
		if (!next_from_file(s, piece, o))
			return false;
	} else {
		size_t at = (size_t)s->read - s->front.len;

		*piece = span_bytes(s->held.data + at, s->held.len - at);
	}
	s->read += piece->n;
	return true;
}

ssize_t
source_read(void *arg, void *p, size_t n)
{
	struct source_reader *r = arg;
	struct outcome ignored;

	if (r->left.n == 0 && !source_next(r->source, &r->left, &ignored)) {
		errno = EIO;
		return -1;
	}
	if (n > r->left.n)
		n = r->left.n;
	if (n > 0)
		memcpy(p, r->left.p, n);
	r->left = span_bytes(r->left.p + n, r->left.n - n);
	return (ssize_t)n;
}
