/* SPDX-License-Identifier: ISC */
#include "mail/word.h"

#include <string.h>

#include "base/encode.h"
#include "base/utf8.h"
#include "mail/address.h"

/* RFC 2047, 2: a line that holds an encoded word has 76 characters at most, and "From: "
 * stands before the first. */
#define LINE_MAX 76
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

static const char *
charset_of(struct span text)
{
	return is_utf8(text) ? "utf-8" : "unknown-8bit"; /* RFC 1428 */
}

static void
add_encoded(struct buf *out, struct span name)
{
	const char *charset = charset_of(name);

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

bool
word_is_encoded(struct span word)
{
	size_t marks = 0;

	for (size_t i = 0; i < word.n; i++)
		marks += word.p[i] == '?';
	return word.n > WORD_MARKS && marks == 4 && memcmp(word.p, "=?", 2) == 0 &&
	       memcmp(word.p + word.n - 2, "?=", 2) == 0;
}

/* The writer */

enum last {
	LAST_CLOSE,  /* an encoded word may follow at once: "(" */
	LAST_APART,  /* a blank must stand between */
	LAST_ENCODED /* an encoded word */
};

void
words_begin(struct words *w, struct buf *out, size_t column)
{
	*w = (struct words){ .out = out, .column = column, .last = LAST_APART };
	buf_init(&w->word, out->max);
	buf_init(&w->run, out->max);
	buf_init(&w->before, out->max);
	buf_init(&w->blanks, out->max);
}

/* Keeps count of the column. */
static void
put(struct words *w, struct span s)
{
	const char *lf = memrchr(s.p, '\n', s.n);

	buf_add_span(w->out, s);
	if (lf != NULL) {
		w->column = 0;
		w->is_new = false;
		s = span_bytes(lf + 1, s.n - (size_t)(lf - s.p) - 1);
	}
	w->column += s.n;
}

/* Blanks that stand before a word of `next` bytes; folded where `folds`. */
static void
put_blanks(struct words *w, struct buf *blanks, size_t next, bool folds)
{
	bool fits = w->column + blanks->len + next <= LINE_MAX;

	if (folds && !fits && memchr(blanks->data, '\n', blanks->len) == NULL) {
		if (blanks->len == 0 && w->last == LAST_CLOSE)
			buf_addc(blanks, ' ');
		if (blanks->len > 0 && w->column > 0)
			put(w, span_of("\n"));
	}
	put(w, buf_span(blanks));
	buf_clear(blanks);
}

/* Blanks become a part of the text to be encoded. */
static void
take_blanks(struct words *w)
{
	for (size_t i = 0; i < w->blanks.len; i++)
		if (w->blanks.data[i] != '\n')
			buf_addc(&w->run, ' ');
	buf_clear(&w->blanks);
}

static void
put_run(struct words *w)
{
	struct span run = buf_span(&w->run);
	const char *charset = charset_of(run);
	size_t first, start, bytes;

	if (run.n == 0)
		return;
	bytes = piece_length(run, charset);
	first = WORD_MARKS + strlen(charset) + (bytes + 2) / 3 * 4;
	if (w->before.len == 0 && w->last != LAST_CLOSE)
		buf_addc(&w->before, ' ');
	put_blanks(w, &w->before, first, true);
	start = w->out->len;
	add_encoded(w->out, run);
	if (bytes < run.n) {
		const char *lf = memrchr(w->out->data + start, '\n', w->out->len - start);

		w->column =
		    lf != NULL ? (size_t)(w->out->data + w->out->len - lf) - 1 : first;
	} else {
		w->column += first;
	}
	w->last = LAST_ENCODED;
	w->is_new = true;
	buf_clear(&w->run);
}

static void
put_word(struct words *w)
{
	if (w->word.len == 0)
		return;
	put_blanks(w, &w->before, w->word.len, w->is_new);
	put(w, buf_span(&w->word));
	w->last = w->end;
	buf_clear(&w->word);
}

void
words_blanks(struct words *w, struct span blanks)
{
	buf_add_span(&w->blanks, blanks);
}

/* What stands before the next word is known. */
static void
set_before(struct words *w)
{
	buf_add_span(&w->before, buf_span(&w->blanks));
	buf_clear(&w->blanks);
}

void
words_text(struct words *w, struct span text)
{
	put_word(w);
	if (w->run.len > 0 || w->last == LAST_ENCODED)
		take_blanks(w);
	else
		set_before(w);
	buf_add_span(&w->run, text);
}

void
words_plain(struct words *w, struct span word, unsigned apart)
{
	bool is_encoded = word_is_encoded(word), left = (apart & APART_LEFT) != 0;
	bool glued =
	    w->word.len > 0 && w->blanks.len == 0 && !(left && w->end == LAST_ENCODED);

	if (w->run.len > 0 && is_encoded)
		take_blanks(w);
	if (!glued) {
		put_word(w);
		put_run(w);
		if (left && w->blanks.len == 0 && w->last == LAST_ENCODED)
			buf_addc(&w->blanks, ' ');
		set_before(w);
	}
	buf_add_span(&w->word, word);
	w->end = is_encoded                   ? LAST_ENCODED
		 : (apart & APART_RIGHT) != 0 ? LAST_APART
					      : LAST_CLOSE;
}

void
words_end(struct words *w)
{
	put_word(w);
	put_run(w);
	put(w, buf_span(&w->blanks));
	buf_free(&w->word);
	buf_free(&w->run);
	buf_free(&w->before);
	buf_free(&w->blanks);
}
