/* SPDX-License-Identifier: ISC
 *
 * slip.h - values in files that are written as other programs want them
 *
 * A value is the rest of its line, as with msmtp: `host = mx`, `host 'mx'` and
 * `host mx # ours` name servers that nobody has. What may be meant is taken; what can't
 * is refused in words that tell why.
 */
#ifndef CONF_SLIP_H
#define CONF_SLIP_H

#include "base/outcome.h"
#include "conf/account.h"

struct slip {
	unsigned kind;     /* a bit of its own */
	const char *words; /* what has to be known */
	struct span meant; /* the value without it; borrowed; may be empty */
};

/* False: there is nothing of the kind in the value. */
bool slip_find(struct span value, struct slip *s);

/* Refuses what can't be meant in settings that the account makes use of. Fails with
 * CAUSE_CONFIG. */
bool slip_check(const struct account *a, struct outcome *o);

/* The same for what may be meant, and hardly is: false, where `o` has a warning. */
bool slip_doubt(const struct account *a, struct outcome *o);

#endif
