/* SPDX-License-Identifier: ISC
 *
 * news.h - changes of accounts, as the runner sees them: kept for all, and told once
 */
#ifndef QUEUE_NEWS_H
#define QUEUE_NEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "queue/entry.h"
#include "queue/spool.h"
#include "queue/state.h"
#include "smtp/channel.h"

struct news {
	struct spool *spool;
	struct state *state;
	const struct observer *observer; /* NULL: nobody is told */
};

/* Tells one line. */
void news_say(const struct news *n, const char *words);

/* The account of such mails failed, under the configuration with that mark: `held` until
 * somebody mends it, or to be tried again later. */
void news_trouble(const struct news *n, const struct ticket *t, bool held, uint64_t mark,
    const struct outcome *why);

/* It isn't tried yet, and so many mails wait for that: only who sees the dialogue is
 * told, for it is none. */
void news_pause(const struct news *n, const struct ticket *t, size_t waiting);

/* Nothing is due before that; told to the same. */
void news_idle(const struct news *n, int64_t until);

/* It works. */
void news_works(const struct news *n, const struct ticket *t);

#endif
