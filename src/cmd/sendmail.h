/* SPDX-License-Identifier: ISC
 *
 * sendmail.h - the command line of sendmail(8)
 *
 * Under sendmail's names, strangers reach the command line: web applications put there
 * what was typed into a form. So options end at the first address, as POSIX has it, and
 * what looks like one behind it is refused; and no option reads or writes a file, runs a
 * command, or names another configuration; nor a server, where a file or the environment
 * names one. What real sendmails take of that kind is left out with a warning, so that
 * their callers go on working.
 */
#ifndef CMD_SENDMAIL_H
#define CMD_SENDMAIL_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/invocation.h"

/* Where v->program is one of sendmail's names, fills in what the name alone asks for,
 * and v->as_sendmail. */
void sendmail_recognize(struct invocation *v);

/* Reads the options. Fails with CAUSE_USAGE or CAUSE_FORBIDDEN. */
bool sendmail_parse(struct invocation *v, int argc, char **argv, struct outcome *o);

/* Prints the options that people use under this name, which is one of sendmail's. */
void sendmail_help(const char *program);

#endif
