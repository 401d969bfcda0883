/* SPDX-License-Identifier: ISC
 *
 * socks.h - a connection through a SOCKS5 proxy (RFC 1928)
 *
 * The proxy gets the server's name, not its address: who looks up, and where the
 * connection begins, is the proxy. There is no sign-in to proxies.
 */
#ifndef NET_SOCKS_H
#define NET_SOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "net/stream.h"

struct socks {
	const char *host; /* the server: a name, in UTF-8 or ASCII, or an address */
	int port;
	const char *proxy_host; /* for the words of an outcome */
	int proxy_port;
};

/* Asks the proxy at the other end of the stream for a connection to the server; where
 * this succeeds, the next byte of the stream is the server's. Fails with CAUSE_PROXY_...,
 * or with CAUSE_NO_HOST where `host` can't be a name. */
bool socks_connect(
    struct stream *s, const struct socks *to, int64_t deadline, struct outcome *o);

#endif
