/* SPDX-License-Identifier: ISC
 *
 * trouble.h - whose fault it is that a queued mail did not go out
 */
#ifndef QUEUE_TROUBLE_H
#define QUEUE_TROUBLE_H

#include "base/outcome.h"

enum trouble {
	TROUBLE_NONE,    /* it went out, or was refused for good */
	TROUBLE_MESSAGE, /* this one waits, others may go */
	TROUBLE_SESSION, /* the connection was lost: another one may do */
	TROUBLE_ACCOUNT, /* the server can't be used now: nothing goes */
	TROUBLE_HELD     /* nor will it, until somebody mends a setting */
};

enum trouble trouble_of(const struct outcome *o);

#endif
