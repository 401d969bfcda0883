/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

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

/* As fd_read(), but waits until there is something: also for the first writer of a pipe,
 * before which it would look like one that has ended. */
static ssize_t
read_before(int fd, void *p, size_t n, int64_t deadline)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t got;

	do {
		if (poll(&wait, 1, clock_left(deadline)) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		got = fd_read(fd, p, n);
	} while (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK));
	return got;
}

bool
fd_read_all(int fd, struct buf *b, int64_t deadline)
{
	char chunk[8192];
	ssize_t n = -1;

	while (buf_ok(b) && (n = read_before(fd, chunk, sizeof chunk, deadline)) > 0)
		buf_add(b, chunk, (size_t)n);
	explicit_bzero(chunk, sizeof chunk); /* it may have been a password */
	if (!buf_ok(b))
		errno = EFBIG;
	return buf_ok(b) && n == 0;
}

const char *
fd_read_trouble(const char *too_large)
{
	if (errno == EFBIG)
		return too_large;
	return errno == ETIMEDOUT ? "it is a pipe or a device, and its end did not come"
				  : strerror(errno);
}
