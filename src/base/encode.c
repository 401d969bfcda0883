/* SPDX-License-Identifier: ISC */
#include "base/encode.h"

#include <gsasl.h>
#include <idn2.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Moves what libgsasl made into `out`, leaving no copy behind: it may be a secret. */
static void
move(struct buf *out, char *made, size_t n)
{
	buf_add(out, made, n);
	explicit_bzero(made, n);
	gsasl_free(made);
}

void
base64_encode(struct buf *out, struct span in)
{
	char *made = NULL;
	size_t n = 0;

	if (in.n > 0 && gsasl_base64_to(in.p, in.n, &made, &n) == GSASL_OK)
		move(out, made, n);
}

bool
base64_decode(struct buf *out, struct span in)
{
	char *made = NULL;
	size_t n = 0;

	if (in.n == 0)
		return true;
	if (gsasl_base64_from(in.p, in.n, &made, &n) != GSASL_OK)
		return false;
	move(out, made, n);
	return true;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if (is_8bit(*s))
			return false;
	return true;
}

char *
domain_to_ascii(const char *domain)
{
	char *made = NULL, *copy;

	if (is_ascii(domain))
		return mem_dup(domain);
	if (idn2_to_ascii_8z(domain, &made, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) !=
	    IDN2_OK)
		return NULL;
	copy = mem_dup(made);
	idn2_free(made);
	return copy;
}

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

bool
is_utf8(struct span s)
{
	const unsigned char *p = (const unsigned char *)s.p;

	for (size_t i = 0; i < s.n;) {
		int more = followers(p[i]);

		if (more < 0 || (size_t)more >= s.n - i)
			return false;
		if (more > 0 && !second_fits(p[i], p[i + 1]))
			return false;
		for (int k = 2; k <= more; k++)
			if ((p[i + (size_t)k] & 0xc0) != 0x80)
				return false;
		i += 1 + (size_t)more;
	}
	return true;
}
