/* SPDX-License-Identifier: ISC
 *
 * fuzz_decode.c - a header field, made readable
 *
 * What was plain ASCII without an encoded word stays as it is, but for its blanks; and
 * nothing grows beyond what a character set can make of a byte.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "mail/decode.h"

#define OUT_MAX (1024 * 1024)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct span in = span_bytes((const char *)data, n);
	struct buf out;

	buf_init(&out, OUT_MAX);
	decode_field(&out, in);
	must(!buf_ok(&out) || out.len <= 8 * n + 8);
	if (memmem(in.p, in.n, "=?", 2) == NULL)
		must(out.len <= n);
	buf_free(&out);
	return 0;
}
