/* SPDX-License-Identifier: ISC */
#include "serve/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/socket.h"

size_t
workers_busy(const struct workers *w, const char *who)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].is_busy && (who == NULL || strcmp(w->v[i].who, who) == 0);
	return n;
}

static void
take_client(struct worker *k, const char *who)
{
	(void)snprintf(k->who, sizeof k->who, "%s", who);
	k->is_busy = true;
}

/* Shut down as well as closed: nobody knows who else has inherited it. */
static void
close_channel(struct worker *k)
{
	if (k->channel < 0)
		return;
	(void)shutdown(k->channel, SHUT_RDWR);
	(void)close(k->channel);
	k->channel = -1;
}

/* Room for one descriptor beside a message. */
union ancillary {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static bool
send_client(int channel, const struct arrival *a)
{
	struct arrival copy = *a;
	struct iovec bytes = { &copy, sizeof copy };
	union ancillary ancillary = { .room = { 0 } };
	const struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof ancillary.room,
	};

	ancillary.header = (struct cmsghdr){
		.cmsg_len = CMSG_LEN(sizeof a->fd),
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
	};
	memcpy(CMSG_DATA(&ancillary.header), &a->fd, sizeof a->fd);
	return sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static bool
receive_client(int channel, struct arrival *a)
{
	struct iovec bytes = { a, sizeof *a };
	union ancillary ancillary;
	struct msghdr message = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = &ancillary,
		.msg_controllen = sizeof ancillary.room,
	};
	const struct cmsghdr *header;

	if (recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) !=
	    (ssize_t)sizeof *a)
		return false;
	header = CMSG_FIRSTHDR(&message);
	if (header == NULL || header->cmsg_type != SCM_RIGHTS)
		return false;
	memcpy(&a->fd, CMSG_DATA(header), sizeof a->fd);
	return true;
}

bool
workers_give(struct workers *w, const struct arrival *a, const char *who)
{
	for (size_t i = 0; i < w->n; i++) {
		struct worker *k = &w->v[i];

		if (k->is_busy || k->channel < 0)
			continue;
		if (send_client(k->channel, a)) {
			take_client(k, who);
			return true;
		}
		close_channel(k); /* it has ended, or is about to */
	}
	return false;
}

static size_t
count_channels(const struct workers *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->v[i].channel >= 0;
	return n;
}

/* What a message is stays one piece. Without a channel, there is one client. */
static void
open_channel(const struct workers *w, int ends[2])
{
	if (count_channels(w) >= WORKER_CHANNELS_MAX ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
		ends[0] = ends[1] = -1;
}

static void
close_end(int fd)
{
	if (fd >= 0)
		(void)close(fd);
}

pid_t
workers_begin(struct workers *w, const char *who, int *channel)
{
	struct worker k = { .pid = -1 };
	int ends[2];

	open_channel(w, ends);
	k.pid = child_fork(SIGTERM);
	if (k.pid == 0) {
		for (size_t i = 0; i < w->n; i++)
			close_end(w->v[i].channel);
		close_end(ends[0]);
		*channel = ends[1];
		return 0;
	}
	close_end(ends[1]);
	if (k.pid < 0) {
		close_end(ends[0]);
		return -1;
	}
	k.channel = ends[0];
	take_client(&k, who);
	w->v = mem_room(w->v, w->n, sizeof *w->v);
	w->v[w->n++] = k;
	return k.pid;
}

/* Who waits says nothing. */
static bool
is_watched(const struct worker *k)
{
	return k->is_busy && k->channel >= 0;
}

size_t
workers_watch(const struct workers *w, struct pollfd *p)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (is_watched(&w->v[i]))
			p[n++] =
			    (struct pollfd){ .fd = w->v[i].channel, .events = POLLIN };
	return n;
}

void
workers_hear(struct workers *w, const struct pollfd *p)
{
	char word;

	for (size_t i = 0; i < w->n; i++) {
		struct worker *k = &w->v[i];

		if (!is_watched(k) || p++->revents == 0)
			continue;
		if (recv(k->channel, &word, 1, MSG_DONTWAIT) == 1)
			k->is_busy = false;
		else
			close_channel(k);
	}
}

void
workers_reap(struct workers *w)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < w->n; i++)
			if (w->v[i].pid == pid) {
				close_channel(&w->v[i]);
				w->v[i--] = w->v[--w->n];
			}
}

void
workers_dismiss(struct workers *w)
{
	for (size_t i = 0; i < w->n; i++)
		close_channel(&w->v[i]);
}

static void
signal_all(const struct workers *w, int signal_number)
{
	for (size_t i = 0; i < w->n; i++)
		(void)kill(w->v[i].pid, signal_number);
}

void
workers_end(struct workers *w, int grace, const sigset_t *waiting)
{
	const int64_t deadline = clock_in(grace);

	workers_dismiss(w);
	signal_all(w, SIGTERM);
	workers_reap(w);
	while (w->n > 0 && clock_left(deadline) > 0) {
		const int left = clock_left(deadline);
		const struct timespec wait = { left / 1000, left % 1000 * 1000000L };

		(void)ppoll(NULL, 0, &wait, waiting);
		workers_reap(w);
	}
	signal_all(w, SIGKILL);
	while (w->n > 0 && (waitpid(w->v[w->n - 1].pid, NULL, 0) >= 0 || errno == ECHILD))
		w->n--;
	free(w->v);
	*w = (struct workers){ NULL, 0 };
}

bool
worker_next(int channel, struct arrival *a)
{
	if (send(channel, "", 1, MSG_NOSIGNAL) != 1)
		return false;
	/* from then on nobody can be given to it; who was before still is served */
	if (socket_wait(channel, POLLIN, clock_in(WORKER_IDLE_MS)) == 0)
		(void)shutdown(channel, SHUT_RD);
	return receive_client(channel, a);
}
