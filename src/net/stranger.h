/* SPDX-License-Identifier: ISC
 *
 * stranger.h - a server of another protocol, known by its first words
 */
#ifndef NET_STRANGER_H
#define NET_STRANGER_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/span.h"

/* Fills `o` with CAUSE_NOT_SMTP and returns true, where the line is one that such a
 * server begins with; else returns false and leaves `o` alone. */
bool stranger_fail(struct outcome *o, struct span line);

#endif
