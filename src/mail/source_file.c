/* SPDX-License-Identifier: ISC */
#include "mail/source_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

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

bool
source_fail(const struct source *s, struct outcome *o)
{
	const char *given = given_directory();
	const int error = errno;

	if (s->start > 0)
		return outcome_fail(
		    o, CAUSE_STORE, "temporary file in the queue: %s", strerror(error));
	return outcome_fail(o, CAUSE_STORE, "temporary file in %s: %s",
	    given != NULL ? given : directories[0], strerror(error));
}

/* Moves the file, up to `end`, from the directory that was asked for to where temporary
 * files are; it stays as it is where that can't be done. */
static bool
move_out(struct source *s, off_t end)
{
	off_t at = (off_t)s->start;
	int fd = open_temporary();

	while (fd >= 0 && at < end && sendfile(fd, s->fd, &at, (size_t)(end - at)) > 0)
		continue;
	if (fd < 0 || at < end) {
		if (fd >= 0)
			(void)close(fd);
		return false;
	}
	(void)close(s->fd);
	s->fd = fd;
	s->start = 0;
	s->directory = -1;
	return true;
}

/* A mail that may not have to be kept doesn't depend on there being room to keep it. */
static bool
store(struct source *s)
{
	const off_t end = s->directory >= 0 ? lseek(s->fd, 0, SEEK_CUR) : -1;
	int error;

	if (fd_write(s->fd, s->held.data, s->held.len))
		return true;
	error = errno;
	if (end >= 0 && s->start > 0 && move_out(s, end))
		return fd_write(s->fd, s->held.data, s->held.len);
	errno = error;
	return false;
}

bool
source_spill(struct source *s, struct outcome *o)
{
	if (s->fd < 0)
		open_file(s);
	if (s->fd < 0 || !store(s))
		return source_fail(s, o);
	buf_clear(&s->held);
	return true;
}
