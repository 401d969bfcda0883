/* SPDX-License-Identifier: ISC
 *
 * usage.h - how much each client has sent of late, counted over all sessions and kept
 * when the service starts anew
 *
 * A small file has a record for each client. What a client may do in an hour is a bucket:
 * full at first, each mail takes one out, and they come back evenly. So the file holds
 * one moment for each bucket, when it will be full again, and no lists. Its size is
 * fixed: where too many clients come, who was not seen for the longest time is forgotten.
 */
#ifndef SERVE_USAGE_H
#define SERVE_USAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"

#define USAGE_CLIENTS_MAX 4096 /* that are remembered */

enum usage_of { USAGE_MAILS, USAGE_RECIPIENTS, USAGE_LAST };

/* How many may be sent; 0: any number. */
struct usage_limits {
	int hour;
	int day;
};

/* The file; it may be used by many processes, also by those that are forked. */
struct usage {
	int fd; /* -1: nothing is counted */
};

/* Fails with CAUSE_CONFIG, also where others can open it. */
bool usage_open(struct usage *u, const char *file, struct outcome *o);
void usage_close(struct usage *u);

/* The present moment, as the calls below take it: microseconds since 1970. */
int64_t usage_now(void);

/* Takes one out, and returns 0; or nothing, and returns in how many seconds there will be
 * one again. A file that can't be read or written is no reason to refuse a mail. */
int64_t usage_take(const struct usage *u, const char *who, enum usage_of what,
    const struct usage_limits *limits, int64_t now);

/* Bytes of the client's mail in the queue: the last count, and what was put there since.
 * What has left it since is known only by another count. */
struct usage_waiting {
	uint64_t bytes;
	uint64_t since;
	int64_t counted; /* when; 0: never */
};

struct usage_waiting usage_waiting(const struct usage *u, const char *who, int64_t now);
void usage_add_waiting(
    const struct usage *u, const char *who, uint64_t bytes, int64_t now);

/* After a look into the queue. */
void usage_set_waiting(
    const struct usage *u, const char *who, uint64_t bytes, int64_t now);

#endif
