/* SPDX-License-Identifier: ISC */
#include "net/unix_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"

/* A non-blocking connect(2) to a unix socket whose queue is full fails with EAGAIN, and
 * poll(2) can't tell when there is room again; a blocking one waits, as long as
 * SO_SNDTIMEO says. */
static int
try_connect(int fd, const struct sockaddr_un *a, int64_t deadline)
{
	int left, done;

	do {
		left = clock_left(deadline);
		if (left == 0)
			return EAGAIN;
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO,
		    &(struct timeval){ left / 1000, left % 1000 * 1000 },
		    sizeof(struct timeval));
		done = connect(fd, (const struct sockaddr *)a, sizeof *a);
	} while (done != 0 && errno == EINTR);
	if (done != 0)
		return errno;
	return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

bool
unix_socket_connect(const char *path, int64_t deadline, int *fd, struct outcome *o)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t n = strlen(path);
	int error;

	*fd = -1;
	if (n >= sizeof a.sun_path)
		return outcome_fail(o, CAUSE_CONFIG,
		    "cannot connect to %s: the name is longer than %zu bytes", path,
		    sizeof a.sun_path - 1);
	memcpy(a.sun_path, path, n);
	*fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	error = *fd < 0 ? errno : try_connect(*fd, &a, deadline);
	if (error == 0)
		return true;
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
	return outcome_fail(o, CAUSE_SOCKET, "cannot connect to %s: %s", path,
	    error == EAGAIN ? "no answer in time" : strerror(error));
}
