/* SPDX-License-Identifier: ISC
 *
 * listen.h - where others connect to us: TCP, unix sockets, and sockets that whoever
 * started us has opened
 */
#ifndef NET_LISTEN_H
#define NET_LISTEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"

#define LISTEN_NAME_MAX 128

struct listener {
	int fd;
	bool is_loopback; /* only this machine can reach it */
	bool tls_first;   /* TLS is spoken from the first byte */
	char *name;       /* "127.0.0.1:25", "[::1]:25", or the path; owned */
	char *made;       /* the path, where we have made the socket and will remove it */
};

/* The zero value is an empty list. */
struct listeners {
	struct listener *v;
	size_t n;
};

/* Opens a listener at each of `places`, a list with commas or blanks: "ADDRESS:PORT" with
 * an IP address, "localhost" or "*"; "ADDRESS" or "PORT" alone; "unix:PATH". With
 * "tls:" before it, and at port 465, TLS comes first there. Port 0 is any that is free,
 * and `port` the one of an ADDRESS alone. A socket that is left over from a server that
 * has died is replaced. Fails with CAUSE_LISTEN, or CAUSE_CONFIG for what is no place. */
bool listen_open(
    struct listeners *l, const char *places, const char *port, struct outcome *o);

/* Takes over the sockets that systemd has opened (base/inherit.h). */
void listen_inherit(struct listeners *l);

void listen_close(struct listeners *l);

/* Who has connected. */
struct arrival {
	int fd;                        /* non-blocking, close-on-exec */
	bool is_local;                 /* from this machine */
	bool tls_first;                /* as at the listener */
	char address[LISTEN_NAME_MAX]; /* of the machine; "": through a unix socket */
	char place[LISTEN_NAME_MAX];   /* "127.0.0.1:4711", "uid 1000" */
	long uid;                      /* through a unix socket; -1: not known */
};

/* Takes in one who waits. False where there is none any more; or none can be taken in
 * now, for want of a descriptor or of memory: then sets *full, which is else left as it
 * is. */
bool listen_accept(const struct listener *l, struct arrival *a, bool *full);

/* Fills *a for a socket that is connected already, as inetd gives it; false where `fd`
 * isn't one. The descriptor stays as it is: blocking, perhaps. */
bool listen_connected(int fd, struct arrival *a);

#endif
