/* SPDX-License-Identifier: ISC
 *
 * answer.h - what a client hears about an outcome
 */
#ifndef SERVE_ANSWER_H
#define SERVE_ANSWER_H

#include <stdbool.h>

#include "base/outcome.h"
#include "mail/envelope.h"

struct answer {
	int code;
	char status[12]; /* RFC 3463 */
	char text[600];  /* lines, joined by '\n' */
};

/* What another server said about the mail passes as it is. The rest follows from the
 * verdict: what has to wait for another try, or for somebody here to mend a setting, is
 * put off (4xx), so that no mail is lost by it; what can't ever work is refused. Who
 * asks from elsewhere (`discreet`) hears nothing of our files, nor of the servers and
 * users that we use. */
void answer_make(struct answer *a, const struct outcome *o, bool discreet);

/* One answer for all recipients (SMTP has no more): yes where one was accepted at least,
 * because who hears no would send it again to all; else "later" where that is true of
 * one. Returns that outcome. */
const struct outcome *answer_for_all(const struct envelope *e);

/* The same where a yes is due only if all were accepted: "later" where that is true of
 * one; else no, if anybody was refused. */
const struct outcome *answer_of_failures(const struct envelope *e);

#endif
