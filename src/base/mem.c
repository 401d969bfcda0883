/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

void
mem_exhausted(void)
{
	(void)fputs("mailchute: out of memory\n", stderr);
	exit(EX_OSERR);
}

static void *
must(void *p)
{
	if (p == NULL)
		mem_exhausted();
	return p;
}

void *
mem_new(size_t n)
{
	return must(calloc(1, n > 0 ? n : 1));
}

void *
mem_grow(void *p, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		mem_exhausted();
	return must(realloc(p, n * size > 0 ? n * size : 1));
}

void *
mem_room(void *p, size_t n, size_t size)
{
	if (n > 0 && (n & (n - 1)) != 0)
		return p; /* there is room up to the next power of two */
	return mem_grow(p, n > 0 ? n * 2 : 1, size);
}

char *
mem_dup(const char *s)
{
	return must(strdup(s));
}

char *
mem_dup_bytes(const char *p, size_t n)
{
	char *s = mem_new(n + 1);

	memcpy(s, p, n);
	return s;
}

char *
mem_printf(const char *fmt, ...)
{
	va_list ap;
	char *s = NULL;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	return must(n < 0 ? NULL : s);
}
