/* SPDX-License-Identifier: ISC
 *
 * refusal.h - what a server means by its no
 *
 * Servers say more in words than in codes: that a password must be one for programs, that
 * the sender isn't ours, that the day's limit is reached. One table has what is known of
 * their words.
 */
#ifndef SMTP_REFUSAL_H
#define SMTP_REFUSAL_H

#include "base/outcome.h"

/* Makes the cause of a refusal as precise as the table allows; `server` is the name of
 * the host that said it, or NULL. The outcome is one that outcome_reply() has filled. */
void refusal_explain(struct outcome *o, const char *server);

#endif
