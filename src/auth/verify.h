/* SPDX-License-Identifier: ISC
 *
 * verify.h - a sign-in of somebody to us (RFC 4954), from our side
 */
#ifndef AUTH_VERIFY_H
#define AUTH_VERIFY_H

#include "base/buf.h"
#include "base/outcome.h"
#include "base/span.h"

struct users;
struct verify;

enum verified {
	VERIFY_MORE,  /* the challenge goes to the client */
	VERIFY_RIGHT, /* nothing is left to be said */
	VERIFY_WRONG
};

/* Begins one by a method of users_methods(); NULL: CAUSE_AUTH_FAILED. */
struct verify *verify_begin(
    const struct users *u, const char *method, const char *host, struct outcome *o);

/* Takes what the client has said, and appends what to say. */
enum verified verify_step(struct verify *v, struct span said, struct buf *challenge);

/* Who has signed in; good as long as v. */
const char *verify_user(const struct verify *v);

void verify_end(struct verify *v);

#endif
