/* SPDX-License-Identifier: ISC
 *
 * report_dialogue.h - what happens, on standard output while it happens
 */
#ifndef CMD_REPORT_DIALOGUE_H
#define CMD_REPORT_DIALOGUE_H

#include "cmd/invocation.h"
#include "smtp/channel.h"

/* Shows the dialogue, where that is wanted; warnings, on standard error, in any case.
 * Borrows `v`. */
struct observer report_observer(const struct invocation *v);

/* A line among the dialogue, where that is shown. */
void report_note(const struct invocation *v, const char *words);

#endif
