/* SPDX-License-Identifier: ISC
 *
 * password.h - where an account's password comes from
 */
#ifndef CONF_PASSWORD_H
#define CONF_PASSWORD_H

#include <stdbool.h>

#include "base/outcome.h"
#include "base/secret.h"
#include "conf/account.h"
#include "conf/option.h"

/* The zero value is no password. */
struct password {
	struct secret secret;
	char *origin;  /* where it was found, for people: "/home/joe/.netrc:3" */
	bool of_host;  /* it was found for just this host: another one has its own */
	char *warning; /* what people should know about that place; NULL: nothing */
};

void password_free(struct password *p);

/* Gets the password from the first of these that has one:
 *	the setting password
 *	the setting passwordeval: the first line that the command prints
 *	the setting password_file: the first line of the file
 *	the keyring
 *	~/.netrc, then SYSCONFDIR/netrc
 *	whoever sits at the terminal, within five minutes
 * One of the settings must yield a password if it is there; the other places are asked
 * where there is a user to ask for. So this is for who will sign in, before anybody is
 * connected to. Fails with CAUSE_PASSWORD, CAUSE_EXPOSED or, where no place has one,
 * CAUSE_NO_PASSWORD; but leaves `p` empty where there is no user either. */
bool password_get(const struct account *a, struct password *p, struct outcome *o);

/* Whether the setting is one of those that say where the password is; and makes the
 * account forget all of these, so that the one which is given next counts. */
bool password_is_source(const struct option_row *row);
void password_forget(struct account *a);

#endif
