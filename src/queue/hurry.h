/* SPDX-License-Identifier: ISC
 *
 * hurry.h - mail is sent before its time, by the runner that there is: another process
 *
 * What is to be known goes where any runner finds it: into the journal of the mails, and
 * into the state of the accounts. Then who stays is woken.
 */
#ifndef QUEUE_HURRY_H
#define QUEUE_HURRY_H

#include <stdbool.h>

#include "base/outcome.h"
#include "queue/entry.h"
#include "queue/spool.h"
#include "queue/wish.h"

/* Has all who wait be due; with `revives`, also those who won't be tried again. The entry
 * must have been taken. Fails with CAUSE_QUEUE. */
bool hurry_entry(struct entry *e, bool revives, struct outcome *o);

/* Does to the queue what such a run would begin with, for the process that runs it. Mail
 * that it has in its hands is left alone. */
void hurry_queue(struct spool *s, const struct drain_wish *wish);

/* The trouble of such mails' account is over: those are due that it kept back. */
void hurry_account(struct spool *s, const struct ticket *t);

/* Whether somebody waits for no reason but the account's trouble; and has such a mail be
 * due, that nobody else holds. */
bool hurry_is_of_account(const struct entry *e);
bool hurry_mail(struct spool *s, const char *id);

/* Accounts that wait are tried at once; with `forced`, also those that are held. */
void hurry_accounts(const struct spool *s, bool forced);

/* Has a runner that stays look at the queue. */
void hurry_runner(const struct spool *s);

#endif
