/* SPDX-License-Identifier: ISC
 *
 * plain.c - PLAIN (RFC 4616): by hand, since most sign-ins are that, and loading a
 * library for it would take longer than all else that is done for it
 */
#include <stdlib.h>

#include "auth/kind.h"
#include "base/mem.h"

struct plain {
	const struct auth_request *request;
	bool said;
};

static void *
begin_plain(const struct mechanism *m, const struct auth_request *r, struct outcome *o)
{
	struct plain *p = mem_new(sizeof *p);

	(void)m;
	(void)o;
	*p = (struct plain){ .request = r };
	return p;
}

static bool
step_plain(void *self, struct span challenge, struct buf *response, bool *credible,
    struct outcome *o)
{
	struct plain *p = self;

	(void)challenge;
	if (p->said)
		return outcome_fail(o, CAUSE_AUTH_FAILED,
		    "the server asks on when PLAIN has nothing more to say");
	buf_addc(response, '\0');
	buf_puts(response, p->request->user);
	buf_addc(response, '\0');
	buf_puts(response, p->request->password->data);
	p->said = true;
	*credible = true; /* as far as it goes: the server proves nothing */
	return true;
}

static const char *
no_remark(const void *self)
{
	(void)self;
	return NULL;
}

const struct auth_kind auth_kind_plain = { begin_plain, step_plain, no_remark, free };
