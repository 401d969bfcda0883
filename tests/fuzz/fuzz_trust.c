/* SPDX-License-Identifier: ISC
 *
 * fuzz_trust.c - a file of authorities, and a chain of one certificate: two bytes for its
 * length, itself, and the file
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "net/trust.h"

static void
check_found(void *arg, struct span pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	const struct buf *text = arg;

	must(pem.p >= text->data && pem.p + pem.n <= text->data + text->len);
	must(pem.n > sizeof begin + sizeof end);
	must(memcmp(pem.p, begin, sizeof begin - 1) == 0);
	must(memcmp(pem.p + pem.n - (sizeof end - 1), end, sizeof end - 1) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	struct span chain;
	struct trust t;
	size_t n;

	if (size < 2)
		return 0;
	n = (size_t)data[0] << 8 | data[1];
	n = n < size - 2 ? n : size - 2;
	chain = span_bytes(bytes + 2, n);
	trust_init(&t);
	buf_add(&t.text, bytes + 2 + n, size - 2 - n);
	(void)trust_find(&t, &chain, 1, check_found, &t.text);
	trust_free(&t);
	return 0;
}
