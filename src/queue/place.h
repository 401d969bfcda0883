/* SPDX-License-Identifier: ISC
 *
 * place.h - where queues lie: directories that nobody else may write to
 *
 * A directory is opened once and looked at then (fstat), never by its name again.
 */
#ifndef QUEUE_PLACE_H
#define QUEUE_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "queue/spool.h"

/* Where the queue of an account is, which is of the system's configuration or not: a path
 * and how it is to be opened to put mail there. The caller's; NULL: there is no home. */
char *place_of(const struct account *a, bool is_system, enum spool_mode *mode);

/* The directory of the queue of `owner`, at `path` or, where this is a place for all
 * users, in it; *at is its path, the caller's. -1, and CAUSE_QUEUE_DIR or CAUSE_NO_QUEUE,
 * where it isn't there, or can't be trusted. What is made is on disk when it returns. */
int place_open(
    const char *path, enum spool_mode mode, uid_t owner, char **at, struct outcome *o);

/* The same in a place for all users, only. */
int place_open_of(const char *path, uid_t owner, char **at, struct outcome *o);

/* The folder in the queue of whoever runs those of all users, for what is theirs. */
#define PLACE_KEEPER "shared"

/* The name of a user's part of such a place: "u" and the id. */
#define PLACE_PART_SIZE 16
void place_name_part(char name[PLACE_PART_SIZE], uid_t user);

/* Whether this is the name of a user's part of such a place, which is written in one way
 * only. */
bool place_is_part(const char *name, uid_t *user);

/* Whether it is a place for all users, as /tmp is. */
bool place_is_shared(const char *path);

/* A folder in such a directory; -1 and errno: ENOENT where it isn't there, EPERM where it
 * can't be trusted, because others own it or may write to it. */
int place_folder_there(int dir, const char *name, uid_t owner);

/* The same, and it is made, as its owner's, where it isn't there. */
int place_folder(int dir, const char *name, uid_t owner);

/* Fills `o` for a directory that can't be used; returns false. */
bool place_trouble(struct outcome *o, const char *path, int error);

#endif
