/* SPDX-License-Identifier: ISC */
#include "queue/uplink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/inherit.h"

#define PIECE 8192

/* conf/systemd/mailchute-queue.socket has the same. */
#define GROUPS                                                                           \
	(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE)

static bool
is_rtnetlink(int fd)
{
	int family = -1, protocol = -1;
	socklen_t n = sizeof family, m = sizeof protocol;

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &n) == 0 &&
	       getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &m) == 0 &&
	       family == AF_NETLINK && protocol == NETLINK_ROUTE;
}

static int
open_own(void)
{
	const struct sockaddr_nl address = { .nl_family = AF_NETLINK,
		.nl_groups = GROUPS };
	int fd =
	    socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof address) != 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

int
uplink_open(void)
{
	const int end = INHERIT_FIRST + inherit_count();

	for (int fd = INHERIT_FIRST; fd < end; fd++)
		if (is_rtnetlink(fd))
			return fd;
	return open_own();
}

static bool
is_up(const struct nlmsghdr *h)
{
	return h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_NEWROUTE;
}

/* One datagram. False: there is none left. One that was lost counts, because it may have
 * been the one. */
static bool
take_one(int fd, bool *came)
{
	char piece[PIECE];
	struct nlmsghdr h;
	ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);

	if (n < 0 && errno == ENOBUFS)
		*came = true;
	if (n <= 0)
		return n < 0 && (errno == ENOBUFS || errno == EINTR);
	for (size_t at = 0; at + sizeof h <= (size_t)n; at += NLMSG_ALIGN(h.nlmsg_len)) {
		memcpy(&h, piece + at, sizeof h);
		if (h.nlmsg_len < sizeof h)
			break;
		*came |= is_up(&h);
	}
	return true;
}

bool
uplink_take(int fd)
{
	bool came = false;

	while (fd >= 0 && take_one(fd, &came))
		continue;
	return came;
}
