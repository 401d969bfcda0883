/* SPDX-License-Identifier: ISC
 *
 * kind.h - how a mechanism is carried out: inside auth/ only
 */
#ifndef AUTH_KIND_H
#define AUTH_KIND_H

#include "auth/auth.h"

struct auth_kind {
	/* Makes `self` ready; NULL where that fails. */
	void *(*begin)(
	    const struct mechanism *m, const struct auth_request *r, struct outcome *o);
	/* One exchange: what the server said in, what to say out. *credible: by the rules
	 * of the mechanism, a yes from the server may be believed now. */
	bool (*step)(void *self, struct span challenge, struct buf *response,
	    bool *credible, struct outcome *o);
	/* What the server has told beside its reply, or NULL. */
	const char *(*remark)(const void *self);
	void (*end)(void *self);
};

extern const struct auth_kind auth_kind_sasl;  /* by libgsasl */
extern const struct auth_kind auth_kind_plain; /* PLAIN (RFC 4616) */
extern const struct auth_kind auth_kind_oauth; /* OAUTHBEARER (RFC 7628) and XOAUTH2 */

#endif
