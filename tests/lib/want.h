/* SPDX-License-Identifier: ISC
 *
 * want.h - what is to become of a recipient: one word for each way in which a transaction
 * can end, for tables
 */
#ifndef LIB_WANT_H
#define LIB_WANT_H

#include "base/outcome.h"
#include "lib/unit.h"

struct want {
	enum cause cause;
	int code; /* of the reply; 0: there was none */
	enum stage stage;
};

/* clang-format off */
#define TAKEN { CAUSE_NONE, 250, STAGE_FINAL }
#define SAID(code, stage) { CAUSE_REPLY, code, STAGE_##stage }
#define NOT_AS(code) { CAUSE_SENDER, code, STAGE_MAIL }
#define BROKE(cause, stage) { CAUSE_##cause, 0, STAGE_##stage }
/* clang-format on */

static inline void
check_outcome(const char *label, const struct outcome *o, struct want want)
{
	check_int(label, o->cause, want.cause);
	check_int(label, o->code, want.code);
	check_int(label, o->stage, want.stage);
}

#endif
