/* SPDX-License-Identifier: ISC
 *
 * report.h - why something failed, in words on standard error
 */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "base/outcome.h"
#include "cmd/invocation.h"

/* Says why nothing was tried; returns the exit status. */
int report_failure(const struct invocation *v, const struct outcome *o);

/* The same where the account is known, and its server was asked for something. */
int report_trouble(
    const struct invocation *v, const struct account *a, const struct outcome *o);

/* The same as a warning: what goes on without it does so. */
void report_misgiving(const struct invocation *v, const struct outcome *o);

/* Says what became of the mail for one address, or, where that is NULL, of all of it.
 * Whether anything is to be heard is for the caller to know. */
void report_outcome(const struct invocation *v, const struct account *a,
    const char *address, const struct outcome *o);

/* Says this on one line; to who asked for quiet, nothing. */
void report_warning(const struct invocation *v, const char *words);

#endif
