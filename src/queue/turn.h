/* SPDX-License-Identifier: ISC
 *
 * turn.h - the processes that run the queues of users, of which so many run at once
 *
 * Where others wait, whoever has run for a while is asked to end, and killed where that
 * doesn't help: a mail is lost by neither. So nobody's mails, files or locks can keep the
 * others back for longer. One that fails is run again later and later.
 */
#ifndef QUEUE_TURN_H
#define QUEUE_TURN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Milliseconds until it is asked to end, and from then on until it has to. */
#define TURN_TIME 60000
#define TURN_GRACE 60000

/* Seconds from its start until the same queue is run again; doubled with each failure in
 * a row, up to this many times. */
#define TURN_PAUSE 60
#define TURN_DOUBLED_MAX 4

/* Times are those of clock.h. */
struct turn {
	uid_t user;
	pid_t pid;         /* 0: it has ended */
	int64_t again;     /* not before */
	int64_t until;     /* then it is asked to end, or killed, where others wait */
	bool is_asked;     /* to end */
	bool is_cut;       /* it was, so that something may be left to be done */
	unsigned failures; /* in a row */
};

struct turns {
	struct turn *v;
	size_t n, running, most;
	int64_t time, grace; /* TURN_TIME and TURN_GRACE, but in tests */
	int64_t pressed;     /* nobody is asked before: who was needs a moment */
};

void turns_init(struct turns *t, size_t most);
void turns_free(struct turns *t);

/* That of the user; NULL: they have had none yet. */
struct turn *turns_find(const struct turns *t, uid_t user);
struct turn *turns_add(struct turns *t, uid_t user);

/* Notes that its process has begun, or could not (-1); and that one has ended: whose it
 * was, or NULL. */
void turns_begin(struct turns *t, struct turn *turn, pid_t pid);
struct turn *turns_end(struct turns *t, pid_t pid, int status);

/* For who waits for one to end: asks the one that has had most of its time, or kills it.
 * Returns when that is to be done next. */
int64_t turns_press(struct turns *t);

/* When the first of those that have ended may begin again; INT64_MAX: there are none. */
int64_t turns_next(const struct turns *t);

/* One that was cut short; NULL: there is none. */
struct turn *turns_cut(const struct turns *t);

/* Asks all to end. */
void turns_stop(const struct turns *t);

#endif
