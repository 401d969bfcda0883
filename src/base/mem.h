/* SPDX-License-Identifier: ISC
 *
 * mem.h - memory that is always there
 *
 * Each call returns memory or ends the program with EX_OSERR, so no caller checks. The
 * caller owns the result and frees it with free().
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Says so and ends the program with EX_OSERR: for those who allocate by other means. */
void mem_exhausted(void) __attribute__((noreturn));

/* `n` zeroed bytes. */
void *mem_new(size_t n);

/* `p` grown or shrunk to `n` items of `size` bytes each; new bytes are not zeroed. */
void *mem_grow(void *p, size_t n, size_t size);

/* Makes room in `p` for one item more than its `n`; doubles, so that appending is cheap.
 */
void *mem_room(void *p, size_t n, size_t size);

char *mem_dup(const char *s);

/* The `n` bytes at `p` with a NUL behind them. */
char *mem_dup_bytes(const char *p, size_t n);

/* A new string, formatted as by vasprintf(3). */
char *mem_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
