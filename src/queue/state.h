/* SPDX-License-Identifier: ISC
 *
 * state.h - what a queue knows beside its mails: which accounts are in trouble, and who
 * was sent how many notices
 *
 * It is kept in a small file of the queue, `state`, which the runner replaces as a whole,
 * and others may read at any time. Nothing in it is needed to keep a mail safe: without
 * the file, an account is tried once more. Words in a line have tabs between; RECORD is
 * as in a journal (journal.h): its time, next and tries are those of the account.
 *
 *	account NAME CONFIG HELD SINCE MARK RECORD
 *	notices SENDER SINCE COUNT
 *
 * Where root runs the queues of all users, it keeps the accounts, which they share, in
 * the file of its own queue, for a user could else have an account tried as often as they
 * like. What the users have in theirs is a copy, for them to read.
 */
#ifndef QUEUE_STATE_H
#define QUEUE_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "base/outcome.h"
#include "queue/entry.h"
#include "queue/spool.h"

/* Bytes of the file: a larger one counts as none. */
#define STATE_MAX (16 * 1024 * 1024)

/* An account that can't be used for now. */
struct account_state {
	char *account; /* as in a ticket; owned */
	char *config;  /* the same; NULL: the usual files */
	int64_t since;
	int64_t tried;     /* last */
	int64_t next;      /* when it is tried again */
	unsigned failures; /* in a row */
	bool failed_now;   /* in this run; not kept */
	bool held;     /* somebody must mend a setting: nothing is bounced meanwhile */
	uint64_t mark; /* of the configuration, see agent.h */
	struct outcome why;
};

/* How many notices a sender got since then. */
struct notice_count {
	char *sender; /* owned */
	int64_t since;
	unsigned n;
};

/* Of a file that is replaced as a whole; zero: there is none. The next but one may have
 * the number of this one. */
struct version {
	ino_t file;
	struct timespec changed;
};

/* The zero value is that of a queue without trouble. */
struct state {
	struct account_state *account;
	size_t n;
	struct notice_count *notices;
	size_t n_notices;
	struct version version; /* of the accounts, that was read or written last */
	bool is_news; /* the accounts were read from elsewhere: the queue's copy is old */
};

/* Reads the file; what makes no sense in it doesn't count. */
void state_load(struct state *s, const struct spool *spool);

/* For who changes an account: has what the runners of other queues have changed meanwhile
 * read, and them wait until state_leave(), which writes it for them, and gets what this
 * returns. */
int state_join(struct state *s, const struct spool *spool);
void state_leave(struct state *s, const struct spool *spool, int joined);

/* Reads the accounts again, where the file is another one than that which was read or
 * written last: somebody has released one, or found it in trouble. */
void state_refresh(struct state *s, const struct spool *spool);

/* Replaces the file. Fails with CAUSE_QUEUE. */
bool state_save(struct state *s, const struct spool *spool, struct outcome *o);

void state_free(struct state *s);

/* The account of such a mail, where it is in trouble; NULL: it isn't. Good until the next
 * account is added or taken out. */
struct account_state *state_find(const struct state *s, const struct ticket *t);

/* Whether an account that the configuration doesn't have is to be noted: not past so many
 * of them, because whoever writes into a queue can invent any number. */
#define STATE_UNKNOWN_MAX 100
bool state_takes_unknown(const struct state *s);

/* Notes that the account failed at `now`: held, or to be tried again later. True where
 * that is news, to be told once. */
bool state_fail(struct state *s, const struct ticket *t, bool held, uint64_t mark,
    const struct outcome *why, int64_t now);

/* Notes that the account works. True where that is news. */
bool state_clear(struct state *s, const struct ticket *t);

/* Whether an account waits for its next try, and for nobody to mend anything. */
bool state_waits(const struct state *s);

/* Accounts that wait are to be tried at once; with `forced`, also those that are held.
 * True where there are any that weren't, before. */
bool state_hurry(struct state *s, bool forced);

/* Releases the account in the queue's file: for who has seen that it works. */
bool state_release(const struct spool *spool, const struct ticket *t, struct outcome *o);

/* How many more notices the sender may get in this hour, of NOTICES_MAX; and counts one.
 */
#define NOTICES_MAX 20
unsigned state_notices_left(struct state *s, const char *sender, int64_t now);
void state_count_notice(struct state *s, const char *sender, int64_t now);

#endif
