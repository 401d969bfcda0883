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

/* Gets the password: the setting `password`, else the first line that the command
 * `passwordeval` prints. `out` stays empty where the account has neither. Fails with
 * CAUSE_PASSWORD, and the command's own words where it has any. */
bool password_get(const struct account *a, struct secret *out, struct outcome *o);

/* Whether the account's password is the PIN of a token: of one that holds tls_key_file.
 */
bool password_is_pin(const struct account *a);

#endif
