/* SPDX-License-Identifier: ISC
 *
 * mechanism.h - the ways to sign in (RFC 4422), strongest first
 */
#ifndef AUTH_MECHANISM_H
#define AUTH_MECHANISM_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/span.h"
#include "conf/account.h"
#include "net/tls.h"

enum mechanism_flag {
	MECHANISM_USER = 1,     /* needs a user name */
	MECHANISM_PASSWORD = 2, /* needs a password or token */
	MECHANISM_FIRST = 4,    /* the client speaks first: an initial response */
	MECHANISM_BINDS = 8,    /* needs a channel binding of TLS */
	MECHANISM_SCRAM = 16,
	MECHANISM_REVEALS = 32, /* who listens learns what gives access */
	MECHANISM_AUTO = 64,    /* may be chosen by `auth on` under TLS */
	MECHANISM_BARE = 128    /* ... and without TLS, too */
};

struct auth_kind;

struct mechanism {
	const char *name;
	const struct auth_kind *kind;
	unsigned flags;
};

/* In the order of preference, ended by a NULL name. */
extern const struct mechanism mechanisms[];

/* The mechanism of that name, in any case; NULL: it isn't known. */
const struct mechanism *mechanism_find(struct span name);

/* The mechanism that the account names; NULL: none, or any. */
const struct mechanism *mechanism_named(const struct account *a);

/* Whether the account may need a password to sign in, as far as can be told before the
 * server is asked what it offers. */
bool mechanism_needs_password(const struct account *a);

/* What is known when a method is chosen. */
struct mechanism_choice {
	const char *offered; /* by the server: names, separated by blanks */
	bool encrypted;      /* the channel */
	enum tls_binding binding;
	bool has_password;
};

/* Chooses the method that the account names, else the first that is fit for the channel.
 * Fails with CAUSE_AUTH_METHOD, CAUSE_AUTH_CLEAR or, where user or password is missing,
 * CAUSE_AUTH_SETTING. */
bool mechanism_choose(const struct account *a, const struct mechanism_choice *c,
    const struct mechanism **chosen, struct outcome *o);

#endif
