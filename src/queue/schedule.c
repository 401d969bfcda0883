/* SPDX-License-Identifier: ISC */
#include "queue/schedule.h"

#include <stddef.h>

#define MINUTE 60
#define HOUR (60 * MINUTE)

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const time_t message_pauses[] = { 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,
	2 * HOUR, 4 * HOUR };
static const time_t account_pauses[] = { MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE,
	20 * MINUTE, 30 * MINUTE };

/* The pause after so many failures; the last of the `n` is for all that follow. */
static time_t
pause_after(const time_t *pauses, size_t n, unsigned failures)
{
	size_t i = failures > 0 ? failures - 1 : 0;

	return pauses[i < n ? i : n - 1];
}

time_t
schedule_message_pause(unsigned tries)
{
	return pause_after(message_pauses, COUNT(message_pauses), tries);
}

time_t
schedule_account_pause(unsigned failures, uint32_t random)
{
	time_t pause = pause_after(account_pauses, COUNT(account_pauses), failures);
	time_t fifth = pause / 5;

	if (failures <= COUNT(account_pauses))
		return pause;
	return pause - fifth + (time_t)(random % (uint32_t)(2 * fifth + 1));
}

enum age
schedule_age(time_t created, time_t now, time_t warn, time_t lifetime)
{
	time_t age = now > created ? now - created : 0;

	if (lifetime > 0 && age >= lifetime)
		return AGE_EXPIRED;
	return warn > 0 && age >= warn ? AGE_LATE : AGE_YOUNG;
}
