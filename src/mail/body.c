/* SPDX-License-Identifier: ISC */
#include "mail/body.h"

#include <string.h>

#include "mail/fold.h"

void
body_init(struct body *b, struct source *s)
{
	*b = (struct body){ .source = s };
	buf_init(&b->clean, INPUT_BUFFER);
}

void
body_free(struct body *b)
{
	buf_free(&b->clean);
}

/* A part of a line with NULs dropped and CRs as blanks: neither may ever be sent. */
static struct span
cleaned(struct body *b, struct span part)
{
	buf_clear(&b->clean);
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] != '\0')
			buf_addc(&b->clean, part.p[i] == '\r' ? ' ' : part.p[i]);
	b->is_cleaned = true;
	return buf_span(&b->clean);
}

static bool
write_part(struct body *b, struct span part, struct outcome *o)
{
	if (memchr(part.p, '\r', part.n) != NULL || memchr(part.p, '\0', part.n) != NULL)
		part = cleaned(b, part);
	b->source->is_8bit |= span_has_8bit(part);
	utf8_feed(&b->utf8, part);
	b->length += part.n;
	return source_write(b->source, part, o);
}

static bool
end_line(struct body *b, struct outcome *o)
{
	source_count_line(b->source, b->length);
	b->facts.is_long |= b->length > LINE_LIMIT;
	b->utf8.bad |= !utf8_is_whole(&b->utf8);
	b->length = 0;
	return source_end_line(b->source, o);
}

bool
body_write_lines(struct body *b, struct span text, struct outcome *o)
{
	struct span line;

	while (span_cut(&text, '\n', &line))
		if (!write_part(b, line, o) || !end_line(b, o))
			return false;
	return true;
}

/* Counts the lines that end in the block. Returns how many. */
static uint64_t
count_lines(struct body *b, struct span block)
{
	uint64_t n = source_count_lines(b->source, block, &b->length);

	b->facts.is_long |= b->source->longest > LINE_LIMIT;
	return n;
}

/* Nearly all of nearly all mails: lines that need no repair. */
static bool
write_blocks(struct body *b, struct input *in, struct outcome *o)
{
	struct span block;

	while (input_block(in, &block, o)) {
		if (block.n == 0)
			return true;
		b->source->is_8bit |= span_has_8bit(block);
		utf8_feed(&b->utf8, block);
		if (!source_text(b->source, block, count_lines(b, block), o))
			return false;
		input_take(in, block);
	}
	return false;
}

/* A line that needs repair, or a part of it. */
static bool
write_line(struct body *b, struct span piece, bool is_end, struct outcome *o)
{
	return write_part(b, piece, o) && (!is_end || end_line(b, o));
}

bool
body_write(struct body *b, struct input *in, struct outcome *o)
{
	enum input_part part = INPUT_LINE;
	struct span piece;
	off_t at;

	if (b->source->size == 0 && input_in_file(in, SOURCE_MEMORY, &at))
		source_borrow(b->source, in->fd, at);
	while (part != INPUT_END) {
		if (!write_blocks(b, in, o))
			return false;
		part = input_peek(in, &piece, o);
		if (part == INPUT_FAILED)
			return false;
		if (part != INPUT_END) {
			if (!write_line(b, piece, part == INPUT_LINE, o))
				return false;
			input_consume(in);
		}
	}
	b->facts.is_8bit = b->source->is_8bit;
	b->facts.is_utf8 = !b->utf8.bad;
	return true;
}
