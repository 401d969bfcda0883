/* SPDX-License-Identifier: ISC
 *
 * session.h - a connection to a server, made ready for mail
 *
 * This is the one place that connects: whoever talks to a server, to send or to look into
 * what is wrong, opens a session, and so all see the same.
 */
#ifndef SMTP_SESSION_H
#define SMTP_SESSION_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/secret.h"
#include "conf/account.h"
#include "net/dial.h"
#include "net/socket.h"
#include "net/tls.h"
#include "smtp/caps.h"
#include "smtp/channel.h"

struct session {
	const struct account *account;
	const struct secret *password;
	struct channel channel;
	struct socket socket;
	struct tls *tls;
	bool encrypted; /* the stream goes over tls */
	struct caps caps;
	struct dialled peer;
	char *greeting; /* without its codes, and printable; NULL: none yet */
	bool probed;    /* because it was silent, it was asked whether it waits for TLS */
	const char *signed_in; /* the method's name; NULL: not yet */
	struct buf proof;      /* what was said to sign in, if it holds the password */
	bool quit;             /* QUIT was sent */
};

/* Connects, starts TLS as the account says, greets, and signs in. Account, password and
 * observer (NULL: none) are borrowed until session_close(), which must be called whether
 * this succeeds or not. Fails with the stage that it had come to. */
bool session_open(struct session *s, const struct account *account,
    const struct secret *password, const struct observer *observer, struct outcome *o);

/* The same without signing in: for who only wants to know what is there. */
bool session_reach(struct session *s, const struct account *account,
    const struct secret *password, const struct observer *observer, struct outcome *o);

/* As session_open(), over a carrier in place of a connection: for tests, whose server is
 * a text. There is no socket under it, so that a TLS handshake fails. */
bool session_over(struct session *s, const struct carrier *carrier, void *self,
    const struct account *account, const struct secret *password, struct outcome *o);

/* Whether another server of a list may do better than the one that this is from: it could
 * not be reached, or asked for another try. A password that was refused goes no further,
 * and nor does a mail that may have got through. */
bool session_may_move_on(const struct outcome *o);

/* Tells the observer (NULL: none) why the next server is tried. */
void session_note_move(
    const struct account *a, const struct outcome *o, const struct observer *observer);

/* Says QUIT, unless that was said or nothing can be said, and closes without waiting for
 * an answer: nothing depends on it. */
void session_close(struct session *s, bool can_talk);

#endif
