/* SPDX-License-Identifier: ISC
 *
 * spool.h - the directory of the queue: mail in it is safe
 *
 * A queue belongs to one user, and is a directory with folders: new/ holds the mail that
 * waits, hold/ what somebody keeps back, failed/ what was set aside, tmp/ what is being
 * written. `lock` is held by the runner. Where many users share one place, such as
 * /var/spool/mailchute, it is a directory as /tmp (mode 1777), in which each user has a
 * queue u<UID>. The order of system calls stands at the top of spool_put.c, and of
 * spool_take.c.
 */
#ifndef QUEUE_SPOOL_H
#define QUEUE_SPOOL_H

#include <dirent.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"
#include "queue/entry.h"
#include "smtp/channel.h"

enum folder { FOLDER_NEW, FOLDER_HOLD, FOLDER_FAILED, FOLDER_LAST };

struct spool {
	char *path;      /* of the queue itself, for people; owned */
	uid_t owner;     /* whose files count */
	int64_t largest; /* bytes: a larger file isn't even read; 0: there is no limit */
	int dir;
	int folder[FOLDER_LAST];    /* -1: not opened yet */
	int lock;                   /* held, or -1 */
	const struct spool *keeper; /* where the state of the accounts is kept for this
				     * and other queues, see state.h; NULL: here */
	const struct observer *observer; /* hears what was set aside; NULL: nobody */
	unsigned set_aside;              /* how often it has heard */
};

/* How a queue is to be opened. */
enum spool_mode {
	SPOOL_USE,    /* it must be there */
	SPOOL_CREATE, /* it is made, with mode 0700, where it isn't there */
	SPOOL_SHARE   /* the same; if we are root, `path` becomes a place for all users */
};

/* A spool that isn't open; it can be closed. */
void spool_init(struct spool *s);

/* Opens the queue of the present user at `path`, or in it where it is a shared place.
 * What others could write to, or have put there, is refused: CAUSE_QUEUE_DIR, with the
 * fix. A queue that isn't there is CAUSE_NO_QUEUE with SPOOL_USE. */
bool spool_open(
    struct spool *s, const char *path, enum spool_mode mode, struct outcome *o);

/* Opens the queue of user `owner` in the shared place `path`, for one who may: with
 * SPOOL_USE, nothing is made in it until a mail is to be moved. */
bool spool_open_of(struct spool *s, const char *path, uid_t owner, enum spool_mode mode,
    struct outcome *o);

void spool_close(struct spool *s);

/* Whether new/ is there still, under any name, since it was opened. */
bool spool_is_there(const struct spool *s);

/* Where a source should buffer a long message, so that it need not be copied later: has
 * source_write() use the queue's file system. Before the first source_write(). */
void spool_buffer(const struct spool *s, struct source *m);

/* Keeps a mail: when it returns true, every byte and the name are on disk, and the name
 * is in id. All recipients of `e`, one at least, wait: those whose outcome has a cause
 * were tried once, and wait until t->next; or they were refused for good, and only the
 * sender is to be told. Fails with CAUSE_QUEUE (no room,
 * an error of the disk) and as entry_write(): then nothing is kept. A message buffered by
 * spool_buffer() is linked, not copied; that happens once. */
bool spool_put(struct spool *s, const struct ticket *t, const struct envelope *e,
    struct source *m, char id[ENTRY_ID_SIZE], struct outcome *o);

enum taken {
	TAKEN,
	TAKEN_BUSY, /* somebody else has it */
	TAKEN_GONE, /* it isn't there any more */
	TAKEN_ASIDE /* it is no whole mail of the owner's: it is in failed/ now, the
		     * observer was told, and `o` says why */
};

/* Opens, locks, reads and checks an entry; the lock lives until entry_free(). */
enum taken spool_take(
    struct spool *s, enum folder f, const char *id, struct entry *e, struct outcome *o);

/* Opens and reads an entry to look at it, without a lock; nothing is set aside. Its
 * message is read and checked only with `whole`. Fails with CAUSE_NO_ENTRY and
 * CAUSE_QUEUE_ENTRY. */
bool spool_look(struct spool *s, enum folder f, const char *id, bool whole,
    struct entry *e, struct outcome *o);

/* Removes a taken entry, durably. Fails with CAUSE_QUEUE_CHANGE. */
bool spool_remove(
    struct spool *s, enum folder f, const struct entry *e, struct outcome *o);

/* The same, but the name is on disk only with the next spool_sync(): a lane may remove
 * many and sync once, because the records of its journal tell that it was sent. */
bool spool_unlink(
    struct spool *s, enum folder f, const struct entry *e, struct outcome *o);
bool spool_sync(struct spool *s, enum folder f, struct outcome *o);

/* Moves an entry from one folder to another, durably. Fails with CAUSE_QUEUE_CHANGE, and
 * CAUSE_QUEUE_DIR where the other folder isn't to be trusted. */
bool spool_move(
    struct spool *s, enum folder from, enum folder to, const char *id, struct outcome *o);

/* Becomes the one runner of this queue. False, with *o filled, where it can't; false and
 * *busy where another one runs. */
bool spool_lock(struct spool *s, bool *busy, struct outcome *o);

/* Is that no longer; so does spool_close(). */
void spool_unlock(struct spool *s);

/* Removes what writers that were killed an hour ago and more have left in tmp/. */
void spool_clean(struct spool *s);

/* The folder, to be read from its beginning and closed by the caller; NULL and errno. */
DIR *spool_read(struct spool *s, enum folder f);

/* Moves what has no place in a folder to failed/, whatever it is, and tells the observer.
 */
void spool_set_aside(struct spool *s, enum folder f, const char *name, const char *why);

#endif
