/* SPDX-License-Identifier: ISC
 *
 * received.h - where a message came from, as its header tells (RFC 5321, 4.4)
 */
#ifndef SERVE_RECEIVED_H
#define SERVE_RECEIVED_H

#include <stdbool.h>
#include <time.h>

#include "mail/header.h"
#include "serve/sink.h"

/* A Received field, in lines that end with LF; `host` is our name, and `id` that of the
 * message here. Of several recipients it tells nothing: some may be hidden from others.
 * Owned by the caller. */
char *received_field(
    const struct posting *p, const char *host, const char *id, time_t now);

/* Whether so many servers have had it that it must be going round in a circle (RFC 5321,
 * 6.3). */
bool received_too_often(const struct header *h);

#endif
