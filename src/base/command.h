/* SPDX-License-Identifier: ISC
 *
 * command.h - run a command, under a deadline
 */
#ifndef BASE_COMMAND_H
#define BASE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/outcome.h"

/* Runs `sh -c COMMAND` with standard input from /dev/null (so that it can't eat the
 * mail), and gathers what it writes on standard output into `out`, which the caller has
 * initialised; its limit is the limit of the output. The command's words on standard
 * error are quoted in `o` when it fails. Fails with `cause` where the command can't be
 * started, ends with another status than 0, writes too much, or runs past the deadline,
 * in which case it is killed. It is asked to end (SIGTERM) where we are ended. */
bool command_run(const char *command, int64_t deadline, struct buf *out, enum cause cause,
    struct outcome *o);

/* Runs the program argv[0], looked for in PATH, with these arguments as they are, and no
 * shell; argv ends with NULL. Else as command_run(), but how it ended is the caller's to
 * judge: its status, as of waitpid(2), is in *status, and what it wrote on standard error
 * in `words`, which the caller has initialised. */
bool command_execute(const char *const *argv, int64_t deadline, struct buf *out,
    struct buf *words, int *status, enum cause cause, struct outcome *o);

/* Whether there is a program of that name in PATH. */
bool command_exists(const char *name);

#endif
