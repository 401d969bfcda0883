/* SPDX-License-Identifier: ISC
 *
 * credentials.h - the password for a session, had before the server is called: one that
 * waits for us would have to wait for a person, too
 */
#ifndef SMTP_CREDENTIALS_H
#define SMTP_CREDENTIALS_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"
#include "conf/password.h"
#include "smtp/session.h"

/* Gets what signing in, or a token with our key, may need; nothing where nothing is
 * needed. A password that is there already, from an earlier server of a list, is kept
 * where it was found for all of them. Fails as password_get() does. */
bool credentials_get(const struct account *a, const struct observer *observer,
    struct password *password, struct outcome *o);

/* The same without a sign-in: the PIN of a token only. */
bool credentials_for_tls(const struct account *a, const struct observer *observer,
    struct password *password, struct outcome *o);

/* A password may be refused because it comes from a place that nobody thought of: then
 * this adds the place to the outcome, how long it is, whether it looks as if it had got
 * more than the password, and where the user is from. */
void credentials_blame(
    const struct account *a, const struct password *password, struct outcome *o);

/* Gets them, and opens a session with them, which borrows the password. Where that fails,
 * nothing is left to be closed, and a refused password is blamed. */
bool credentials_open(struct session *s, const struct account *a,
    struct password *password, const struct observer *observer, struct outcome *o);

/* The same with the first of the account's hosts that lets us in. */
bool credentials_open_first(struct session *s, struct account *a,
    struct password *password, const struct observer *observer, struct outcome *o);

#endif
