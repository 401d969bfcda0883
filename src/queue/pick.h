/* SPDX-License-Identifier: ISC
 *
 * pick.h - a look at the whole queue: which mails are to be sent now, and when to look
 * again
 */
#ifndef QUEUE_PICK_H
#define QUEUE_PICK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/set.h"
#include "queue/errand.h"
#include "queue/group.h"
#include "queue/news.h"
#include "queue/teller.h"
#include "queue/wish.h"

/* So many mails of an account are picked at once; the next look picks more. */
#define PICK_MAX 10000

/* So many accounts at once; mails of others wait for the next look. */
#define PICK_ACCOUNTS_MAX 1000

struct pick {
	const struct drain_wish *wish;
	struct due due;
	struct set offered;  /* names of mails: where all are tried, each is once */
	struct group *group; /* accounts with mail to be sent; those at work stay */
	size_t n;
	bool looked;  /* once at least */
	int64_t next; /* when something will be due; INT64_MAX: nothing waits */
};

/* The run begins now. */
void pick_begin(struct pick *p, const struct drain_wish *wish);
void pick_end(struct pick *p);

/* Looks at all mails in new/. The teller attends to those that need it, and the groups
 * get those that are due, but for groups that are at work. The first look tells what is
 * not tried yet. Fails as teller_attend(). */
bool pick_mails(
    struct pick *p, const struct news *news, struct teller *teller, struct outcome *o);

/* Mails that can't be tried right now are picked again in a few seconds. */
void pick_put_off(struct pick *p);

/* Takes out one group. */
void pick_drop(struct pick *p, size_t i);

#endif
