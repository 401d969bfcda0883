/* SPDX-License-Identifier: ISC
 *
 * auth.h - one sign-in (RFC 4422), as exchange of raw bytes: base64 and the words of the
 * protocol around them are the caller's business
 */
#ifndef AUTH_AUTH_H
#define AUTH_AUTH_H

#include <stdbool.h>

#include "auth/mechanism.h"
#include "base/buf.h"
#include "base/outcome.h"
#include "base/secret.h"
#include "net/tls.h"

/* The longest message of a sign-in, either way. RFC 4954, 4 allows 12288 in base64. */
#define AUTH_MESSAGE_MAX (64 * 1024)

/* Borrowed for as long as the sign-in lasts. */
struct auth_request {
	const char *user; /* NULL: none */
	const struct secret *password;
	const char *domain;  /* of the user, for NTLM; NULL: none */
	const char *service; /* "smtp" or "lmtp" */
	const char *host;
	int port;
	enum tls_binding binding;
	struct span binding_data; /* where there is a binding */
};

struct auth {
	const struct mechanism *mechanism;
	void *self;
	int steps;
	bool credible; /* a yes from the server may be believed */
};

/* Begins a sign-in by the mechanism; auth_end() ends it, also where this fails. */
bool auth_begin(struct auth *a, const struct mechanism *m, const struct auth_request *r,
    struct outcome *o);

/* Answers what the server said (nothing, for the initial response): appends to
 * `response`, which the caller has reserved and will overwrite, because it may hold the
 * secret. Fails with CAUSE_AUTH_FAILED, or CAUSE_AUTH_SERVER where the server's proof is
 * wrong. */
bool auth_step(
    struct auth *a, struct span challenge, struct buf *response, struct outcome *o);

/* The server has said yes: may it be believed? CAUSE_AUTH_SERVER where it has not shown
 * yet that it knows the password itself. */
bool auth_accepted(const struct auth *a, struct outcome *o);

/* What the server has told about a refusal beside its reply (the JSON of OAuth), or NULL.
 */
const char *auth_remark(const struct auth *a);

void auth_end(struct auth *a);

#endif
