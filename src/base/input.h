/* SPDX-License-Identifier: ISC
 *
 * input.h - lines from a descriptor, however they end and however long they are
 *
 * A line ends with LF, and any CRs right before it belong to the line end; so does the
 * end of the input. A line that doesn't fit into the buffer comes in several parts, so
 * that memory stays bounded.
 *
 * A line with only a dot once was the end of what somebody typed. With `ends_at_dot`, it
 * is that at a terminal; elsewhere only where nothing but blanks and line ends follow: it
 * never cuts off anything.
 */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/outcome.h"
#include "base/span.h"

#define INPUT_BUFFER (64 * 1024)

/* As read(2): bytes, 0 at the end, -1 and errno. */
typedef ssize_t input_read(void *arg, void *p, size_t n);

struct input {
	int fd; /* borrowed; -1: there is `read` */
	input_read *read;
	void *arg;
	char *data;
	size_t start; /* what is read but not yet consumed lies in start..end */
	size_t end;
	bool eof;
	bool inside; /* the part consumed last was INPUT_MORE: its line is still open */
	bool more;   /* the part shown last is */
	bool ends_at_dot; /* a line with only a dot can be the end; to be set after
			   * input_init() */
	size_t taken; /* how many bytes the part last shown takes, with its line end */
};

void input_init(struct input *in, int fd);

/* The same from whatever gives bytes; it is borrowed. */
void input_init_from(struct input *in, input_read *read, void *arg);

void input_free(struct input *in);

enum input_part {
	INPUT_END,  /* nothing is left */
	INPUT_LINE, /* a line, or the last part of one */
	INPUT_MORE, /* a part of a line; more of it follows */
	INPUT_FAILED
};

/* Shows the next line or part of one, without its line end, and waits for it where it
 * must. It is shown again until input_consume(). `part` is good until the next call.
 * Fails with CAUSE_NO_INPUT. */
enum input_part input_peek(struct input *in, struct span *part, struct outcome *o);
void input_consume(struct input *in);

/* Shows as much of the input as is in the buffer and needs no closer look, line ends and
 * all: no CR, no NUL, nothing that could be the end; whole lines, or a part of one that
 * doesn't fit into the buffer. Where `block` is empty, input_peek() has what comes next.
 * To be taken as a whole, by input_take(). Fails with CAUSE_NO_INPUT. */
bool input_block(struct input *in, struct span *block, struct outcome *o);
void input_take(struct input *in, struct span block);

/* Whether the input is a regular file that has at least `n` bytes left; *at is where in
 * the file the next byte stands. */
bool input_in_file(const struct input *in, uint64_t n, off_t *at);

/* Drops the first `n` bytes of the part that was shown; `n` is at most its length. */
void input_drop(struct input *in, size_t n);

#endif
