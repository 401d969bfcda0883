/* SPDX-License-Identifier: ISC
 *
 * secretfile.h - files that hold secrets
 */
#ifndef CONF_SECRETFILE_H
#define CONF_SECRETFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/outcome.h"

/* Appends the whole file, which may be a pipe that somebody writes to within 10 seconds,
 * to `text`, which the caller has initialised and frees with buf_free_secret(). *st tells
 * about the file. False with errno: EFBIG where it is larger than the limit of `text`. */
bool secretfile_read(const char *path, struct buf *text, struct stat *st);

/* Who may see such a file: its owner, which is us, and nobody else. Root may do as it
 * pleases. Fails with CAUSE_EXPOSED, and says what to do. */
bool secretfile_check(const struct stat *st, const char *path, struct outcome *o);

#endif
