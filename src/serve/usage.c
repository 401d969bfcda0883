/* SPDX-License-Identifier: ISC */
#include "serve/usage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/clock.h"
#include "base/file.h"

#define NAME_MAX_LENGTH 64
#define WAYS 16 /* records among which a client's is looked for */
#define SETS (USAGE_CLIENTS_MAX / WAYS)
#define MARK 0x6d63757361676531 /* of a record of this form */
#define LOCK_WAIT_MS 2000
#define SECOND 1000000
#define PERIODS 2 /* an hour, and a day */
#define WAITING_MAX (1ULL << 60)

/* Moments are as of usage_now(). */
struct record {
	uint64_t mark;
	char who[NAME_MAX_LENGTH];
	int64_t full_again[USAGE_LAST][PERIODS];
	struct usage_waiting waiting;
	int64_t seen;
};

/* The record of a client, while nobody else may use it. */
struct held {
	off_t set; /* where its set begins */
	size_t at; /* its place in it */
	struct record record;
};

/* Who can open it can lock it, and keep everybody waiting. */
static bool
is_ours_alone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0;
}

bool
usage_open(struct usage *u, const char *file, struct outcome *o)
{
	u->fd = open(file, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	if (u->fd >= 0 && is_ours_alone(u->fd))
		return true;
	if (u->fd >= 0)
		return outcome_fail(o, CAUSE_CONFIG,
		    "what clients send is counted in %s, and others than the user who "
		    "serves can open that: rm %s",
		    file, file);
	return outcome_fail(o, CAUSE_CONFIG,
	    "what clients send can't be counted in %s: %s; $STATE_DIRECTORY names "
	    "another place",
	    file, strerror(errno));
}

void
usage_close(struct usage *u)
{
	if (u->fd >= 0)
		(void)close(u->fd);
	u->fd = -1;
}

int64_t
usage_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SECOND + t.tv_nsec / 1000;
}

/* What else may stand in a file that was damaged can't be reckoned with. */
static bool
is_sound(const struct record *r)
{
	for (size_t i = 0; i < USAGE_LAST; i++)
		for (size_t k = 0; k < PERIODS; k++)
			if (r->full_again[i][k] < 0)
				return false;
	return r->mark == MARK && r->waiting.counted >= 0 &&
	       r->waiting.bytes < WAITING_MAX && r->waiting.since < WAITING_MAX;
}

static bool
is_of(const struct record *r, const char *who)
{
	return is_sound(r) && strncmp(r->who, who, sizeof r->who - 1) == 0;
}

/* Their own, or one that is free, or that of who wasn't seen for longest. */
static size_t
find(const struct record set[WAYS], const char *who)
{
	size_t oldest = 0;

	for (size_t i = 0; i < WAYS; i++)
		if (is_of(&set[i], who))
			return i;
	for (size_t i = 0; i < WAYS; i++) {
		if (!is_sound(&set[i]))
			return i;
		if (set[i].seen < set[oldest].seen)
			oldest = i;
	}
	return oldest;
}

static bool
lock_set(int fd, off_t set)
{
	const off_t length = WAYS * sizeof(struct record);

	return fd_lock(fd, set, length, clock_in(LOCK_WAIT_MS));
}

static void
let_go(const struct usage *u, const struct held *h)
{
	fd_unlock(u->fd, h->set, WAYS * sizeof(struct record));
}

static bool
hold(const struct usage *u, const char *who, int64_t now, struct held *h)
{
	struct record set[WAYS] = { { .mark = 0 } };

	h->set = (off_t)(checksum_add(0, span_of(who)) % SETS * sizeof set);
	if (u->fd < 0 || !lock_set(u->fd, h->set))
		return false;
	if (pread(u->fd, set, sizeof set, h->set) < 0) {
		let_go(u, h);
		return false;
	}
	h->at = find(set, who);
	h->record = set[h->at];
	if (!is_of(&h->record, who)) {
		h->record = (struct record){ .mark = MARK };
		(void)snprintf(h->record.who, sizeof h->record.who, "%s", who);
	}
	h->record.seen = now;
	return true;
}

static void
keep(const struct usage *u, const struct held *h)
{
	/* who can't be counted may send */
	(void)!pwrite(u->fd, &h->record, sizeof h->record,
	    h->set + (off_t)(h->at * sizeof h->record));
}

/* How long until one may be taken out of a bucket of `most`, which fills in `period`. A
 * clock that was set back makes nobody wait for longer than that. */
static int64_t
pause_for(int64_t full_again, int64_t period, int most, int64_t now)
{
	int64_t missing = full_again - now;

	if (missing < 0)
		missing = 0;
	if (missing > period)
		missing = period;
	return missing + period / most - period;
}

static void
take_one(int64_t *full_again, int64_t period, int most, int64_t now)
{
	if (*full_again < now)
		*full_again = now;
	if (*full_again > now + period)
		*full_again = now + period;
	*full_again += period / most;
}

int64_t
usage_take(const struct usage *u, const char *who, enum usage_of what,
    const struct usage_limits *limits, int64_t now)
{
	static const int64_t periods[PERIODS] = { (int64_t)3600 * SECOND,
		(int64_t)86400 * SECOND };
	const int most[PERIODS] = { limits->hour, limits->day };
	int64_t *full_again, pause = 0;
	struct held h;

	if ((most[0] == 0 && most[1] == 0) || !hold(u, who, now, &h))
		return 0;
	full_again = h.record.full_again[what];
	for (size_t i = 0; i < PERIODS; i++) {
		const int64_t one =
		    most[i] > 0 ? pause_for(full_again[i], periods[i], most[i], now) : 0;

		pause = one > pause ? one : pause;
	}
	for (size_t i = 0; i < PERIODS && pause == 0; i++)
		if (most[i] > 0)
			take_one(&full_again[i], periods[i], most[i], now);
	if (pause == 0)
		keep(u, &h);
	let_go(u, &h);
	return (pause + SECOND - 1) / SECOND;
}

struct usage_waiting
usage_waiting(const struct usage *u, const char *who, int64_t now)
{
	struct held h;

	if (!hold(u, who, now, &h))
		return (struct usage_waiting){ .counted = 0 };
	let_go(u, &h);
	return h.record.waiting;
}

void
usage_add_waiting(const struct usage *u, const char *who, uint64_t bytes, int64_t now)
{
	struct held h;

	if (!hold(u, who, now, &h))
		return;
	h.record.waiting.since += bytes;
	keep(u, &h);
	let_go(u, &h);
}

void
usage_set_waiting(const struct usage *u, const char *who, uint64_t bytes, int64_t now)
{
	struct held h;

	if (!hold(u, who, now, &h))
		return;
	h.record.waiting = (struct usage_waiting){ .bytes = bytes, .counted = now };
	keep(u, &h);
	let_go(u, &h);
}
