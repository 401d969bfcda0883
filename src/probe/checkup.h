/* SPDX-License-Identifier: ISC
 *
 * checkup.h - what the files of the doctor share, and nobody else
 */
#ifndef PROBE_CHECKUP_H
#define PROBE_CHECKUP_H

#include "conf/password.h"
#include "probe/check.h"

void checkup_add(struct checkup *c, enum finding_state state, const char *what, int ms,
    const char *fmt, ...) __attribute__((format(printf, 5, 6)));

/* The first failure counts; returns false. */
bool checkup_fail(struct checkup *c, const struct account *a, const char *what,
    const struct outcome *o);

/* Has the account wait briefly for everything. */
void checkup_hurry(const struct checkup *c, struct account *a);

/* Whether the account's present host, which stands behind one that takes the mail, could
 * be used, too. */
void checkup_spare(struct checkup *c, struct account *a, struct password *password);

/* The accounts that the routes of this one name. */
void checkup_routes(
    struct checkup *c, const struct config *config, const struct account *a);

/* The files that say what is done, and whether others can read them. */
void checkup_files(
    struct checkup *c, const struct config *config, const struct account *a);

/* What waits in the account's queue. */
void checkup_queue(
    struct checkup *c, const struct config *config, const struct account *a);

/* Whether the programs of this machine that call sendmail call us. */
void checkup_sendmail(struct checkup *c);

#endif
