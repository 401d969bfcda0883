/* SPDX-License-Identifier: ISC */
#include "mail/quoted.h"

#define LINE_LENGTH 76

static void
put(struct quoted *q, struct buf *out, char c, bool as_it_is)
{
	if (q->column + (as_it_is ? 1 : 3) > LINE_LENGTH - 1) { /* and the soft '=' */
		buf_puts(out, "=\r\n");
		q->column = 0;
	}
	/* a line that has no '-' at its start is no boundary, wherever it was broken */
	as_it_is = as_it_is && (q->column > 0 || c != '-');
	if (as_it_is)
		buf_addc(out, c);
	else
		buf_printf(out, "=%02X", (unsigned char)c);
	q->column += as_it_is ? 1 : 3;
}

static void
release_blank(struct quoted *q, struct buf *out, bool at_end)
{
	if (q->blank != '\0')
		put(q, out, q->blank, !at_end);
	q->blank = '\0';
}

void
quoted_encode(struct quoted *q, struct buf *out, struct span part, bool ends)
{
	for (size_t i = 0; i < part.n; i++) {
		char c = part.p[i];

		release_blank(q, out, false);
		if (is_blank(c))
			q->blank = c;
		else
			put(q, out, c, c > ' ' && c < 0x7f && c != '=');
	}
	if (!ends)
		return;
	release_blank(q, out, true);
	buf_puts(out, "\r\n");
	*q = (struct quoted){ 0 };
}
