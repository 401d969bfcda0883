/* SPDX-License-Identifier: ISC
 *
 * file.h - whole reads and whole writes
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"

/* read(2), begun again when a signal interrupts it: bytes read, 0 at the end, -1 and
 * errno. */
ssize_t fd_read(int fd, void *p, size_t n);

/* Writes all `n` bytes. False, and errno, where that can't be done. */
bool fd_write(int fd, const void *p, size_t n);

/* Appends all that can be read from `fd` to `b`, and waits for it, where the descriptor
 * is non-blocking, until the deadline. False with errno: EFBIG where the limit of `b` is
 * passed, ETIMEDOUT. */
bool fd_read_all(int fd, struct buf *b, int64_t deadline);

/* What errno means behind it, for people: `too_large` where that is the limit. */
const char *fd_read_trouble(const char *too_large);

#endif
