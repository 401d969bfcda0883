/* SPDX-License-Identifier: ISC
 *
 * line.h - a command line from a text
 */
#ifndef LIB_LINE_H
#define LIB_LINE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/invocation.h"

#define LINE_WORDS_MAX 32

/* Cut at blanks; "_" stands for an empty word. */
struct line {
	char *text; /* owned: free() it after what was parsed from it */
	char *argv[LINE_WORDS_MAX + 1];
	int argc;
};

bool line_parse(
    struct invocation *v, struct line *l, const char *text, struct outcome *o);

#endif
