/* SPDX-License-Identifier: ISC */
#include "base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* What an empty buf points at: never written to. */
static char nothing[1];

void
buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .data = nothing, .max = max };
}

void
buf_free(struct buf *b)
{
	if (b->cap > 0)
		free(b->data);
	buf_init(b, b->max);
}

void
buf_clear(struct buf *b)
{
	b->overflow = false;
	buf_truncate(b, 0);
}

void
buf_clear_secret(struct buf *b)
{
	buf_clear(b);
	if (b->high > 0)
		explicit_bzero(b->data, b->high);
	b->high = 0;
}

void
buf_free_secret(struct buf *b)
{
	buf_clear_secret(b);
	buf_free(b);
}

static void
set_capacity(struct buf *b, size_t cap)
{
	b->data = mem_grow(b->cap > 0 ? b->data : NULL, cap, 1);
	b->cap = cap;
	b->data[b->len] = '\0';
}

void
buf_reserve(struct buf *b, size_t n)
{
	if (b->cap < n + 1)
		set_capacity(b, n + 1);
}

/* Room for n bytes more and the NUL; false, and the mark, where the limit forbids it. */
static bool
make_room(struct buf *b, size_t n)
{
	size_t cap = b->cap > 0 ? b->cap : 64;

	if (b->overflow || n > b->max - b->len) {
		b->overflow = true;
		return false;
	}
	while (cap < b->len + n + 1)
		cap *= 2;
	if (cap != b->cap)
		set_capacity(b, cap);
	return true;
}

size_t
buf_room(const struct buf *b)
{
	const size_t end = b->cap > b->max ? b->max : b->cap - (b->cap > 0);

	return end - b->len;
}

void
buf_filled(struct buf *b, size_t n)
{
	assert(n <= buf_room(b));
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_add(struct buf *b, const void *p, size_t n)
{
	if (n == 0 || !make_room(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void
buf_addc(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void
buf_add_span(struct buf *b, struct span s)
{
	buf_add(b, s.p, s.n);
}

void
buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	const size_t room = b->cap > 0 ? b->cap - b->len : 0;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room > 0 ? b->data + b->len : NULL, room, fmt, again);
	va_end(again);
	assert(n >= 0);
	if (!make_room(b, (size_t)n)) {
		buf_truncate(b, b->len); /* none of it */
		b->high = b->cap;
		return;
	}
	if ((size_t)n >= room)
		(void)vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
}

void
buf_add_without(struct buf *b, struct span s, char c)
{
	while (s.n > 0) {
		const char *at = memchr(s.p, c, s.n);
		size_t n = at != NULL ? (size_t)(at - s.p) : s.n;

		buf_add(b, s.p, n);
		n += at != NULL;
		s = span_bytes(s.p + n, s.n - n);
	}
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
buf_truncate(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (b->high < b->len)
		b->high = b->len;
	b->len = n;
	if (b->cap > 0)
		b->data[n] = '\0';
}

void
buf_consume(struct buf *b, size_t n)
{
	assert(n <= b->len);
	if (n == 0)
		return;
	memmove(b->data, b->data + n, b->len - n);
	buf_truncate(b, b->len - n);
}

struct span
buf_span(const struct buf *b)
{
	return span_bytes(b->data, b->len);
}

char *
buf_take(struct buf *b)
{
	char *s = b->cap > 0 ? b->data : mem_dup("");

	buf_init(b, b->max);
	return s;
}
