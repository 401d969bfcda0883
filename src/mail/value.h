/* SPDX-License-Identifier: ISC
 *
 * value.h - the values of MIME's header fields (RFC 2045, 5.1 and 6.1): tokens and
 * parameters, with comments and folding between them
 */
#ifndef MAIL_VALUE_H
#define MAIL_VALUE_H

#include "base/buf.h"

/* The first token of the value, empty where there is none: "base64" of " base64 (a b)",
 * "multipart/mixed" of Content-Type. It is a part of `value`. */
struct span value_token(struct span value);

enum value_found {
	VALUE_NONE,
	VALUE_FOUND,
	VALUE_ODD /* there is one, in a form that isn't read here (RFC 2231) */
};

/* Appends the value of a parameter, without its quotes. */
enum value_found value_parameter(struct span value, const char *name, struct buf *out);

#endif
