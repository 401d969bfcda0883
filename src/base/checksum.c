/* SPDX-License-Identifier: ISC
 *
 * checksum.c - CRC-32C: polynomial 0x1edc6f41, bits reversed (RFC 3720, B.4)
 */
#include "base/checksum.h"

#include <stdbool.h>

#define POLYNOMIAL 0x82f63b78u

static uint32_t
of_byte(uint32_t sum)
{
	for (int bit = 0; bit < 8; bit++)
		sum = (sum >> 1) ^ ((sum & 1) != 0 ? POLYNOMIAL : 0);
	return sum;
}

/* The sums of all bytes, made when they are first needed. */
static const uint32_t *
table_of_bytes(void)
{
	static uint32_t table[256];
	static bool made;

	for (uint32_t i = 0; !made && i < 256; i++)
		table[i] = of_byte(i);
	made = true;
	return table;
}

uint32_t
checksum_add(uint32_t sum, struct span bytes)
{
	const uint32_t *table = table_of_bytes();

	sum = ~sum;
	for (size_t i = 0; i < bytes.n; i++)
		sum = (sum >> 8) ^ table[(sum ^ (unsigned char)bytes.p[i]) & 0xff];
	return ~sum;
}
