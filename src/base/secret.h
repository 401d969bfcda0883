/* SPDX-License-Identifier: ISC
 *
 * secret.h - a password or token
 *
 * Its bytes are overwritten when it is freed or replaced, and no function that logs,
 * traces or fills an outcome takes one: a secret reaches the wire through the sign-in
 * code alone.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* The longest secret that is accepted. OAuth tokens have been seen with 4 kB. */
#define SECRET_MAX (64 * 1024)

struct secret {
	char *data; /* NULL: none; else NUL-terminated */
	size_t len;
};

/* Copies `value`, which may be empty; what was held before is overwritten. */
void secret_set(struct secret *s, struct span value);
void secret_free(struct secret *s);

static inline bool
secret_given(const struct secret *s)
{
	return s->data != NULL;
}

#endif
