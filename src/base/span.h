/* SPDX-License-Identifier: ISC
 *
 * span.h - a borrowed piece of text: pointer and length
 *
 * A span owns nothing and needn't end with a NUL. The bytes belong to whoever made them
 * and must outlive the span. Case is folded for ASCII letters only.
 */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct span {
	const char *p;
	size_t n;
};

struct span span_of(const char *s);
struct span span_bytes(const char *p, size_t n);

/* `s` less the spaces, tabs and line ends at both its ends. */
struct span span_trim(struct span s);

/* `s` less the mark that some editors put in front of UTF-8. */
struct span span_skip_mark(struct span s);

/* Takes off the front of *s all up to the first `delim`, which is dropped; all of *s
 * where there is none. False when *s is empty at the start. */
bool span_cut(struct span *s, char delim, struct span *part);

bool span_is(struct span s, const char *text);
bool span_is_nocase(struct span s, const char *text);
bool span_starts_nocase(struct span s, const char *text);

/* Whether any byte is above 0x7f. */
bool span_has_8bit(struct span s);

/* Whether any byte is a control character: below 0x20, or 0x7f. */
bool span_has_control(struct span s);

/* Whether it has no control character but tabs, which are blanks. */
bool span_is_line(struct span s);

/* Reads all of `s` as a number without a sign, in digits of that base, 10 or 16, the
 * latter in small letters. False where it is none, or above `max`. */
bool span_number(struct span s, unsigned base, uint64_t max, uint64_t *n);

/* A new string, owned by the caller. */
char *span_dup(struct span s);

/* The byte classes that the parsers of this program share; each takes any char. */
bool is_blank(char c);   /* space or tab */
bool is_control(char c); /* below 0x20, or 0x7f */
bool is_8bit(char c);    /* 0x80 and above */
bool is_digit(char c);

/* How much of it is shown, for "%.*s". */
static inline int
span_shown(struct span s, int max)
{
	return s.n < (size_t)max ? (int)s.n : max;
}

#endif
