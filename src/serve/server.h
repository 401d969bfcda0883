/* SPDX-License-Identifier: ISC
 *
 * server.h - the server's side of SMTP (RFC 5321) and LMTP (RFC 2033): one session, read
 * straight down
 */
#ifndef SERVE_SERVER_H
#define SERVE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "net/stream.h"
#include "serve/sink.h"

struct tls_identity;
struct users;

/* NOOP, RSET, HELP, VRFY, and beginnings that lead to no message: who says more of them
 * in a row than any program needs doesn't send mail. */
#define SERVER_CHATTER_MAX 200

/* Recipients that are refused one behind the other, after which the session ends: lists
 * have dead addresses here and there. It also ends when as many were refused since the
 * last message as one may have. */
#define SERVER_GUESSES_MAX 100

/* 0 stands for the usual value. */
struct serve_limits {
	uint64_t size;     /* bytes of a message; announced by SIZE; usually 50 MB */
	size_t recipients; /* of one message; usually 1000 */
	size_t messages;   /* of one session; usually 100000 */
	int errors;        /* that end the session; usually 20 */
	int chatter;       /* commands since the last message that carry none; usually
			    * SERVER_CHATTER_MAX */
	int seconds;       /* for which a client may be silent; usually 300 */
};

struct service {
	const char *name; /* of this machine, as clients are told */
	const struct sink *sink;
	void *self; /* of the sink */
	struct serve_limits limits;
	bool lmtp;
	bool bare; /* who ends its lines with LF alone may do so with messages, too; not
		    * for clients on other machines (SMTP smuggling) */
	bool discreet; /* it is told nothing of our files and servers: see answer.h */
	const struct tls_identity *identity; /* for STARTTLS; NULL: it isn't offered */
	bool encrypts_first;                 /* TLS comes before the greeting; with
					      * `identity` only */
	const struct users *users;           /* for AUTH; NULL: it isn't offered */
	const char *closed;                  /* why nobody is served; NULL: they are */
	bool must_encrypt; /* before AUTH and MAIL; with `identity` only */
	bool must_sign_in; /* before MAIL; with `users` only */
	/* What the client said and heard, for the curious; secrets are starred. NULL:
	 * nobody is. `who` is 'C' or 'S'. */
	void (*said)(void *arg, char who, struct span line);
	void *arg;
};

/* Talks to the client until it leaves, or has to; `fd` is the socket under the stream,
 * for STARTTLS, or -1. The visitor's place, address and uid are set, and the rest is
 * filled in. The stream is closed in the end.
 *
 * `rests`, where it isn't NULL, is called with true before the session waits for
 * the client while no message is on its way, and with false behind that wait: so who has
 * to stop the session knows when it can be done without harm. Where it returns true, the
 * session says goodbye (421) and ends. */
void serve_session(const struct service *service, struct visitor *visitor,
    struct stream *stream, int fd, bool (*rests)(bool resting));

#endif
