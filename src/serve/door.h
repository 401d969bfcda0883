/* SPDX-License-Identifier: ISC
 *
 * door.h - a socket that waits for clients
 *
 * A place is written "ADDRESS:PORT", "ADDRESS" or "PORT", where the address is of IPv4,
 * of IPv6 in brackets, or localhost; or "unix:PATH". Port 0 takes one that is free.
 */
#ifndef SERVE_DOOR_H
#define SERVE_DOOR_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/outcome.h"

#define DOOR_PEER_MAX 128

/* Zero, with an fd of -1, is one that isn't open. */
struct door {
	int fd;     /* non-blocking, close-on-exec */
	char *path; /* of a unix socket, which is removed in the end; else NULL */
};

/* Who has connected. */
struct peer {
	char address[64];          /* as for inet_ntop(3); "": a unix socket */
	char place[DOOR_PEER_MAX]; /* for people: "127.0.0.1:4711", "uid 1000" */
	long uid;                  /* on a unix socket; else -1 */
};

/* Begins to listen. `address` and `port` count where the place has none. A unix socket
 * that nobody listens at any more is replaced. Fails with CAUSE_USAGE where the place
 * can't be one, and with CAUSE_LISTEN. */
bool door_open(
    struct door *l, const char *place, const char *address, int port, struct outcome *o);
void door_close(struct door *l);

/* Whether only this machine can connect. */
bool door_is_local(const struct door *l);

/* Appends where it listens, as a place, with the port that it has got. */
void door_place(const struct door *l, struct buf *out);

/* The next client's socket, non-blocking and close-on-exec; -1 and errno: there is none
 * just now. */
int door_accept(const struct door *l, struct peer *who);

#endif
