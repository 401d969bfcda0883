/* SPDX-License-Identifier: ISC */
#include "base/utf8.h"

#include <string.h>

/* How many bytes follow the first byte of a character; -1 where it can't begin one. */
static int
followers(unsigned char first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first <= 0xdf)
		return 1;
	if (first >= 0xe0 && first <= 0xef)
		return 2;
	return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

/* Whether the second byte rules out overlong forms, surrogates and code points above
 * U+10FFFF. */
static bool
second_fits(unsigned char first, unsigned char second)
{
	unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;

	return second >= low && second <= high;
}

/* The length of the character that the text begins with; 0 where it is none. */
static size_t
utf8_length(const unsigned char *p, size_t n)
{
	int more = followers(p[0]);

	if (more < 0 || (size_t)more >= n || (more > 0 && !second_fits(p[0], p[1])))
		return 0;
	for (int k = 2; k <= more; k++)
		if ((p[k] & 0xc0) != 0x80)
			return 0;
	return 1 + (size_t)more;
}

bool
is_utf8(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0, length; i < s.n; i += length) {
		length = utf8_length(p + i, s.n - i);
		if (length == 0)
			return false;
	}
	return true;
}

static void
utf8_take(struct utf8 *u, unsigned char c)
{
	if (u->more == 0) {
		u->more = followers(c);
		u->first = c;
		u->begun = true;
		u->bad |= u->more < 0;
	} else {
		u->bad |= u->begun ? !second_fits(u->first, c) : (c & 0xc0) != 0x80;
		u->begun = false;
		u->more--;
	}
}

void
utf8_feed(struct utf8 *u, struct span part)
{
	if (u->more == 0 && !span_has_8bit(part))
		return;
	for (size_t i = 0; i < part.n && !u->bad; i++)
		utf8_take(u, (unsigned char)part.p[i]);
}

bool
utf8_is_whole(const struct utf8 *u)
{
	return !u->bad && u->more == 0;
}

/* Whether a character of that length could make a terminal do something, or show other
 * characters in another order than they have: C1 controls, U+061C, U+200E, U+200F, U+2028
 * to U+202E and U+2066 to U+2069. */
static bool
is_unfit(const unsigned char *p, size_t length)
{
	if (length == 1)
		return is_control((char)p[0]);
	if (length == 2)
		return (p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xd8 && p[1] == 0x9c);
	if (length != 3 || p[0] != 0xe2)
		return false;
	return (p[1] == 0x80 &&
		   ((p[2] >= 0xa8 && p[2] <= 0xae) || p[2] == 0x8e || p[2] == 0x8f)) ||
	       (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9);
}

void
make_printable(char *s, size_t n, char line_end)
{
	const unsigned char *p = (const unsigned char *)s;

	for (size_t i = 0, length; i < n; i += length) {
		const size_t valid = utf8_length(p + i, n - i);

		length = valid > 0 ? valid : 1;
		if (s[i] == '\n')
			s[i] = line_end;
		else if (valid == 0 || is_unfit(p + i, length))
			memset(s + i, '?', length);
	}
}
