/* SPDX-License-Identifier: ISC */
#include "net/pair.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/socket.h"

/* Whether read(2) or write(2) won't wait. */
static bool
is_ready(int fd, int event)
{
	return (socket_wait(fd, event, clock_now()) & event) != 0;
}

static bool
is_passing(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

static ssize_t
read_pair(void *self, void *p, size_t n, struct outcome *o)
{
	const struct pair *pair = self;
	ssize_t got;

	if (!is_ready(pair->in, POLLIN))
		return CARRIER_WANTS_READ;
	got = read(pair->in, p, n);
	if (got < 0)
		return is_passing() ? CARRIER_WANTS_READ : socket_failed(o);
	return got;
}

/* A pipe that can be written takes so much at least without waiting (pipe(7)). */
static ssize_t
write_pair(void *self, const void *p, size_t n, struct outcome *o)
{
	const struct pair *pair = self;
	ssize_t done;

	if (!is_ready(pair->out, POLLOUT))
		return CARRIER_WANTS_WRITE;
	done = write(pair->out, p, n < PIPE_BUF ? n : PIPE_BUF);
	if (done < 0)
		return is_passing() ? CARRIER_WANTS_WRITE : socket_failed(o);
	return done;
}

static int
wait_pair(void *self, int events, int64_t deadline)
{
	const struct pair *pair = self;
	struct pollfd p[2] = {
		{ .fd = pair->in, .events = (short)(events & POLLIN) },
		{ .fd = pair->out, .events = (short)(events & POLLOUT) },
	};
	int n;

	/* one that isn't waited for must not wake us when its peer has gone */
	for (size_t i = 0; i < 2; i++)
		if (p[i].events == 0)
			p[i].fd = -1;
	do
		n = poll(p, 2, clock_left(deadline));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	return (p[0].revents != 0 ? POLLIN : 0) | (p[1].revents != 0 ? POLLOUT : 0);
}

static void
close_pair(void *self)
{
	(void)self;
}

const struct carrier pair_carrier = { read_pair, write_pair, wait_pair, close_pair,
	true };
