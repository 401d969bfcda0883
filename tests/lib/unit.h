/* SPDX-License-Identifier: ISC
 *
 * unit.h - what every unit test begins with: cmocka and what it needs first, and checks
 * for tables
 *
 * cmocka's own assertions name a line of the test, and in a table all cases fail on the
 * same one. The checks here take a label first, which names the case.
 */
#ifndef LIB_UNIT_H
#define LIB_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* A test: its name is a sentence that says what is the case. */
#define TEST(name) static void name(void **state __attribute__((unused)))

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static inline void
unit_check(const char *file, int line, const char *label, const char *what, bool ok)
{
	if (ok)
		return;
	print_error("[%s] %s\n", label, what);
	_fail(file, line);
}

static inline void
unit_check_int(
    const char *file, int line, const char *label, const char *what, long got, long want)
{
	if (got == want)
		return;
	print_error("[%s] %s is %ld, not %ld\n", label, what, got, want);
	_fail(file, line);
}

/* Long texts are shown from a little before where they part. */
static inline const char *
unit_from(const char *text, size_t same)
{
	return text == NULL ? "(none)" : same > 300 ? text + same - 60 : text;
}

static inline void
unit_check_text(const char *file, int line, const char *label, const char *what,
    const char *got, const char *want)
{
	size_t same = 0;

	if (got == NULL || want == NULL ? got == want : strcmp(got, want) == 0)
		return;
	while (got != NULL && want != NULL && got[same] == want[same])
		same++;
	print_error("[%s] %s is\n  %.600s\nand not\n  %.600s\n", label, what,
	    unit_from(got, same), unit_from(want, same));
	_fail(file, line);
}

static inline void
unit_check_part(const char *file, int line, const char *label, const char *what,
    const char *got, const char *part)
{
	if (got != NULL && strstr(got, part) != NULL)
		return;
	print_error("[%s] %s is\n  %.600s\nand lacks\n  %s\n", label, what,
	    got != NULL ? got : "(none)", part);
	_fail(file, line);
}

#define check(label, ok) unit_check(__FILE__, __LINE__, label, #ok, ok)
#define check_int(label, got, want)                                                      \
	unit_check_int(__FILE__, __LINE__, label, #got, (long)(got), (long)(want))
/* Texts are equal; NULL equals NULL only. */
#define check_text(label, got, want)                                                     \
	unit_check_text(__FILE__, __LINE__, label, #got, got, want)
/* `part` stands somewhere in `got`. */
#define check_part(label, got, part)                                                     \
	unit_check_part(__FILE__, __LINE__, label, #got, got, part)

#endif
