/* SPDX-License-Identifier: ISC
 *
 * srv.h - the servers of a service in a domain (RFC 2782)
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "base/span.h"

#define SRV_MAX 16          /* servers of a service that are looked at */
#define SRV_TARGET_SIZE 256 /* RFC 1035, 2.3.4, and a NUL */

struct srv {
	unsigned priority; /* the lowest counts */
	unsigned weight;   /* how much of the work of its priority it takes */
	int port;
	char target[SRV_TARGET_SIZE]; /* a host name, without a dot at its end */
};

struct srv_list {
	int n;
	bool refused; /* the domain says that it has no such service */
	struct srv v[SRV_MAX];
};

/* Reads a reply of a name server (RFC 1035, 4.1): the servers that it names, in its
 * order. What is no host name, or has no port, is left out. False where the reply is
 * malformed. */
bool srv_parse(struct srv_list *list, struct span reply);

/* Puts the servers into the order in which they are to be tried: by priority, and within
 * one by chance, as their weights say. `chance` returns a number from 0 to `limit`. */
void srv_sort(struct srv_list *list, unsigned (*chance)(unsigned limit));

/* Asks for "_SERVICE._tcp.DOMAIN", in ASCII, and sorts. Without such records the list is
 * empty. Fails with CAUSE_DNS where nobody could tell, and with CAUSE_SYSTEM. */
bool srv_lookup(
    struct srv_list *list, const char *name, int64_t deadline, struct outcome *o);

#endif
