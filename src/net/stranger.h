/* SPDX-License-Identifier: ISC
 *
 * stranger.h - a server of another protocol, known by its first words
 */
#ifndef NET_STRANGER_H
#define NET_STRANGER_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/span.h"

/* What kind of server begins so, for people ("a web server (HTTP)"); NULL: not known. */
const char *stranger_name(struct span line);

/* Fills `o` with CAUSE_NOT_SMTP and returns true, where the line is one that such a
 * server begins with; else returns false and leaves `o` alone. */
bool stranger_fail(struct outcome *o, struct span line);

#endif
