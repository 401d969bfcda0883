/* SPDX-License-Identifier: ISC
 *
 * ask.h - one question to a server, and its answer
 */
#ifndef PROBE_ASK_H
#define PROBE_ASK_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "conf/account.h"
#include "smtp/channel.h"

/* Which of the extensions (names with commas between them, in any case) the server
 * offers: appends a line with the parameters of each, and to `missing` the names of the
 * others, with commas between them. Nobody signs in. */
bool ask_extensions(const struct account *a, const char *names, struct buf *missing,
    struct buf *lines, const struct observer *observer, struct outcome *o);

/* VRFY or EXPN (RFC 5321, 3.5), after signing in where the account does: appends the
 * lines of a reply that means yes. What the server doesn't do is CAUSE_NO_SUCH_JOB. */
bool ask_about(const struct account *a, const char *verb, const char *argument,
    struct buf *lines, const struct observer *observer, struct outcome *o);

#endif
