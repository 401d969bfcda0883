/* SPDX-License-Identifier: ISC */
#include "mail/word.h"

#include "base/encode.h"
#include "mail/address.h"

#define WORD_BYTES 45 /* make an encoded word of 72; RFC 2047, 2 allows 75 */

/* At most WORD_BYTES, and not the middle of a UTF-8 character at the end. */
static size_t
piece_length(struct span s)
{
	size_t n = s.n < WORD_BYTES ? s.n : WORD_BYTES;

	while (n < s.n && n > 1 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
add_encoded(struct buf *out, struct span name)
{
	const char *charset = is_utf8(name) ? "utf-8" : "unknown-8bit"; /* RFC 1428 */

	while (name.n > 0) {
		size_t n = piece_length(name);

		buf_printf(out, "=?%s?B?", charset);
		base64_encode(out, span_bytes(name.p, n));
		buf_puts(out, "?=");
		name = span_bytes(name.p + n, name.n - n);
		if (name.n > 0)
			buf_puts(out, "\n ");
	}
}

void
word_add_name(struct buf *out, struct span name)
{
	if (span_has_8bit(name))
		add_encoded(out, name);
	else
		address_add_phrase(out, name);
}
