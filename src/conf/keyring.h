/* SPDX-License-Identifier: ISC
 *
 * keyring.h - passwords that the desktop keeps (the Secret Service of freedesktop.org)
 */
#ifndef CONF_KEYRING_H
#define CONF_KEYRING_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/secret.h"

/* Asks the keyring by way of secret-tool(1) for the password of this user at this host,
 * with the attributes that msmtp gives to its passwords: host, service=smtp and user; or
 * user, protocol=smtp and server. It has 25 seconds for both, which is time to unlock it.
 * False, and why not is appended to `why`, where there is none, or no keyring. */
bool keyring_find(
    const char *host, const char *user, struct secret *password, struct buf *why);

#endif
