/* SPDX-License-Identifier: ISC */
#include "mail/word.h"

#include <string.h>

#include "base/encode.h"
#include "mail/address.h"

/* RFC 2047, 2: a line that holds an encoded word has 76 characters at most, and "From: "
 * stands before the first. */
#define WORD_MAX 70
#define WORD_MARKS 7 /* "=?", "?B?", "?=" */

/* How much of `s` fits into one word; not the middle of a UTF-8 character at the end. */
static size_t
piece_length(struct span s, const char *charset)
{
	size_t room = (WORD_MAX - WORD_MARKS - strlen(charset)) / 4 * 3;
	size_t n = s.n < room ? s.n : room;

	while (n < s.n && n > 1 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static void
add_encoded(struct buf *out, struct span name)
{
	const char *charset = is_utf8(name) ? "utf-8" : "unknown-8bit"; /* RFC 1428 */

	while (name.n > 0) {
		size_t n = piece_length(name, charset);

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
