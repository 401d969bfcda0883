/* SPDX-License-Identifier: ISC
 *
 * checksum.c - CRC-32C: polynomial 0x1edc6f41, bits reversed (RFC 3720, B.4)
 */
#include "base/checksum.h"

#include <stddef.h>

#define POLYNOMIAL 0x82f63b78u

/* table[k][b] is the sum of the byte b with k zeros behind it, so that one step takes as
 * many bytes as there are tables. Made when they are first needed. */
static uint32_t table[4][256];

static void
make_tables(void)
{
	uint32_t sum = 1;

	/* the sum of two bytes that share no bit is that of one, and that of the other */
	for (size_t bit = 128; bit > 0; bit >>= 1) {
		sum = (sum >> 1) ^ ((sum & 1) != 0 ? POLYNOMIAL : 0);
		for (size_t b = 0; b < 256; b += 2 * bit)
			table[0][b + bit] = table[0][b] ^ sum;
	}
	for (size_t k = 1; k < 4; k++)
		for (size_t b = 0; b < 256; b++) {
			const uint32_t before = table[k - 1][b];

			table[k][b] = (before >> 8) ^ table[0][before & 0xff];
		}
}

/* Four bytes, the first of which counts least. */
static uint32_t
word_at(const char *p)
{
	const unsigned char *b = (const unsigned char *)p;

	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

uint32_t
checksum_add(uint32_t sum, struct span bytes)
{
	const char *p = bytes.p, *end = bytes.p + bytes.n;

	if (table[0][1] == 0)
		make_tables();
	sum = ~sum;
	for (; end - p >= 4; p += 4) {
		sum ^= word_at(p);
		sum = table[3][sum & 0xff] ^ table[2][sum >> 8 & 0xff] ^
		      table[1][sum >> 16 & 0xff] ^ table[0][sum >> 24];
	}
	for (; p < end; p++)
		sum = (sum >> 8) ^ table[0][(sum ^ (unsigned char)*p) & 0xff];
	return ~sum;
}
