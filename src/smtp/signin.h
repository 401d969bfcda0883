/* SPDX-License-Identifier: ISC
 *
 * signin.h - AUTH (RFC 4954)
 */
#ifndef SMTP_SIGNIN_H
#define SMTP_SIGNIN_H

#include <stdbool.h>

#include "base/outcome.h"

struct session;

/* Signs in to the server of an open session, as its account says. What is sent and
 * received is starred for observers. */
bool sign_in(struct session *s, struct outcome *o);

#endif
