/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define WRITER_MS 10000 /* what a pipe that is named as a file has */
#define LOCK_RETRY_MS 5
#define KILOBYTE 1024

ssize_t
fd_read(int fd, void *p, size_t n)
{
	ssize_t got;

	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got;
}

bool
fd_write(int fd, const void *p, size_t n)
{
	const char *at = p;

	while (n > 0) {
		ssize_t done = write(fd, at, n);

		if (done < 0 && errno != EINTR)
			return false;
		if (done > 0) {
			at += done;
			n -= (size_t)done;
		}
	}
	return true;
}

bool
fd_write_at(int fd, off_t at, const struct span *parts, size_t n)
{
	struct iovec v[FD_PARTS_MAX], *next = v;

	assert(n <= FD_PARTS_MAX);
	for (size_t i = 0; i < n; i++)
		v[i] = (struct iovec){ (void *)(uintptr_t)parts[i].p, parts[i].n };
	while (n > 0) {
		ssize_t done = pwritev(fd, next, (int)n, at);

		if (done < 0 && errno != EINTR)
			return false;
		at += done > 0 ? done : 0;
		for (; n > 0 && done >= (ssize_t)next->iov_len; n--)
			done -= (ssize_t)next++->iov_len;
		if (n > 0 && done > 0) {
			next->iov_base = (char *)next->iov_base + done;
			next->iov_len -= (size_t)done;
		}
	}
	return true;
}

/* As fd_read(), but waits until there is something: also for the first writer of a pipe,
 * before which it would look like one that has ended. A deadline of NULL is for a regular
 * file, which has what it has. */
static ssize_t
read_before(int fd, void *p, size_t n, const int64_t *deadline)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t got;

	if (deadline == NULL)
		return fd_read(fd, p, n);
	do {
		if (poll(&wait, 1, clock_left(*deadline)) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		got = fd_read(fd, p, n);
	} while (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
	return got;
}

/* Goes straight to where it belongs, as far as there is room. */
static bool
read_all(int fd, struct buf *b, const int64_t *deadline)
{
	char more[1024];
	ssize_t n;

	do {
		const size_t room = buf_room(b);

		if (room > 0) {
			n = read_before(fd, b->data + b->len, room, deadline);
			buf_filled(b, n > 0 ? (size_t)n : 0);
		} else {
			n = read_before(fd, more, sizeof more, deadline);
			buf_add(b, more, n > 0 ? (size_t)n : 0);
		}
	} while (buf_ok(b) && n > 0);
	explicit_bzero(more, sizeof more); /* it may have been a password */
	if (!buf_ok(b))
		errno = EFBIG;
	return buf_ok(b) && n == 0;
}

bool
fd_read_all(int fd, struct buf *b, int64_t deadline)
{
	return read_all(fd, b, &deadline);
}

int
file_open(const char *path)
{
	return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* A pipe doesn't tell how much there will be, and nor does a file of the kernel. */
static size_t
expected_size(const struct stat *st, size_t max)
{
	if (!S_ISREG(st->st_mode) || st->st_size <= 0 || (uintmax_t)st->st_size > max)
		return max;
	return (size_t)st->st_size;
}

bool
file_take(int fd, struct buf *text, struct stat *st)
{
	const int64_t deadline = clock_in(WRITER_MS);

	if (fstat(fd, st) != 0)
		return false;
	buf_reserve(text, expected_size(st, text->max));
	return read_all(fd, text, S_ISREG(st->st_mode) ? NULL : &deadline);
}

bool
file_read(const char *path, struct buf *text, struct stat *st)
{
	int fd = file_open(path), error;
	bool ok;

	if (fd < 0)
		return false;
	ok = file_take(fd, text, st);
	error = errno;
	(void)close(fd);
	errno = error;
	return ok;
}

const char *
file_trouble(const struct buf *text, char words[FILE_TROUBLE_MAX])
{
	const size_t kilobytes = text->max / KILOBYTE;
	const bool is_mega = kilobytes >= KILOBYTE;

	if (errno == ETIMEDOUT)
		return "it is a pipe or a device, and its end did not come";
	if (errno != EFBIG)
		return strerror(errno);
	(void)snprintf(words, FILE_TROUBLE_MAX, "it is larger than %zu %s",
	    is_mega ? kilobytes / KILOBYTE : kilobytes, is_mega ? "MB" : "kB");
	return words;
}

static bool
write_parts(int fd, const struct span *parts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!fd_write(fd, parts[i].p, parts[i].n))
			return false;
	return fsync(fd) == 0;
}

bool
file_put(const char *path, const struct span *parts, size_t n)
{
	char *temporary = mem_printf("%s.%ld", path, (long)getpid());
	int fd =
	    open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool ok = fd >= 0 && write_parts(fd, parts, n);

	if (fd >= 0 && close(fd) != 0)
		ok = false;
	ok = ok && rename(temporary, path) == 0;
	if (!ok && fd >= 0)
		(void)unlink(temporary);
	free(temporary);
	return ok;
}

/* There is no wait with a deadline, hence the short naps. */
bool
fd_lock(int fd, off_t start, off_t length, int64_t deadline)
{
	struct flock range = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	while (fcntl(fd, F_SETLK, &range) != 0) {
		if ((errno != EACCES && errno != EAGAIN) || clock_left(deadline) == 0)
			return false;
		clock_pause(LOCK_RETRY_MS);
	}
	return true;
}

void
fd_unlock(int fd, off_t start, off_t length)
{
	struct flock range = {
		.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = length
	};

	(void)fcntl(fd, F_SETLK, &range);
}

bool
file_name_is_plain(const char *name)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@%";

	return name[strspn(name, plain)] == '\0';
}
