/* SPDX-License-Identifier: ISC
 *
 * entry.h - one mail in the queue: its envelope, its message, and what became of it
 *
 * A queued mail is one file, whose format stands at the top of entry.c. It is written
 * once, by spool_put(); what happens to it later is appended to it, record by record
 * (journal.h). So there is nothing to be kept in step, and a mail moves from one folder
 * to another in one rename(2).
 *
 * An entry is this file, opened and read. It holds the lock on it, where it was taken and
 * not only looked at.
 */
#ifndef QUEUE_ENTRY_H
#define QUEUE_ENTRY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/source.h"

#define ENTRY_ID_LENGTH 16
#define ENTRY_ID_SIZE (ENTRY_ID_LENGTH + 1)
#define ENTRY_HEAD 72                         /* bytes before the message */
#define ENTRY_ENVELOPE_MAX (64 * 1024 * 1024) /* bytes; so the recipients are counted */
#define ENTRY_JOURNAL_MAX (64 * 1024 * 1024)

/* Under which account a mail was queued: what a drain, which is another process, needs to
 * find the same. Passwords and settings aren't kept with the mail. Strings are owned. */
struct ticket {
	char *account; /* its name */
	char *config; /* the file that -C named, from the root; "environment": no file but
		       * its variables; "system": the system's file; NULL: the usual files
		       */
	uid_t uid;    /* under which it was queued */
	char *submitter; /* for whom, as serve/senders.h names them; NULL: that user */
	int64_t created; /* seconds since 1970 */
	int64_t next;    /* spool_put(): when those who were tried are tried next */
};

/* Whose move is next, for one recipient. */
enum progress_state {
	PROGRESS_WAITING, /* not tried, or to be tried again */
	PROGRESS_SENT,
	PROGRESS_FAILED /* refused for good, or given up; a notice may be due */
};

/* What has become of one recipient; its outcome is that of the envelope's recipient. */
struct progress {
	enum progress_state state;
	int tries;
	int kills;    /* lanes in a row that were killed with it */
	int64_t last; /* when it was tried last, in seconds since 1970; 0: not yet */
	int64_t next; /* when it will be tried next; 0: as soon as can be */
	bool noticed; /* the sender was told of the state: of SENT or FAILED */
	bool warned;  /* the sender was told that it takes long */
};

/* The zero value can be freed, with fd -1. */
struct entry {
	char id[ENTRY_ID_SIZE]; /* the name of the file; in order of time */
	struct ticket ticket;
	struct envelope envelope;  /* the outcomes are those of the last try */
	struct progress *progress; /* one for each recipient */
	struct source source;      /* the message; read as often as needed */
	int fd;                    /* of the file; the lock lives with it */
	int64_t journal_at; /* where the next record is to stand: after all whole ones */
	int64_t size;       /* of the file */
};

void entry_init(struct entry *e);
void entry_free(struct entry *e);

/* How many recipients wait. None: what is left to be done are notices, and removing it.
 */
size_t entry_waiting(const struct entry *e);

/* When the first of them is to be tried; 0: now; INT64_MAX: nobody waits. */
int64_t entry_next(const struct entry *e);

/* A new name: the moment, in microseconds, and a random part. */
void entry_new_id(char id[ENTRY_ID_SIZE]);
bool entry_is_id(const char *name);

/* Fills the head, and appends the envelope and the first records of the journal: what
 * stands before and behind the message. Reads the message once, for its checksum. Fails
 * with CAUSE_ADDRESS where an address can't be kept in a line, with CAUSE_MESSAGE where
 * there is too much of them, or as source_next(). */
bool entry_write(const struct ticket *t, const struct envelope *e, struct source *m,
    char head[ENTRY_HEAD], struct buf *tail, struct outcome *o);

/* Reads the open file e->fd: all but the message, or, with `whole`, that too; then the
 * source reads it. All that is read is checked: CAUSE_QUEUE_ENTRY where the file is
 * truncated, torn, or no mail of ours. */
bool entry_read(struct entry *e, bool whole, struct outcome *o);

#endif
