/* SPDX-License-Identifier: ISC
 *
 * log.h - one line into a log
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/outcome.h"

/* Neither of these waits for anybody who doesn't listen: the mail has gone by then. */

/* Appends `line` and a line end to the file, which is made with mode 0600 where it isn't
 * there; "-" is standard output. Other writers are kept out by a write lock, for which it
 * waits at most ten seconds. */
bool log_to_file(const char *path, const char *line, struct outcome *o);

/* Sends `line`, or as much of it as a datagram takes, to syslog, if it is there, under
 * the name `ident`. `facility` is one of syslog(3)'s: LOG_MAIL. */
void log_to_syslog(const char *ident, int facility, bool good, const char *line);

#endif
