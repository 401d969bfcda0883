/* SPDX-License-Identifier: ISC
 *
 * terminal.h - a question to the person at the terminal
 */
#ifndef BASE_TERMINAL_H
#define BASE_TERMINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/secret.h"

/* Puts the question to whoever sits at the controlling terminal, and reads one line from
 * there, which isn't shown; standard input and output play no part in it. False, and why
 * not is appended to `why`, where there is no such terminal, where this process runs in
 * its background, and where nothing is typed before the deadline. The terminal is left as
 * it was also when a signal ends or stops the process meanwhile. */
bool terminal_ask(
    const char *question, int64_t deadline, struct secret *answer, struct buf *why);

#endif
