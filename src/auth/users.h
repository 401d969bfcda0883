/* SPDX-License-Identifier: ISC
 *
 * users.h - who may sign in to us, by a file
 *
 * Its lines are "NAME:PASSWORD", where the password is as stored.h has it; empty lines
 * and those that begin with '#' don't count.
 */
#ifndef AUTH_USERS_H
#define AUTH_USERS_H

#include <stdbool.h>

#include "auth/stored.h"
#include "base/outcome.h"

struct users;

/* Reads the file, which nobody but its owner may be able to read. NULL: CAUSE_FILE,
 * CAUSE_EXPOSED, CAUSE_CONFIG where a password is kept in a way that isn't known, or
 * CAUSE_SYSTEM where hashes can't be used here. */
struct users *users_open(const char *file, struct outcome *o);

/* The same from a line. */
struct users *users_from(const char *line);

/* Any name with any password: for tests of those who sign in. */
struct users *users_anybody(void);
bool users_are_anybody(const struct users *u);
void users_free(struct users *u);

/* The methods by which all of them can sign in, with blanks between: with `bare`, those
 * that don't show the password to whoever listens. NULL: none. Who knows only a hash of a
 * password can't do SCRAM; so it isn't offered where that is true of one of them, for a
 * client takes the best that is offered, and would fail; and not to anybody. */
const char *users_methods(const struct users *u, bool bare);

/* How the password of this user is kept; false: there is no such user. */
bool users_find(const struct users *u, const char *name, struct stored *s);

/* One that stands in the file, of those that take longest to check: who isn't there is
 * treated alike. Its kind is STORED_NONE where nobody has a password. */
const struct stored *users_example(const struct users *u);

/* Where SCRAM is offered: takes from this file, or puts there, a secret of which the
 * salts are made that are shown for those who have none: so they stay the same, as those
 * of users do. A file that others can read is replaced. Without a file (NULL, or it can't
 * be had) it is one of this process and its children. */
void users_keep_secret(struct users *u, const char *file);

/* NULL: there is none. */
const char *users_secret(const struct users *u);

#endif
