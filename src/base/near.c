/* SPDX-License-Identifier: ISC */
#include "base/near.h"

#include <string.h>

#define WORD_MAX 40 /* longer words are nobody's typing error */
#define STEPS_MAX 2

struct near
near_start(struct span word)
{
	return (struct near){ .word = word, .best_steps = STEPS_MAX + 1 };
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The number of changes between two words: optimal string alignment. */
static size_t
steps_between(struct span a, struct span b)
{
	size_t d[WORD_MAX + 1][WORD_MAX + 1];

	for (size_t i = 0; i <= a.n; i++)
		d[i][0] = i;
	for (size_t j = 0; j <= b.n; j++)
		d[0][j] = j;
	for (size_t i = 1; i <= a.n; i++)
		for (size_t j = 1; j <= b.n; j++) {
			size_t change = a.p[i - 1] != b.p[j - 1];

			d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1);
			d[i][j] = least(d[i][j], d[i - 1][j - 1] + change);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
		}
	return d[a.n][b.n];
}

void
near_try(struct near *n, const char *candidate)
{
	struct span c = span_of(candidate);
	size_t steps;

	if (n->word.n > WORD_MAX || c.n > WORD_MAX)
		return;
	steps = steps_between(n->word, c);
	if (steps < n->best_steps && steps * 3 <= c.n) {
		n->best = candidate;
		n->best_steps = steps;
	}
}
