/* SPDX-License-Identifier: ISC
 *
 * fuzz.h - what every fuzz target is
 *
 * A target takes any bytes at all and calls abort() where something that must always be
 * true isn't. libFuzzer looks for such bytes (--enable-fuzz); without it replay.c is the
 * main program, and runs the target over its corpus.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/outcome.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must be true. */
#define must(condition)                                                                  \
	do {                                                                             \
		if (!(condition)) {                                                      \
			(void)fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, \
			    #condition);                                                 \
			abort();                                                         \
		}                                                                        \
	} while (0)

/* That a file's mistake is told so: its name, the line, which is one of the text, and
 * words. */
static inline void
must_be_mistake(const struct outcome *o, struct span text, const char *name)
{
	const size_t n = strlen(name);
	long line, lines = 1;
	char *end = NULL;

	for (size_t i = 0; i < text.n; i++)
		lines += text.p[i] == '\n';
	must(o->cause == CAUSE_CONFIG);
	must(strncmp(o->text, name, n) == 0 && o->text[n] == ':');
	line = strtol(o->text + n + 1, &end, 10);
	must(line >= 1 && line <= lines);
	must(strncmp(end, ": ", 2) == 0 && end[2] != '\0');
}

#endif
