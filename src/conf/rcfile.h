/* SPDX-License-Identifier: ISC
 *
 * rcfile.h - the language of configuration files
 *
 * A file is a sequence of lines, each a command and its argument, which is all the rest
 * of the line, less blanks at both ends and less one pair of double quotes around it.
 * Empty lines, and lines whose first character but blanks is '#', are skipped. Lines may
 * end with CR LF.
 *
 *	defaults		what follows are defaults for the accounts below
 *	account NAME [: A,B]	what follows is account NAME, which begins with the
 *				defaults and then takes over what A and B were given
 *	eval COMMAND		the first line that the command prints stands here
 *	include FILE		the lines of that file, or of all that match the pattern,
 *				stand here
 *	anything else		a setting of the present account: see option.h
 *
 * Settings before the first `account` or `defaults` belong to an account "default".
 */
#ifndef CONF_RCFILE_H
#define CONF_RCFILE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/span.h"
#include "conf/config.h"

/* Adds the accounts in `text` to `c`. An account that an earlier file has defined is left
 * alone. `path` stands in errors and origins, and must outlive `c`. *has_secret tells
 * whether a password stands in the text, even where the text is wrong. Fails with
 * CAUSE_CONFIG: "PATH:LINE: what". */
bool rcfile_parse(struct config *c, struct span text, const char *path, bool *has_secret,
    struct outcome *o);

/* The same for a file. One that can't be opened is no failure: its `error` tells. Fails
 * also with CAUSE_CONFIG_FILE, and with CAUSE_EXPOSED where others can read a password in
 * it. */
bool rcfile_read(struct config *c, struct config_file *f, struct outcome *o);

#endif
