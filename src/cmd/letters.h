/* SPDX-License-Identifier: ISC
 *
 * letters.h - the options of sendmail(8), and what each means here
 */
#ifndef CMD_LETTERS_H
#define CMD_LETTERS_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/span.h"
#include "cmd/invocation.h"

/* The command line while it is read. */
struct words {
	struct invocation *v;
	char **argv;
	int argc;
	int next;       /* the word that is read next */
	char option[4]; /* the one that is being taken: "-f", "-oA" */
};

/* Takes an option; some of old look for their value in the next word. Fails with
 * CAUSE_USAGE or CAUSE_FORBIDDEN. */
typedef bool take(struct words *w, const char *value, struct outcome *o);

enum argument {
	NONE,
	NEEDED,  /* in the same word, or the next one */
	ATTACHED /* in the same word, or not at all */
};

struct letter {
	char letter;      /* 0: there is a long name only */
	const char *name; /* the long one; NULL: there is a letter only */
	enum argument argument;
	take *take;          /* what takes it; NULL: */
	const char *setting; /* the one that gets the value; NULL: */
	enum action action;  /* what our own command line calls it */
};

/* NULL: there is no such option. */
const struct letter *letter_find(char letter);
const struct letter *letter_find_name(struct span name);

/* Takes one with its value, "" where there is none. */
bool letter_take(
    struct words *w, const struct letter *l, const char *value, struct outcome *o);

/* The long name that may have been meant; NULL: none. */
const char *letter_near(struct span name);

#endif
