/* SPDX-License-Identifier: ISC
 *
 * decode.h - text in a message, as its readers get to see it: UTF-8
 *
 * What can't be decoded stays as it is; bytes that mean nothing in their character set
 * become '?'.
 */
#ifndef MAIL_DECODE_H
#define MAIL_DECODE_H

#include <stdbool.h>

#include "base/buf.h"
#include "mail/header.h"
#include "mail/source.h"

/* Appends the body of an unstructured header field, such as Subject: on one line, less
 * the blanks at both ends, with what its encoded words (RFC 2047) stand for. */
void decode_field(struct buf *out, struct span body);

/* The same of the first field of that name; nothing where there is none. */
void decode_header(struct buf *out, const struct header *h, const char *name);

/* Appends the bytes that lines, which end with LF, stand for in a
 * Content-Transfer-Encoding; they themselves, where they stand for nothing. */
void decode_bytes(struct buf *out, struct span encoding, struct span lines);

/* Appends text of that character set in UTF-8, with lines that end with LF. */
void decode_text(struct buf *out, struct span charset, struct span bytes);

/* Appends the whole message, lines that end with LF; text that is in quoted-printable or
 * base64 (RFC 2045, 6) is decoded, the header and all else is as it was. Fails as
 * source_next(). */
bool decode_message(struct buf *out, struct source *m, struct outcome *o);

#endif
