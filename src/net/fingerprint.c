/* SPDX-License-Identifier: ISC */
#include "net/fingerprint.h"

#include <string.h>

void
fingerprint_add(struct buf *out, const struct fingerprint *f)
{
	for (size_t i = 0; i < f->n; i++)
		buf_printf(out, "%s%02X", i > 0 ? ":" : "", f->bytes[i]);
}

bool
fingerprint_is(const struct fingerprint *a, const struct fingerprint *b)
{
	return a->n > 0 && a->n == b->n && memcmp(a->bytes, b->bytes, a->n) == 0;
}
