/* SPDX-License-Identifier: ISC */
#include "net/lookup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "net/socket.h"

bool
lookup_begin(struct lookup *l, void (*ask)(const void *question, void *answer),
    const void *question, size_t size)
{
	int fd[2];

	*l = (struct lookup){ 0, -1 };
	if (pipe2(fd, O_CLOEXEC) != 0)
		return false;
	l->pid = child_fork(SIGKILL);
	if (l->pid == 0) {
		void *answer = calloc(1, size); /* what has no room here just ends */

		if (answer == NULL)
			_exit(1);
		ask(question, answer);
		_exit(fd_write(fd[1], answer, size) ? 0 : 1);
	}
	(void)close(fd[1]);
	l->fd = fd[0];
	if (l->pid > 0)
		return true;
	lookup_cancel(l);
	return false;
}

bool
lookup_end(struct lookup *l, void *answer, size_t size)
{
	size_t got = 0;
	ssize_t n = 1;

	while (got < size && n > 0) {
		n = fd_read(l->fd, (char *)answer + got, size - got);
		got += n > 0 ? (size_t)n : 0;
	}
	lookup_cancel(l);
	return got == size;
}

void
lookup_cancel(struct lookup *l)
{
	if (l->pid > 0)
		(void)child_kill(l->pid);
	if (l->fd >= 0)
		(void)close(l->fd);
	*l = (struct lookup){ 0, -1 };
}

bool
lookup_ask(void (*ask)(const void *question, void *answer), const void *question,
    void *answer, size_t size, int64_t deadline)
{
	struct lookup l;

	if (!lookup_begin(&l, ask, question, size))
		return false;
	if (socket_wait(l.fd, POLLIN, deadline) == 0) {
		lookup_cancel(&l);
		errno = ETIMEDOUT;
		return false;
	}
	if (lookup_end(&l, answer, size))
		return true;
	errno = ECHILD;
	return false;
}
