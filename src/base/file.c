/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

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
fd_read_all(int fd, struct buf *b)
{
	char chunk[8192];
	ssize_t n;

	while ((n = fd_read(fd, chunk, sizeof chunk)) > 0) {
		buf_add(b, chunk, (size_t)n);
		if (!buf_ok(b)) {
			errno = EFBIG;
			return false;
		}
	}
	return n == 0;
}
