/* SPDX-License-Identifier: ISC */
#include "queue/wake.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/privilege.h"

#define PIECE 8192

/* The attributes of new/ are touched by who wants a runner to look. That it is removed is
 * seen from above only, for we have it open. */
static int
watch_queue(const char *queue)
{
	char *folder = mem_printf("%s/new", queue);
	int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

	if (fd >= 0 && (inotify_add_watch(fd, folder,
			    IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR) < 0 ||
			   inotify_add_watch(fd, queue, IN_DELETE | IN_ONLYDIR) < 0)) {
		(void)close(fd);
		fd = -1;
	}
	free(folder);
	return fd;
}

/* rtnetlink(7): addresses and routes that come. */
static int
watch_network(void)
{
	const struct sockaddr_nl address = {
		.nl_family = AF_NETLINK,
		.nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
			     RTMGRP_IPV6_ROUTE,
	};
	int fd =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

bool
wake_init(struct wake *w, const char *queue, struct outcome *o)
{
	w->fd[WAKE_MAIL] = watch_queue(queue);
	if (w->fd[WAKE_MAIL] < 0)
		(void)outcome_fail(
		    o, CAUSE_SYSTEM, "%s can't be watched: %s", queue, strerror(errno));
	w->fd[WAKE_NETWORK] = watch_network();
	w->fd[WAKE_TIME] = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	return w->fd[WAKE_MAIL] >= 0;
}

void
wake_on(const struct wake *w, const char *path)
{
	const uid_t user = privilege_raise();

	if (w->fd[WAKE_MAIL] >= 0)
		(void)inotify_add_watch(w->fd[WAKE_MAIL], path,
		    IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF |
			IN_MOVED_TO);
	privilege_return(user);
}

void
wake_free(struct wake *w)
{
	for (int i = 0; i < WAKE_DESCRIPTORS; i++) {
		if (w->fd[i] >= 0)
			(void)close(w->fd[i]);
		w->fd[i] = -1;
	}
}

/* A time of 0 would be no alarm: what is due by then is due at the first second. */
void
wake_at(struct wake *w, int64_t when)
{
	const time_t second = when < INT64_MAX ? (time_t)(when > 0 ? when : 1) : 0;
	const struct itimerspec at = { .it_value = { .tv_sec = second } };

	if (w->fd[WAKE_TIME] >= 0)
		(void)timerfd_settime(w->fd[WAKE_TIME],
		    TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &at, NULL);
}

static bool
is_up(const struct nlmsghdr *h)
{
	return h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_NEWROUTE;
}

/* One datagram. False: there is none left. One that was lost counts, because it may have
 * been the one. */
static bool
take_network(int fd, bool *network)
{
	char piece[PIECE];
	struct nlmsghdr h;
	ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

	if (n < 0 && errno == ENOBUFS)
		*network = true;
	if (n <= 0)
		return n < 0 && (errno == ENOBUFS || errno == EINTR);
	for (size_t at = 0; at + sizeof h <= (size_t)n; at += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, piece + at, sizeof h);
		if (h.nlmsg_len < sizeof h)
			break;
		*network |= is_up(&h);
	}
	return true;
}

/* What was read tells only that there is something to be seen. */
static void
drain(int fd)
{
	char piece[PIECE];

	while (fd >= 0 && read(fd, piece, sizeof piece) > 0)
		continue;
}

void
wake_take(struct wake *w, bool *network)
{
	*network = false;
	drain(w->fd[WAKE_MAIL]);
	drain(w->fd[WAKE_TIME]);
	while (w->fd[WAKE_NETWORK] >= 0 && take_network(w->fd[WAKE_NETWORK], network))
		continue;
}
