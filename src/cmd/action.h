/* SPDX-License-Identifier: ISC
 *
 * action.h - what the options of the command line do that are no settings
 */
#ifndef CMD_ACTION_H
#define CMD_ACTION_H

#include <stdbool.h>

#include "base/outcome.h"
#include "cmd/invocation.h"
#include "cmd/syntax.h"

/* Notes down in the invocation that the option was given, with this value ("": none).
 * Fails with CAUSE_USAGE. */
bool action_take(
    struct invocation *v, enum action action, const char *value, struct outcome *o);

#endif
