/* SPDX-License-Identifier: ISC */
#include "queue/trouble.h"

#include <stdbool.h>
#include <string.h>

#include "smtp/batch.h"

#define CLOSING 421  /* RFC 5321, 3.8 */
#define FULL "4.3.2" /* RFC 3463, 3.4: the server takes no mails now */

/* What a server says, or doesn't, when it goes away or has had enough. */
static bool
is_lost(const struct outcome *o)
{
	static const enum cause causes[] = { CAUSE_HANGUP, CAUSE_TIMEOUT, CAUSE_PROTOCOL,
		CAUSE_TLS_FAILED };

	for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++)
		if (o->cause == causes[i])
			return true;
	return o->code == CLOSING ||
	       (o->stage == STAGE_MAIL && strcmp(o->status, FULL) == 0);
}

enum trouble
trouble_of(const struct outcome *o)
{
	if (o->cause == CAUSE_QUOTA) /* it lasts, whichever mail is tried */
		return TROUBLE_HELD;
	switch (outcome_verdict(o)) {
	case VERDICT_DONE:
	case VERDICT_REJECT:
		return TROUBLE_NONE;
	case VERDICT_HOLD:
		return TROUBLE_HELD;
	case VERDICT_RETRY:
		break;
	}
	if (o->stage >= STAGE_CONNECT && o->stage <= STAGE_AUTH)
		return TROUBLE_ACCOUNT;
	return is_lost(o) || batch_is_rest(o) ? TROUBLE_SESSION : TROUBLE_MESSAGE;
}
