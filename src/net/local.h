/* SPDX-License-Identifier: ISC
 *
 * local.h - a connection to a unix socket
 */
#ifndef NET_LOCAL_H
#define NET_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

/* Connects to the stream socket at `path`; *fd is non-blocking and close-on-exec, or -1.
 * A server whose queue is full is waited for. Fails with CAUSE_SOCKET, or CAUSE_CONFIG
 * where the path is too long. */
bool local_connect(const char *path, int64_t deadline, int *fd, struct outcome *o);

#endif
