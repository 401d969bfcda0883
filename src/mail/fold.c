/* SPDX-License-Identifier: ISC */
#include "mail/fold.h"

#include <string.h>

#define LINE_WANTED 78 /* RFC 5322, 2.1.1 */

bool
fold_is_needed(struct span lines)
{
	struct span line;

	while (span_cut(&lines, '\n', &line))
		if (line.n > LINE_LIMIT)
			return true;
	return false;
}

/* Where in a field we are; quotes and comments may go on over several lines. */
struct place {
	bool lists; /* commas and semicolons separate */
	bool quoted;
	bool escaped;
	int depth; /* of comments */
};

/* Moves on over one character; true where a list may be folded behind it. */
static bool
pass(struct place *p, char c)
{
	bool escapes = c == '\\' && !p->escaped && (p->quoted || p->depth > 0);

	if (p->escaped)
		;
	else if (c == '"' && p->depth == 0)
		p->quoted = !p->quoted;
	else if (c == '(' && !p->quoted)
		p->depth++;
	else if (c == ')' && !p->quoted && p->depth > 0)
		p->depth--;
	p->escaped = escapes;
	return p->lists && !p->quoted && p->depth == 0 && (c == ',' || c == ';');
}

/* A piece of a line on a line of its own. */
static void
add_piece(struct buf *out, struct span piece, bool blank)
{
	buf_add_span(out, piece);
	buf_puts(out, blank ? "\n " : "\n");
}

/* A line that is too long. No piece is made of blanks alone (RFC 5322, 3.2.2): each break
 * stands behind something, and something stands behind it. */
static bool
fold_line(struct buf *out, struct span line, struct place *p)
{
	size_t start = 0, at = 0, last = line.n; /* `at`: the last place for a break */
	bool blank = false, added = false;       /* whether one is put there, was put */

	while (last > 0 && is_blank(line.p[last - 1]))
		last--;
	for (size_t i = 0; i < line.n; i++) {
		bool list = pass(p, line.p[i]);

		if (i > start + LINE_WANTED && at > start) {
			if (at - start + added > LINE_LIMIT)
				return false;
			add_piece(out, span_bytes(line.p + start, at - start), blank);
			added = blank;
			start = at;
		}
		if (i > start && i < last && is_blank(line.p[i]) &&
		    !is_blank(line.p[i - 1])) {
			at = i;
			blank = false;
		} else if (list && i + 1 < last && !is_blank(line.p[i + 1])) {
			at = i + 1;
			blank = true;
		}
	}
	add_piece(out, span_bytes(line.p + start, line.n - start), false);
	return line.n - start + added <= LINE_LIMIT;
}

bool
fold_field(struct buf *out, struct span field, enum field_kind kind, size_t *longest)
{
	struct place p = { .lists = kind == FIELD_ADDRESSES || kind == FIELD_STRUCTURED };
	struct span line;

	while (span_cut(&field, '\n', &line)) {
		*longest = line.n;
		if (line.n > LINE_LIMIT && !fold_line(out, line, &p))
			return false;
		if (line.n > LINE_LIMIT)
			continue;
		for (size_t i = 0; i < line.n; i++)
			(void)pass(&p, line.p[i]);
		add_piece(out, line, false);
	}
	return true;
}
