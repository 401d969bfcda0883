/* SPDX-License-Identifier: ISC
 *
 * netrc.h - passwords in the format of ftp(1), as msmtp reads it
 *
 * A file is a sequence of words between blanks and line ends:
 *
 *	machine HOST		begins the entry of a server
 *	default			begins an entry of no server
 *	login USER		also: user
 *	password SECRET		also: passwd
 *	account WORD		means nothing
 *	macdef NAME		begins a macro, which ends at the next empty line
 *
 * Quotes, ' or ", may stand around all or a part of a word, and end at the end of their
 * line; a backslash is a character like any other. A word that begins with '#' where a
 * keyword could stand begins a comment, up to the end of the line. Other words are
 * skipped.
 */
#ifndef CONF_NETRC_H
#define CONF_NETRC_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/span.h"

/* Finds the password of the first entry for just this host and user that has one, and the
 * line where it stands. */
bool netrc_find(struct span text, const char *host, const char *user,
    struct secret *password, int *line);

#endif
