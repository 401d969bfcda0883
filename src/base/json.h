/* SPDX-License-Identifier: ISC
 *
 * json.h - writing JSON (RFC 8259), for programs that read what we show
 *
 *	json_open(&j, NULL, '{');
 *	json_text(&j, "account", "work");
 *	json_open(&j, "servers", '[');	...	json_close(&j, ']');
 *	json_close(&j, '}');
 *
 * is {"account":"work","servers":[...]}. Names are NULL within [ ].
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/* The zero value, with `out` set, is ready to begin. */
struct json {
	struct buf *out;
	bool follows; /* something stands before: a comma comes next */
};

/* `bracket` is '{' or '[', and '}' or ']'. */
void json_open(struct json *j, const char *name, char bracket);
void json_close(struct json *j, char bracket);

/* A string; null where `text` is NULL. Bytes that are no UTF-8 become '?'. */
void json_span(struct json *j, const char *name, struct span text);
void json_text(struct json *j, const char *name, const char *text);
void json_number(struct json *j, const char *name, int64_t number);
void json_flag(struct json *j, const char *name, bool flag);

#endif
