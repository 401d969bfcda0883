/* SPDX-License-Identifier: ISC
 *
 * socket.h - a connected socket as a carrier
 */
#ifndef NET_SOCKET_H
#define NET_SOCKET_H

#include <stdint.h>

#include "net/stream.h"

/* Carries bytes over the non-blocking descriptor; `self` is a struct socket *, which
 * outlives the stream. Closing closes the descriptor. */
extern const struct carrier socket_carrier;

struct socket {
	int fd;
};

/* poll(2) for one descriptor: the events that came, 0 at the deadline. Trouble with the
 * descriptor counts as an event: the next call on it will tell. */
int socket_wait(int fd, int events, int64_t deadline);

/* Says what errno means for a connection: CAUSE_HANGUP. Returns CARRIER_FAILED. */
int socket_failed(struct outcome *o);

#endif
