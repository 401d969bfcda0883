/* SPDX-License-Identifier: ISC
 *
 * hash.h - passwords as crypt(3) keeps them: "$6$salt$...", "$y$...", "$2b$..."
 */
#ifndef AUTH_HASH_H
#define AUTH_HASH_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/span.h"

/* Whether it begins as such a hash does; the old ones of 13 letters are none. */
bool hash_is(struct span text);

/* Whether one is made in a second or two, and 128 MB, as with all that programs choose by
 * themselves; its kind, such as "$6$". Only for what hash_is(). */
bool hash_is_quick(struct span hash);
struct span hash_kind(struct span hash);

/* Whether passwords can be compared with hashes here. Fails with CAUSE_SYSTEM, where the
 * library isn't there. */
bool hash_ready(struct outcome *o);

/* Whether this is the password; after hash_ready(). It takes as long as the hash says. */
bool hash_matches(struct span hash, const char *password);

#endif
