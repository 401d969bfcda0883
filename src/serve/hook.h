/* SPDX-License-Identifier: ISC
 *
 * hook.h - a command that says what becomes of a message
 *
 * It gets the message on standard input, lines that end with LF, and in its environment
 *
 *	CAUGHT_PEER		the client's address; empty: it is no network's
 *	CAUGHT_SENDER		of the envelope; empty: the null sender
 *	CAUGHT_RECIPIENTS	of the envelope, one a line
 *	CAUGHT_MAIL_OPTIONS	the parameters of MAIL, with blanks between
 *	CAUGHT_RCPT_OPTIONS	those of RCPT, a line for each recipient
 *	CAUGHT_USER		whom the client has signed in as; empty: nobody
 *	CAUGHT_SIZE		bytes of the message, with CR LF
 *
 * Exit status 0 accepts it; the others mean what they mean in sysexits(3), and 451 where
 * they mean nothing there. Where the first line that it prints is a reply, such as
 * "550 5.7.1 not today", it is the reply.
 */
#ifndef SERVE_HOOK_H
#define SERVE_HOOK_H

#include <stdbool.h>

#include "base/outcome.h"
#include "serve/sink.h"

#define HOOK_SECONDS 120
#define HOOK_WORDS_MAX (64 * 1024)

/* True with what it said about accepting the message, or "" in `o`; false where it didn't
 * accept it, or couldn't be run. In either case `o` is filled, and what it said on
 * standard error, and how it ended where no exit status tells, is appended to `words`. */
bool hook_run(const char *command, const struct posting *p, struct source *m,
    struct buf *words, struct outcome *o);

#endif
