/* SPDX-License-Identifier: ISC
 *
 * schedule.h - when what waits is tried again, warned of, and given up
 *
 * Two things can be in trouble, and each has its own pauses: a message that a server
 * doesn't take for now, and an account whose server can't be used at all, which stops
 * every message for it. While an account is in trouble, one message is tried after each
 * pause: a probe. Times are seconds since the epoch, and the caller has the clock.
 */
#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H

#include <stdint.h>
#include <time.h>

/* Seconds until a message that was put off `tries` times (1 and more) is tried again: 5,
 * 15 and 30 minutes, 1, 2 and then 4 hours. The first two are what greylisting wants. */
time_t schedule_message_pause(unsigned tries);

/* Seconds until an account that failed `failures` times in a row (1 and more) is probed:
 * 1, 2, 5, 10, 20 and 30 minutes; from then on 30 minutes, give or take a fifth, so that
 * those whose server came back don't all come at once. `random` is any number. */
time_t schedule_account_pause(unsigned failures, uint32_t random);

/* How old a message is, in terms of what its sender must be told. */
enum age {
	AGE_YOUNG,
	AGE_LATE,   /* the sender is warned, if that hasn't been done */
	AGE_EXPIRED /* it is given up */
};

/* `warn` and `lifetime` are seconds; 0: never. A clock that was set back makes nobody
 * old, and who is expired is not late. */
enum age schedule_age(time_t created, time_t now, time_t warn, time_t lifetime);

#endif
