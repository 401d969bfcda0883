/* SPDX-License-Identifier: ISC */
#include "base/encode.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/library.h"
#include "base/mem.h"

/* RFC 1035, 2.3.4 */
#define HOST_NAME_LENGTH 253
#define LABEL_LENGTH 63

/* RFC 4648, 4 */
static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* The place of each byte among them, counted from 1; 0: it is none. */
static const unsigned char places[UCHAR_MAX + 1] = {
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                /* 0x00 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                /* 0x10 */
	0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 63, 0, 0, 0, 64,              /* 0x20 */
	53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 0, 0, 0, 0, 0, 0,      /* 0x30 */
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,          /* 0x40 */
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 0, 0, 0, 0, 0,     /* 0x50 */
	0, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, /* 0x60 */
	42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 0, 0, 0, 0, 0,     /* 0x70 */
};

void
base64_encode(struct buf *out, struct span in)
{
	const unsigned char *p = (const unsigned char *)in.p;

	for (size_t i = 0; i < in.n; i += 3) {
		const size_t left = in.n - i;
		const unsigned b = left > 1 ? p[i + 1] : 0, c = left > 2 ? p[i + 2] : 0;
		const unsigned bits = (unsigned)p[i] << 16 | b << 8 | c;
		const char group[4] = { letters[bits >> 18], letters[bits >> 12 & 63],
			left > 1 ? letters[bits >> 6 & 63] : '=',
			left > 2 ? letters[bits & 63] : '=' };

		buf_add(out, group, sizeof group);
	}
}

/* `n` letters, a multiple of 4, as 3 bytes for each 4 of them. */
static bool
decode_letters(char *bytes, const char *letter, size_t n)
{
	const unsigned char *p = (const unsigned char *)letter;
	int all = 0;

	for (; n > 0; n -= 4, p += 4, bytes += 3) {
		const int a = places[p[0]] - 1, b = places[p[1]] - 1,
			  c = places[p[2]] - 1, d = places[p[3]] - 1;

		all |= a | b | c | d;
		bytes[0] = (char)((unsigned)a << 2 | (unsigned)b >> 4);
		bytes[1] = (char)((unsigned)b << 4 | (unsigned)c >> 2);
		bytes[2] = (char)((unsigned)c << 6 | (unsigned)d);
	}
	return all >= 0;
}

/* The last 4 letters, of which some may be "=". */
static bool
decode_last(struct buf *out, const char *p)
{
	const size_t padding = p[3] != '=' ? 0 : p[2] != '=' ? 1 : 2;
	char filled[4] = { 'A', 'A', 'A', 'A' }, bytes[3];
	bool ok;

	memcpy(filled, p, sizeof filled - padding);
	ok = decode_letters(bytes, filled, sizeof filled);
	buf_add(out, bytes, sizeof bytes - padding);
	explicit_bzero(filled, sizeof filled);
	explicit_bzero(bytes, sizeof bytes);
	return ok;
}

bool
base64_decode(struct buf *out, struct span in)
{
	const size_t start = out->len;
	char bytes[3 * 64]; /* a secret, maybe */
	bool ok = in.n % 4 == 0;

	while (ok && in.n > 4) {
		const size_t n = in.n - 4 < 4 * 64 ? in.n - 4 : 4 * 64;

		ok = decode_letters(bytes, in.p, n);
		buf_add(out, bytes, n / 4 * 3);
		in = span_bytes(in.p + n, in.n - n);
	}
	ok = ok && (in.n == 0 || decode_last(out, in.p));
	if (!ok)
		buf_truncate(out, start);
	explicit_bzero(bytes, sizeof bytes);
	return ok;
}

static bool
is_ascii(const char *s)
{
	for (; *s != '\0'; s++)
		if (is_8bit(*s))
			return false;
	return true;
}

/* Letters, digits, '-', '_' and dots. The mapping that comes first in IDNA turns many a
 * character into one that means something in a command: a wide '>' into '>'. */
static bool
is_made_of_host_letters(const char *s)
{
	for (; *s != '\0'; s++)
		if (!is_digit(*s) && strchr("-_.", *s) == NULL &&
		    !((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z'))
			return false;
	return true;
}

bool
is_host_name(const char *s)
{
	struct span all = span_of(s), label;

	if (all.n > 0 && s[all.n - 1] == '.')
		all.n--;
	if (all.n == 0 || all.n > HOST_NAME_LENGTH || !is_made_of_host_letters(s) ||
	    s[all.n - 1] == '.')
		return false;
	while (span_cut(&all, '.', &label))
		if (label.n == 0 || label.n > LABEL_LENGTH)
			return false;
	return true;
}

static size_t
count_characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

/* What is used of libidn2: idn2.free() is idn2_free(). */
#define IDN2_FUNCTIONS(X) X(free) X(to_ascii_8z) X(to_unicode_8z8z)
#define MEMBER(name) __typeof__(idn2_##name) *(name);
#define NAME(name) "idn2_" #name,

static struct {
	IDN2_FUNCTIONS(MEMBER)
} idn2;

static bool
idn2_ready(void)
{
	static const char *const names[] = { IDN2_FUNCTIONS(NAME) };
	struct outcome ignored;

	return library_load(
	    IDN2_FILE, names, &idn2, sizeof names / sizeof names[0], &ignored);
}

/* Whether the mapping has changed characters (capitals, wide forms), but dropped none:
 * who gets a mail must not depend on what was dropped. */
static bool
is_same_length(const char *domain, const char *ascii)
{
	char *back = NULL;
	bool same = idn2.to_unicode_8z8z(ascii, &back, 0) == IDN2_OK &&
		    count_characters(back) == count_characters(domain);

	idn2.free(back);
	return same;
}

static char *
convert(const char *domain, int flags)
{
	char *made = NULL, *copy = NULL;

	if (idn2.to_ascii_8z(domain, &made, IDN2_NFC_INPUT | flags) == IDN2_OK &&
	    is_made_of_host_letters(made))
		copy = mem_dup(made);
	idn2.free(made);
	return copy;
}

/* As it stands, or else in small letters and usual forms (RFC 5895, TR 46). */
char *
domain_to_ascii(const char *domain)
{
	char *ascii;

	if (is_ascii(domain))
		return mem_dup(domain);
	if (!idn2_ready())
		return NULL;
	ascii = convert(domain, IDN2_NO_TR46);
	if (ascii != NULL)
		return ascii;
	ascii = convert(domain, IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
	if (ascii != NULL && !is_same_length(domain, ascii)) {
		free(ascii);
		ascii = NULL;
	}
	return ascii;
}

bool
is_ip_address(const char *s)
{
	unsigned char address[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, s, address) == 1 ||
	       inet_pton(AF_INET6, s, address) == 1;
}
