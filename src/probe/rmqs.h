/* SPDX-License-Identifier: ISC
 *
 * rmqs.h - asking a server to send what it holds: Remote Message Queue Starting, ETRN
 * (RFC 1985)
 */
#ifndef PROBE_RMQS_H
#define PROBE_RMQS_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "smtp/channel.h"

/* Starts a queue of the account's server, after signing in where the account does: that
 * for a host, for a domain and all its hosts ("@domain"), or one that has a name of its
 * own ("#queue"). Of a list of servers the next is asked while a later try might do
 * better. A name that can't be one is CAUSE_ADDRESS, and nobody is asked; CAUSE_NO_ETRN,
 * CAUSE_QUEUE_NAME and CAUSE_REPLY are what the server makes of it. */
bool rmqs_start(struct account *a, const char *queue, const struct observer *observer,
    struct outcome *o);

#endif
