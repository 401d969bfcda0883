/* SPDX-License-Identifier: ISC
 *
 * checkup.h - what check.c and machine.c share, and nobody else
 */
#ifndef PROBE_CHECKUP_H
#define PROBE_CHECKUP_H

#include "probe/check.h"

void checkup_add(struct checkup *c, enum finding_state state, const char *what, int ms,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The files that say what is done, and whether others can read them. */
void checkup_files(
    struct checkup *c, const struct config *config, const struct account *a);

/* What waits in the account's queue. */
void checkup_queue(
    struct checkup *c, const struct config *config, const struct account *a);

/* Whether the programs of this machine that call sendmail call us. */
void checkup_sendmail(struct checkup *c);

#endif
