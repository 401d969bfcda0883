/* SPDX-License-Identifier: ISC
 *
 * connect.h - from an account to a connection: to a socket, to a host, or through a proxy
 *
 * The session has its account, its password and its channel; it gets its socket and,
 * where the account wants TLS, what that takes, which is made ready while the connection
 * is under way. session_close() frees both, whether this succeeds or not.
 */
#ifndef SMTP_CONNECT_H
#define SMTP_CONNECT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/outcome.h"
#include "smtp/session.h"

/* Fails with STAGE_CONNECT, and with STAGE_TLS where the account's settings for TLS are
 * wrong. */
bool connect_server(struct session *s, struct outcome *o);

/* The same for one question, until a monotonic deadline: nobody is told of it, and it
 * doesn't matter whether TLS could be made ready. */
bool connect_apart(struct session *s, int64_t deadline, struct outcome *o);

/* Makes TLS ready alone, where there is a connection already. */
bool connect_prepare_tls(struct session *s, struct outcome *o);

#endif
