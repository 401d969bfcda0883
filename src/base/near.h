/* SPDX-License-Identifier: ISC
 *
 * near.h - did you mean?
 */
#ifndef BASE_NEAR_H
#define BASE_NEAR_H

#include <stddef.h>

#include "base/span.h"

struct near {
	struct span word; /* what was typed */
	const char *best; /* the nearest candidate so far, or NULL */
	size_t best_steps;
};

/* Begins a search for the candidate nearest to `word`. */
struct near near_start(struct span word);

/* Considers one candidate, which must outlive the search. A candidate counts as near when
 * at most a third of its letters, and at most two, were changed, swapped, lost or added.
 */
void near_try(struct near *n, const char *candidate);

#endif
