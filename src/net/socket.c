/* SPDX-License-Identifier: ISC */
#include "net/socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"

int
socket_wait(int fd, int events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = (short)events };
	int n;

	do
		n = poll(&p, 1, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	return n < 0 || (p.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0
		   ? p.revents | events
		   : p.revents;
}

int
socket_failed(struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_HANGUP, "%s", strerror(errno));
	return CARRIER_FAILED;
}

static ssize_t
moved(ssize_t n, int wants, struct outcome *o)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR
		   ? wants
		   : socket_failed(o);
}

static ssize_t
read_socket(void *self, void *p, size_t n, struct outcome *o)
{
	const struct socket *s = self;

	return moved(recv(s->fd, p, n, 0), CARRIER_WANTS_READ, o);
}

static ssize_t
write_socket(void *self, const void *p, size_t n, struct outcome *o)
{
	const struct socket *s = self;

	return moved(send(s->fd, p, n, MSG_NOSIGNAL), CARRIER_WANTS_WRITE, o);
}

static int
wait_socket(void *self, int events, int64_t deadline)
{
	const struct socket *s = self;

	return socket_wait(s->fd, events, deadline);
}

static void
close_socket(void *self)
{
	struct socket *s = self;

	(void)close(s->fd);
	s->fd = -1;
}

const struct carrier socket_carrier = { read_socket, write_socket, wait_socket,
	close_socket, true };
