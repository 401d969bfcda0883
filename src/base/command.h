/* SPDX-License-Identifier: ISC
 *
 * command.h - run a shell command that the user has configured
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
 * in which case it is killed. */
bool command_run(const char *command, int64_t deadline, struct buf *out, enum cause cause,
    struct outcome *o);

#endif
