/* SPDX-License-Identifier: ISC
 *
 * report_mail.h - what became of a mail: in words, in the logs, and as an exit status
 */
#ifndef CMD_REPORT_MAIL_H
#define CMD_REPORT_MAIL_H

#include <time.h>

#include "cmd/invocation.h"
#include "mail/envelope.h"
#include "mail/source.h"

/* Says on standard error what became of a mail, or of a part of one, that went through
 * this account: nothing, where all went well. Writes the account's log. */
void report_part(const struct invocation *v, const struct account *a,
    const struct envelope *e, const struct source *m);

/* Says how much of a mail went, where not all of it did; returns the exit status. `a` is
 * the account that was chosen. */
int report_whole(
    const struct invocation *v, const struct account *a, const struct envelope *e);

/* Writes the account's log for a mail of the queue that was tried; nobody waits to hear
 * of it. */
void report_tried(const struct invocation *v, const struct account *a,
    const struct envelope *e, const struct source *m);

/* Says on standard error, to those who want to see what happens, under which name a mail
 * is kept in the queue. */
void report_kept(const struct invocation *v, const char *id);

/* Says that those who were refused are left to the queue, which tells the sender. */
void report_to_be_told(
    const struct invocation *v, const struct envelope *e, const char *id);

/* The same as report_kept() for one that was tried, with the reason, and when it will be
 * tried again: also to those who sit at a terminal. */
void report_put_off(const struct invocation *v, const struct account *a,
    const struct envelope *e, const char *id, time_t next);

/* What composing has done to the mail, a set of enum repaired. That bytes were lost is
 * said in any case, the rest only to those who want to see what happens. */
void report_repairs(const struct invocation *v, unsigned done);

#endif
