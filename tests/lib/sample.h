/* SPDX-License-Identifier: ISC
 *
 * sample.h - mails, files and inputs for tests
 *
 * What can't be made ends the test program: abort() names the line soon enough.
 */
#ifndef LIB_SAMPLE_H
#define LIB_SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "mail/envelope.h"
#include "mail/source.h"

#define SAMPLE_MAX (64 * 1024 * 1024)

/* A source of these lines, which end with CR LF, with all its figures; the caller frees
 * it. */
void sample_source(struct source *s, struct span text);

/* The whole of a source, from its first byte; the caller frees the buf. */
void sample_text(struct source *s, struct buf *out);

/* From `sender` (a spec) to `recipients`, an address list. */
void sample_envelope(struct envelope *e, const char *sender, const char *recipients);

/* Appends `n` copies of `text`. */
void sample_repeat(struct buf *out, const char *text, size_t n);

/* Appends numbered lines up to a length of `size`, so that a piece that is lost or
 * doubled shows. */
void sample_numbered(struct buf *out, size_t size);

/* Appends what quoted-printable text (RFC 2045, 6.7) stands for. False where it isn't
 * any: a byte that should be encoded, a line of more than 76 bytes, a blank at the end of
 * a line, or a '=' that means nothing. */
bool sample_unquote(struct span text, struct buf *out);

/* A file without a name that holds these bytes, to be read from its start. */
int sample_file(struct span bytes);

/* The reading end of a pipe through which the bytes come `piece` at a time: the next
 * piece is written when the one before was read. The child that writes them ends with
 * them, or with the reader; sample_pipe_end() closes the pipe and waits for it. */
struct sample_pipe {
	int fd;
	int child;
};
struct sample_pipe sample_pipe(struct span bytes, size_t piece);
void sample_pipe_end(struct sample_pipe *p);

/* A new directory, to be removed with all that is in it by sample_directory_end(), which
 * frees the path as well. */
char *sample_directory(void);
void sample_directory_end(char *path);

/* Writes a file, whose path is "DIRECTORY/NAME"; directories in NAME are made. Returns
 * the path, which the caller frees. */
char *sample_write(const char *directory, const char *name, const char *text, int mode);

#endif
