/* SPDX-License-Identifier: ISC
 *
 * dial.h - a TCP connection, by the quickest of the host's addresses (RFC 8305)
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

struct dial {
	const char *host; /* a name, in UTF-8 or ASCII, or a numeric address */
	int port;
	bool is_proxy;         /* the host is a proxy: trouble has causes of its own */
	const char *source_ip; /* the local address to use; NULL: any */
	int64_t deadline;
	/* Called once, while the first attempt is under way, for work that would else
	 * come after it; NULL: none. */
	void (*meanwhile)(void *arg);
	void *arg;
};

struct dialled {
	int fd;                      /* non-blocking, close-on-exec, TCP_NODELAY */
	char peer[INET6_ADDRSTRLEN]; /* the address that answered */
};

/* Looks up both address families at once and tries the addresses in turn, IPv6 and IPv4
 * by turns, a new one every quarter of a second while the earlier ones are still silent;
 * the first that answers wins. Fails with CAUSE_NO_HOST, CAUSE_DNS, CAUSE_CONNECT or
 * CAUSE_SOURCE_IP; with CAUSE_PROXY_NO_HOST or CAUSE_PROXY_DOWN for a proxy. */
bool dial(const struct dial *d, struct dialled *result, struct outcome *o);

#endif
