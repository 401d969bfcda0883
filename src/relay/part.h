/* SPDX-License-Identifier: ISC
 *
 * part.h - some of an envelope's recipients, as an envelope of their own
 *
 * Who sends a mail in parts takes the outcomes back with part_join().
 */
#ifndef RELAY_PART_H
#define RELAY_PART_H

#include "mail/envelope.h"

struct part {
	struct envelope envelope;
	size_t *at; /* by recipient of the whole: its place in the part, or PART_NONE */
	size_t whole;
};

#define PART_NONE ((size_t)-1)

/* An empty part of the whole, which must not change from then on, but for outcomes. */
void part_init(struct part *p, const struct envelope *whole);
void part_free(struct part *p);

/* Takes in recipient `i` of the whole; as `address`, where that isn't NULL: all of a part
 * are somebody else then, and the same. */
void part_add(
    struct part *p, const struct envelope *whole, size_t i, const char *address);

/* Gives each recipient of the whole that is in the part its outcome there. */
void part_join(const struct part *p, struct envelope *whole);

#endif
