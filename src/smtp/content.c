/* SPDX-License-Identifier: ISC */
#include "smtp/content.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void
content_note(const struct channel *c, const struct source *m)
{
	char note[64];

	(void)snprintf(note, sizeof note, "(the message: %llu bytes, %llu lines)",
	    (unsigned long long)m->size, (unsigned long long)m->lines);
	channel_note(c, 'C', note);
}

/* The next dot behind a line end; NULL: there is none. */
static const char *
next_dot(const char *from, const char *end)
{
	while ((from = memchr(from, '\n', (size_t)(end - from))) != NULL)
		if (++from < end && *from == '.')
			return from;
	return NULL;
}

/* *at_start: the piece begins a line. */
static bool
write_stuffed(struct channel *c, struct span piece, bool *at_start, struct outcome *o)
{
	const char *from = piece.p, *end = piece.p + piece.n, *dot;

	if (piece.n > 0 && *at_start && piece.p[0] == '.' &&
	    !stream_write(&c->stream, span_of("."), channel_block_deadline(c), o))
		return false;
	while ((dot = next_dot(from, end)) != NULL) {
		if (!stream_write(&c->stream, span_bytes(from, (size_t)(dot - from)),
			channel_block_deadline(c), o) ||
		    !stream_write(&c->stream, span_of("."), channel_block_deadline(c), o))
			return false;
		from = dot;
	}
	if (piece.n > 0)
		*at_start = end[-1] == '\n';
	return stream_write(&c->stream, span_bytes(from, (size_t)(end - from)),
	    channel_block_deadline(c), o);
}

bool
content_stuffed(struct channel *c, struct source *m, struct outcome *o)
{
	bool at_start = true;
	struct span piece;

	source_rewind(m);
	do {
		if (!source_next(m, &piece, o) || !write_stuffed(c, piece, &at_start, o))
			return outcome_at(o, STAGE_DATA);
	} while (piece.n > 0);
	return true;
}

struct content
content_begin(struct source *m)
{
	source_rewind(m);
	return (struct content){ .m = m, .rest = span_bytes("", 0), .left = m->size };
}

bool
content_bytes(struct content *w, struct channel *c, uint64_t n, struct outcome *o)
{
	assert(n <= w->left);
	w->left -= n;
	while (n > 0) {
		size_t part;

		if (w->rest.n == 0 && !source_next(w->m, &w->rest, o))
			return outcome_at(o, STAGE_DATA);
		assert(w->rest.n > 0);
		part = w->rest.n < n ? w->rest.n : (size_t)n;
		if (!stream_write(&c->stream, span_bytes(w->rest.p, part),
			channel_block_deadline(c), o))
			return outcome_at(o, STAGE_DATA);
		w->rest = span_bytes(w->rest.p + part, w->rest.n - part);
		n -= part;
	}
	return true;
}
