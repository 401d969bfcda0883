/* SPDX-License-Identifier: ISC
 *
 * resolve.h - looking up a host's addresses without being held up
 *
 * getaddrinfo(3) honours everything that an administrator can set up for names, but knows
 * no deadline. So a child process calls it, for one address family, and writes its answer
 * into a pipe that can be polled together with everything else, or given up.
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/outcome.h"

#define LOOKUP_MAX 16 /* addresses of one family that are looked at */

struct lookup {
	pid_t pid; /* 0: none */
	int fd;    /* readable when the answer is there; -1: none */
};

struct lookup_answer {
	int error; /* of getaddrinfo(); 0: there are addresses */
	int n;
	struct sockaddr_storage addr[LOOKUP_MAX]; /* in the order of preference */
};

/* Looks up in place what needs no asking: a numeric address, or "localhost", which means
 * the loopback addresses wherever it is asked for (RFC 6761, 6.3). False for other names.
 */
bool lookup_at_once(const char *host, int port, int family, struct lookup_answer *answer);

/* Begins a look-up for AF_INET or AF_INET6; false, and errno, where there is no process
 * to be had. */
bool lookup_start(struct lookup *l, const char *host, int port, int family);

/* Takes the answer, once `fd` is readable, and ends the look-up. */
void lookup_take(struct lookup *l, struct lookup_answer *answer);

/* Ends a look-up early; fine on one that has ended or was never begun. */
void lookup_cancel(struct lookup *l);

/* Whether a later try may do better than this error of getaddrinfo(). */
bool lookup_may_recover(int error);

#endif
