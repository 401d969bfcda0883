/* SPDX-License-Identifier: ISC
 *
 * unix_socket.h - a connection to a unix socket
 */
#ifndef NET_UNIX_SOCKET_H
#define NET_UNIX_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

/* Connects to the stream socket at `path`; *fd is non-blocking and close-on-exec, or -1.
 * A server whose queue is full is waited for. Fails with CAUSE_SOCKET, or CAUSE_CONFIG
 * where the path is too long. */
bool unix_socket_connect(const char *path, int64_t deadline, int *fd, struct outcome *o);

#endif
