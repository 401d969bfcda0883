/* SPDX-License-Identifier: ISC
 *
 * uplink.h - news of the network: it came up
 *
 * They come by rtnetlink(7): by a socket that whoever started us has opened, so that we
 * need not be allowed to, or by one of our own. Where several processes stay, one of them
 * hears the news and tells the others: each datagram is read once.
 */
#ifndef QUEUE_UPLINK_H
#define QUEUE_UPLINK_H

#include <stdbool.h>

/* What is to be said where there is none. */
#define UPLINK_NONE                                                                      \
	"the system doesn't tell when the network comes up: a server that can't be "     \
	"reached is tried by the time only"

/* For poll(2) to read; close-on-exec; -1: the system offers none. The caller's. */
int uplink_open(void);

/* Reads what has come, without waiting; -1 has nothing. True: there is a new address or
 * route, or something was lost that may have been one. */
bool uplink_take(int fd);

#endif
