/* SPDX-License-Identifier: ISC
 *
 * prover.h - our side of one sign-in: what every test of auth/auth.h needs
 */
#ifndef LIB_PROVER_H
#define LIB_PROVER_H

#include "auth/auth.h"

struct prover {
	struct secret password;
	struct auth_request request;
	struct auth auth;
	struct buf said; /* the last response */
	struct outcome o;
};

/* Signs in to smtp/server.example.com, port 587. */
void prover_begin(
    struct prover *p, const char *mechanism, const char *user, const char *password);
void prover_end(struct prover *p);

/* Begins once more, with what the caller has changed in `request`. */
void prover_again(struct prover *p, const char *mechanism);

/* Answers a challenge. */
bool prover_step(struct prover *p, struct span challenge);

/* Whether it is over, and the server believed. */
bool prover_is_sure(struct prover *p);

#endif
