/* SPDX-License-Identifier: ISC
 *
 * downgrade.h - a message for a server that takes 7 bits only (RFC 6152, 3)
 */
#ifndef MAIL_DOWNGRADE_H
#define MAIL_DOWNGRADE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "mail/source.h"

/* Writes `in` into `out`, which the caller has initialised, with every part whose body
 * has bytes above 0x7f in quoted-printable. *changed is false, and nothing is written,
 * where the message has no MIME-Version, because then nobody has said what its bytes
 * mean, and where its structure isn't clear: a label would be a guess. Bytes above 0x7f
 * that stand outside all parts, or in base64, become '?': nobody is meant to see them. */
bool downgrade(struct source *in, struct source *out, bool *changed, struct outcome *o);

#endif
