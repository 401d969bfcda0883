/* SPDX-License-Identifier: ISC
 *
 * ways.h - the ways in which an account is found, in their order, in words
 */
#ifndef CMD_WAYS_H
#define CMD_WAYS_H

#include "base/buf.h"
#include "cmd/choose.h"
#include "cmd/invocation.h"
#include "conf/config.h"

/* What a way is called, such as "the default account". */
const char *way_name(enum choice_by by);

/* "--host, MAILCHUTE_HOST, [--account], ...": all of them, with the one that was taken in
 * brackets. */
void ways_add_order(struct buf *out, enum choice_by taken);

/* "--host (not given), MAILCHUTE_HOST (not set)": those before it, and why none of them
 * was taken. Nothing is added where it is the first. */
void ways_add_passed(struct buf *out, const struct invocation *v, const struct config *c,
    const struct choice_made *made);

#endif
