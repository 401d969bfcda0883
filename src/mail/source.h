/* SPDX-License-Identifier: ISC
 *
 * source.h - a composed message, as it goes on the wire, to be read as often as needed
 *
 * The bytes are complete lines that end with CR LF, free of any other CR, LF or NUL, and
 * not dot-stuffed: who writes into a source sees to it. Up to SOURCE_MEMORY bytes stay in
 * memory; beyond, all go to a temporary file that has no name and vanishes with the
 * process, so that memory stays bounded whatever the size of the mail. What stands in a
 * file anyway is not copied, but read there: see source_borrow().
 */
#ifndef MAIL_SOURCE_H
#define MAIL_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/outcome.h"

#define SOURCE_MEMORY (256 * 1024)
#define SOURCE_CHUNK (64 * 1024)
#define SOURCE_FRONT_MAX (64 * 1024 * 1024) /* a header: HEADER_MAX and what is added */

/* Lines that end with LF, in somebody else's file. */
struct loan {
	int fd;            /* borrowed; -1: there is no loan */
	off_t start, next; /* the first byte, and that which is read next */
	uint64_t bytes;    /* of it that belong to the message */
	bool is_open;      /* the last line lacks its end */
	struct buf text;   /* what was read last, as it stands there */
};

struct source {
	struct buf front; /* what stands before all the rest */
	struct buf held;  /* the rest, or what of it is between memory and file */
	struct loan loan; /* or where the rest is */
	int fd;           /* the temporary file, or -1 */
	int directory;  /* where that is made; -1: where temporary files are; borrowed */
	uint64_t start; /* bytes in the file before the message, which are not its own */
	uint64_t read;  /* where reading stands */
	uint64_t size;  /* bytes */
	uint64_t lines;
	bool is_8bit;        /* the body has a byte above 0x7f */
	bool header_is_8bit; /* the header has */
	size_t longest;      /* bytes of the longest line, without its CR LF */
};

void source_init(struct source *s);
void source_free(struct source *s);

/* Has the temporary file be made in an open directory, with room for `start` bytes before
 * the message, so that it can be given a name there later. Where the file system can't
 * make one without a name, or has no room for it, it is made where others are; then start
 * is 0. */
void source_keep_in(struct source *s, int directory, size_t start);

/* Appends bytes, and keeps the count of bytes only: the other figures are the writer's.
 * Fails with CAUSE_STORE, naming the directory. */
bool source_write(struct source *s, struct span bytes, struct outcome *o);

/* Appends a text of `lines` lines, whose LFs become CR LF; the last may be open yet, and
 * go on with the next call. */
bool source_text(struct source *s, struct span text, uint64_t lines, struct outcome *o);

/* The figures of lines are the writer's. Counts one of `length` bytes, without its end.
 */
void source_count_line(struct source *s, size_t length);

/* Counts the lines that end in `text`, with CR LF or LF; *length is what stands of the
 * last one before it, then behind it. Nothing may be cut between CR and LF. Returns how
 * many. */
uint64_t source_count_lines(struct source *s, struct span text, size_t *length);

/* Ends an open line. */
bool source_end_line(struct source *s, struct outcome *o);

/* Tells that what source_text() gets from now on is what stands in a regular file from
 * `start` on, which stays open as long as the source: it is left there, and read again.
 * With source_write() all of it is copied after all. Nothing may have been written yet.
 * Does nothing after source_keep_in(): there the file is wanted. */
void source_borrow(struct source *s, int fd, off_t start);

/* Appends bytes to what stands before all that source_write() writes: a header can say
 * what is in a body only when that has been seen. It stays in memory. */
void source_front(struct source *s, struct span bytes);

/* Puts lines, which end with CR LF, before all of a source that is sealed, for as long as
 * one reader needs them there; and takes away so many bytes of them again. The source is
 * rewound. */
void source_lead(struct source *s, struct span lines);
void source_drop_lead(struct source *s, size_t n);

/* Ends the writing: the message stands ready to be read from its first byte. */
bool source_seal(struct source *s, struct outcome *o);

/* Whether all that is behind the front is in memory: then it is *body, for as long as the
 * source is neither written to nor freed. */
bool source_held(const struct source *s, struct span *body);

void source_rewind(struct source *s);

/* The same, to the first byte behind what source_front() put there. */
void source_rewind_to_body(struct source *s);

/* The next piece, good until the next call; empty at the end. Fails with CAUSE_STORE, and
 * with CAUSE_NO_INPUT where a file that was borrowed is no longer what it was. */
bool source_next(struct source *s, struct span *piece, struct outcome *o);

/* Reading it as a file is read, for input_init_from() (base/input.h): `arg` is a struct
 * source_reader *, of which the source is set. */
struct source_reader {
	struct source *source;
	struct span left;
};

ssize_t source_read(void *arg, void *p, size_t n);

#endif
