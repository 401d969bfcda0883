/* SPDX-License-Identifier: ISC */
#include "base/span.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

struct span
span_of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

struct span
span_bytes(const char *p, size_t n)
{
	return (struct span){ p, n };
}

static bool
is_space(char c)
{
	return is_blank(c) || c == '\r' || c == '\n';
}

struct span
span_trim(struct span s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span
span_skip_mark(struct span s)
{
	static const char mark[] = "\xef\xbb\xbf";
	const size_t n = sizeof mark - 1;

	return s.n >= n && memcmp(s.p, mark, n) == 0 ? span_bytes(s.p + n, s.n - n) : s;
}

bool
span_cut(struct span *s, char delim, struct span *part)
{
	const char *end;

	if (s->n == 0)
		return false;
	end = memchr(s->p, delim, s->n);
	*part = span_bytes(s->p, end != NULL ? (size_t)(end - s->p) : s->n);
	s->p += part->n + (end != NULL);
	s->n -= part->n + (end != NULL);
	return true;
}

bool
span_is(struct span s, const char *text)
{
	size_t i = 0;

	while (i < s.n && text[i] != '\0' && text[i] == s.p[i])
		i++;
	return i == s.n && text[i] == '\0';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* How many bytes at the beginnings of both are the same but for case. */
static size_t
alike(struct span s, const char *text)
{
	size_t i = 0;

	while (i < s.n && text[i] != '\0' && lower(text[i]) == lower(s.p[i]))
		i++;
	return i;
}

bool
span_is_nocase(struct span s, const char *text)
{
	return alike(s, text) == s.n && text[s.n] == '\0';
}

bool
span_starts_nocase(struct span s, const char *text)
{
	return text[alike(s, text)] == '\0';
}

/* Many bytes at a time, and no early exit: mails of many megabytes come through here. */
bool
span_has_8bit(struct span s)
{
	const uint64_t mask = 0x8080808080808080;
	uint64_t all = 0, word[4];
	size_t i = 0;

	for (; i + sizeof word <= s.n; i += sizeof word) {
		memcpy(word, s.p + i, sizeof word);
		all |= word[0] | word[1] | word[2] | word[3];
	}
	for (; i < s.n; i++)
		all |= (unsigned char)s.p[i];
	return (all & mask) != 0;
}

bool
span_has_control(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]))
			return true;
	return false;
}

bool
span_is_line(struct span s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_control(s.p[i]) && s.p[i] != '\t')
			return false;
	return true;
}

bool
span_number(struct span s, unsigned base, uint64_t max, uint64_t *n)
{
	static const char digits[] = "0123456789abcdef";

	*n = 0;
	for (size_t i = 0; i < s.n; i++) {
		const char *digit = memchr(digits, s.p[i], base);
		unsigned value = digit != NULL ? (unsigned)(digit - digits) : base;

		if (value == base || value > max || *n > (max - value) / base)
			return false;
		*n = *n * base + value;
	}
	return s.n > 0;
}

char *
span_dup(struct span s)
{
	return mem_dup_bytes(s.p, s.n);
}

bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
is_control(char c)
{
	return (unsigned char)c < 0x20 || c == 0x7f;
}

bool
is_8bit(char c)
{
	return ((unsigned char)c & 0x80) != 0;
}

bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}
