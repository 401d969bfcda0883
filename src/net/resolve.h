/* SPDX-License-Identifier: ISC
 *
 * resolve.h - a host's addresses, and an address's host
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/outcome.h"
#include "net/lookup.h"

#define LOOKUP_MAX 16 /* addresses of one family that are looked at */

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

/* Whether a later try may do better than this error of getaddrinfo(). */
bool lookup_may_recover(int error);

/* Adds to an outcome which name servers this machine has, where `file`, which is
 * NAME_SERVERS_FILE, tells; returns false. */
#define NAME_SERVERS_FILE "/etc/resolv.conf"
bool lookup_note_servers(const char *file, struct outcome *o);

/* The name of the host with this numeric address, as its operator has put it into the
 * DNS: a new string, or NULL where there is none that is a host name, or not in time. It
 * proves nothing. */
char *lookup_name(const char *address, int64_t deadline);

/* The canonical name of a host; as lookup_name() in all else. */
char *lookup_canonical(const char *host, int64_t deadline);

/* The addresses of one family, waited for until the deadline; none, with an error, where
 * there are none. And an address as text: `out` has INET6_ADDRSTRLEN bytes. */
void lookup_wait(const char *host, int port, int family, int64_t deadline,
    struct lookup_answer *answer);
void lookup_print(const struct sockaddr_storage *address, char *out);

#endif
