/* SPDX-License-Identifier: ISC
 *
 * word.h - text that people write, in the forms that a header takes
 */
#ifndef MAIL_WORD_H
#define MAIL_WORD_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends a display name: as atoms or a quoted string where it is ASCII (RFC
 * 5322, 3.2.5), else as encoded words (RFC 2047), of which each holds whole characters
 * and is folded onto a line of its own; lines end with LF. `name` has no control
 * characters. */
void word_add_name(struct buf *out, struct span name);

/* Whether it looks like an encoded word. */
bool word_is_encoded(struct span word);

/* A writer of words of which some are to be encoded.
 *
 *	words_begin(&w, &out, column);
 *	words_blanks() words_plain() words_text() ...	in any order
 *	words_end(&w);
 *
 * Readers drop the blanks between two encoded words; so words to be encoded that stand
 * side by side are encoded as one text, blanks and all. Lines with a new encoded word get
 * folded to 76 bytes where they have blanks; all else stays as it was. */
struct words {
	struct buf *out;
	size_t column;
	struct buf word;   /* plain words without blanks between, to be written */
	struct buf run;    /* or text to be encoded */
	struct buf before; /* blanks that stand before either */
	struct buf blanks; /* that came last */
	int end;           /* what `word` ends with */
	int last;          /* what was written last */
	bool is_new;       /* the present line has a new encoded word */
};

/* What an encoded word can't stand right beside of: its neighbour on that side needs a
 * blank between (RFC 2047, 5). */
enum apart { APART_LEFT = 1, APART_RIGHT = 2, APART_BOTH = 3 };

/* `column`: what is on the line already. */
void words_begin(struct words *w, struct buf *out, size_t column);
void words_blanks(struct words *w, struct span blanks); /* folding, too */
void words_plain(struct words *w, struct span word, unsigned apart);
void words_text(struct words *w, struct span text);
void words_end(struct words *w);

#endif
