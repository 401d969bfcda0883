/* SPDX-License-Identifier: ISC
 *
 * intake.h - a message that comes in, by DATA or by BDAT, into a source
 *
 * Whatever line ends come, each becomes CR LF; a lone CR becomes a blank; NULs are
 * dropped; a last line without an end gets one. So nobody further on can see another end
 * of the message than we did (SMTP smuggling).
 */
#ifndef SERVE_INTAKE_H
#define SERVE_INTAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "mail/source.h"
#include "net/stream.h"

/* For a whole message, however slowly its bytes come. */
#define INTAKE_SECONDS_MAX 3600

struct intake {
	int64_t deadline;      /* of the message; set by intake_begin() */
	struct source *source; /* initialised by the caller, sealed by intake_end() */
	uint64_t max;          /* bytes of the message that are taken */
	bool failed;           /* it can't be kept: the rest is read, and dropped */
	struct outcome why;
	size_t length; /* of the present line, so far */
	bool cr;       /* the byte before was a CR, which isn't written yet */
	bool in_body;  /* behind the first empty line */
};

void intake_begin(struct intake *i, struct source *s, uint64_t max);

/* Takes bytes as they are. */
void intake_add(struct intake *i, struct span bytes);

/* Reads up to the line with only a dot, and takes off the dots that lines were given in
 * front (RFC 5321, 4.5.2). CR LF ends the lines around the dot; where the client is
 * `bare`, LF does so as well. Each wait takes at most `seconds`, and all of them
 * until the deadline. False where the client
 * is lost; whether the message was kept is told by intake_end(). */
bool intake_data(
    struct intake *i, struct stream *s, bool bare, int seconds, struct outcome *o);

/* Reads just so many bytes. False where the client is lost. */
bool intake_chunk(
    struct intake *i, struct stream *s, uint64_t n, int seconds, struct outcome *o);

/* Ends the message. Fails with CAUSE_TOO_LARGE or CAUSE_STORE where it could not be kept.
 */
bool intake_end(struct intake *i, struct outcome *o);

#endif
