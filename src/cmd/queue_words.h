/* SPDX-License-Identifier: ISC
 *
 * queue_words.h - what people get to read about mail in the queue
 */
#ifndef CMD_QUEUE_WORDS_H
#define CMD_QUEUE_WORDS_H

#include <time.h>

#include "base/buf.h"
#include "cmd/queues.h"
#include "queue/state.h"

#define QUEUE_WORDS_MAX 8192

/* "new", "hold" or "failed". */
const char *folder_word(enum folder f);

/* "waiting", "sent" or "failed". */
const char *state_word(enum progress_state s);

/* Appends why recipient `i` waits or has failed, in one line without control characters;
 * nothing, where it wasn't tried. */
void queue_add_reason(struct buf *out, const struct entry *e, size_t i);

/* Appends what comes next for it: "next try at 14:05". */
void queue_add_next(struct buf *out, const struct found *f, size_t i, time_t now);

/* Appends what is wrong with an account, and when it is tried again. */
void queue_add_trouble(struct buf *out, const struct account_state *a, time_t now);

#endif
