/* SPDX-License-Identifier: ISC
 *
 * server.h - a server that is a text, behind a real socket
 *
 * For what dials by itself: a child process takes one connection on 127.0.0.1, says all
 * that it has to say at once, but for what stands behind its 354, and keeps what it hears
 * until the client closes. Where the order of bytes matters, script.h is the better peer.
 */
#ifndef LIB_SERVER_H
#define LIB_SERVER_H

#include "conf/account.h"

struct server {
	int port;
	int child;
	int heard; /* a file */
};

void server_start(struct server *s, const char *says);

/* Waits until the client has closed; returns what was heard, which the caller frees. */
char *server_stop(struct server *s);

/* An account for the port on 127.0.0.1, without TLS, in which no wait takes longer than
 * 20 seconds. */
struct account *server_account(int port);

/* Sets "NAME" to "VALUE"; a value that isn't taken ends the test program. */
void server_account_set(struct account *a, const char *name, const char *value);

#endif
