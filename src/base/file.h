/* SPDX-License-Identifier: ISC
 *
 * file.h - whole reads and whole writes
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/span.h"

/* read(2), begun again when a signal interrupts it: bytes read, 0 at the end, -1 and
 * errno. */
ssize_t fd_read(int fd, void *p, size_t n);

/* Writes all `n` bytes. False, and errno, where that can't be done. */
bool fd_write(int fd, const void *p, size_t n);

#define FD_PARTS_MAX 3

/* Writes all of up to FD_PARTS_MAX parts, one behind the other, from `at` on; the place
 * of the descriptor in its file stays. False and errno, as fd_write(). */
bool fd_write_at(int fd, off_t at, const struct span *parts, size_t n);

/* Appends all that can be read from `fd` to `b`, and waits for it, where the descriptor
 * is non-blocking, until the deadline. False with errno: EFBIG where the limit of `b` is
 * passed, ETIMEDOUT. */
bool fd_read_all(int fd, struct buf *b, int64_t deadline);

/* Opens a file for reading, and waits for nobody: -1 and errno. */
int file_open(const char *path);

/* Appends the whole file at `fd` to `text`: it may be a pipe, if somebody writes to it
 * within 10 seconds. What has been read never moves, so that buf_free_secret() leaves no
 * copy behind. *st tells about the file. Fails as fd_read_all(). */
bool file_take(int fd, struct buf *text, struct stat *st);

/* Both of these. */
bool file_read(const char *path, struct buf *text, struct stat *st);

/* Writes a file that its owner alone can read: all parts, one behind the other, or no
 * file at all. Another process may write it at the same time, and one of them wins. False
 * and errno, as fd_write(). */
bool file_put(const char *path, const struct span *parts, size_t n);

/* A record lock (fcntl(2)) on these bytes, which a process that ends gives back; false
 * where somebody else has it until the deadline, or there can be none. */
bool fd_lock(int fd, off_t start, off_t length, int64_t deadline);
void fd_unlock(int fd, off_t start, off_t length);

#define FILE_TROUBLE_MAX 64

/* Why one of these has failed, for people: what errno means, or `words`, which are filled
 * where the file is larger than the limit of `text`. */
const char *file_trouble(const struct buf *text, char words[FILE_TROUBLE_MAX]);

/* Whether a shell takes the name as it stands, so that a line with it can be pasted. */
bool file_name_is_plain(const char *name);

#endif
