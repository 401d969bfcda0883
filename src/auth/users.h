/* SPDX-License-Identifier: ISC
 *
 * users.h - who may sign in to us (RFC 4954), by a file
 *
 * Its lines are "NAME:PASSWORD"; empty lines and those that begin with '#' don't count.
 */
#ifndef AUTH_USERS_H
#define AUTH_USERS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "base/span.h"

/* The methods, with blanks between; those that don't show the password to whoever
 * listens; and those by which anybody can be let in. */
#define USERS_METHODS "PLAIN LOGIN SCRAM-SHA-256"
#define USERS_METHODS_BARE "SCRAM-SHA-256"
#define USERS_METHODS_ANYBODY "PLAIN LOGIN"

struct users;

/* Reads the file, which nobody but its owner may be able to read. NULL: CAUSE_FILE or
 * CAUSE_EXPOSED. */
struct users *users_open(const char *file, struct outcome *o);

/* The same from a line. */
struct users *users_from(const char *line);

/* Any name with any password: for tests of those who sign in. */
struct users *users_anybody(void);
bool users_are_anybody(const struct users *u);
void users_free(struct users *u);

/* One sign-in. */
struct verify;

enum verified {
	VERIFY_MORE,  /* the challenge goes to the client */
	VERIFY_RIGHT, /* nothing is left to be said */
	VERIFY_WRONG
};

/* Begins one by a method of USERS_METHODS; NULL: CAUSE_AUTH_FAILED. */
struct verify *verify_begin(
    const struct users *u, const char *method, const char *host, struct outcome *o);

/* Takes what the client has said, and appends what to say. */
enum verified verify_step(struct verify *v, struct span said, struct buf *challenge);

/* Who has signed in; good as long as v. */
const char *verify_user(const struct verify *v);

void verify_end(struct verify *v);

#endif
