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

#endif
