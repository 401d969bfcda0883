/* SPDX-License-Identifier: ISC
 *
 * buf.h - growable bytes with a mandatory limit
 *
 * A buf holds at most `max` bytes. An append that would pass the limit is dropped whole
 * and marks the buf as overflowed; later appends are dropped as well, so that a caller
 * builds first and asks buf_ok() once, at the end. `data` always ends with a NUL that
 * `len` doesn't count. The holder frees it with buf_free(); freeing twice is fine.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

struct buf {
	char *data; /* never NULL */
	size_t len;
	size_t cap;  /* 0: nothing allocated yet */
	size_t high; /* what is no longer there may still stand up to here */
	size_t max;
	bool overflow;
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);

/* Empty again, and no longer overflowed; the memory is kept. */
void buf_clear(struct buf *b);

/* As buf_clear() and buf_free(), with every byte overwritten that there ever was: for
 * secrets. A buf that will hold one is given its full size at the start by buf_reserve(),
 * because growing leaves a copy behind. */
void buf_clear_secret(struct buf *b);
void buf_free_secret(struct buf *b);
void buf_reserve(struct buf *b, size_t n);

/* How many bytes can be put at data + len before it has to grow; buf_filled() says that
 * `n` were. */
size_t buf_room(const struct buf *b);
void buf_filled(struct buf *b, size_t n);

void buf_add(struct buf *b, const void *p, size_t n);
void buf_addc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_add_span(struct buf *b, struct span s);
/* Appends the bytes of `s` that aren't `c`. */
void buf_add_without(struct buf *b, struct span s, char c);
void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Shortens to `n` bytes; `n` is at most len. */
void buf_truncate(struct buf *b, size_t n);

/* Drops `n` bytes from the front; `n` is at most len. */
void buf_consume(struct buf *b, size_t n);

struct span buf_span(const struct buf *b);

/* The text as a string of the caller's; the buf is freed. */
char *buf_take(struct buf *b);

static inline bool
buf_ok(const struct buf *b)
{
	return !b->overflow;
}

#endif
