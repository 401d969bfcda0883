/* SPDX-License-Identifier: ISC */
#include "auth/auth.h"

#include "auth/kind.h"

#define STEPS_MAX 12 /* no mechanism needs half as many */

bool
auth_begin(struct auth *a, const struct mechanism *m, const struct auth_request *r,
    struct outcome *o)
{
	*a = (struct auth){ .mechanism = m };
	a->self = m->kind->begin(m, r, o);
	return a->self != NULL;
}

bool
auth_step(struct auth *a, struct span challenge, struct buf *response, struct outcome *o)
{
	if (++a->steps > STEPS_MAX)
		return outcome_fail(
		    o, CAUSE_AUTH_FAILED, "the server asks again and again");
	if (!a->mechanism->kind->step(a->self, challenge, response, &a->credible, o))
		return false;
	return buf_ok(response) ||
	       outcome_fail(o, CAUSE_AUTH_FAILED, "the answer would be too long");
}

bool
auth_accepted(const struct auth *a, struct outcome *o)
{
	return a->credible ||
	       outcome_fail(o, CAUSE_AUTH_SERVER,
		   "it accepted %s before its own part was done", a->mechanism->name);
}

const char *
auth_remark(const struct auth *a)
{
	return a->self != NULL ? a->mechanism->kind->remark(a->self) : NULL;
}

void
auth_end(struct auth *a)
{
	if (a->self != NULL)
		a->mechanism->kind->end(a->self);
	*a = (struct auth){ 0 };
}
