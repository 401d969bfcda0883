/* SPDX-License-Identifier: ISC
 *
 * clock.h - deadlines
 *
 * A deadline is a moment of the monotonic clock, in milliseconds; it goes down the call
 * chain as it is, so that ten waits under one deadline take no longer than one. Steps of
 * the wall clock don't move it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

/* Now, in milliseconds since some fixed moment. */
int64_t clock_now(void);

/* The deadline that lies `ms` milliseconds ahead. */
int64_t clock_in(int64_t ms);

/* Milliseconds left, as poll(2) takes them: 0 when the deadline has passed. */
int clock_left(int64_t deadline);

/* Does nothing for so many milliseconds, whatever signals come. */
void clock_pause(int ms);

static inline int64_t
clock_first(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

#endif
