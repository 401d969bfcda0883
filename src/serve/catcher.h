/* SPDX-License-Identifier: ISC
 *
 * catcher.h - a sink that delivers nothing: mail is shown, or put where somebody looks at
 * it, and may be waited for
 *
 * What was seen is shared with the processes that serve sessions, and each mail is shown
 * as one piece.
 */
#ifndef SERVE_CATCHER_H
#define SERVE_CATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "serve/expect.h"
#include "serve/fault.h"
#include "serve/sink.h"

#define CATCHER_LIST_MAX 64 /* of faults, and of expectations */

/* The mail that came nearest to an expectation. */
struct catcher_near {
	uint64_t mail; /* counted from 1; 0: none came */
	struct expect_miss miss;
};

struct catcher_seen {
	uint64_t random; /* what the seed has become */
	uint64_t mails;
	bool met[CATCHER_LIST_MAX]; /* by expectation */
	struct catcher_near near[CATCHER_LIST_MAX];
	struct fault_memory fault[CATCHER_LIST_MAX];
};

/* Strings are borrowed. */
struct catcher {
	const struct account *account; /* of which catch_to and catch_format count */
	struct fault fault[CATCHER_LIST_MAX];
	size_t faults;
	int reached[CATCHER_LIST_MAX]; /* how often this session has come to a fault's
					  stage */
	const char *expect[CATCHER_LIST_MAX]; /* see expect.h */
	size_t expects;
	uint64_t count;      /* mails that are waited for; 0: as many as come */
	const char *command; /* see hook.h; NULL: none */
	/* Hears, line for line, what the command has to say, and of each mail that it
	 * doesn't take. NULL: nobody does. */
	void (*tell)(void *arg, struct span line);
	void *arg;
	int wake;                  /* an eventfd(2), readable behind each mail */
	struct catcher_seen *seen; /* shared */
	int lock;                  /* a file without a name */
};

extern const struct sink catcher_sink; /* whose self is a struct catcher * */

/* Makes what is shared, once the members above it are set; CAUSE_SYSTEM. */
bool catcher_open(struct catcher *c, uint64_t seed, struct outcome *o);
void catcher_close(struct catcher *c);

/* Whether something is waited for; and whether all of it has come. */
bool catcher_waits(const struct catcher *c);
bool catcher_is_content(const struct catcher *c);

/* Whether as many mails as wanted have come, or, where their number isn't given, all that
 * was expected: there is no reason to go on. */
bool catcher_is_done(const struct catcher *c);

#endif
