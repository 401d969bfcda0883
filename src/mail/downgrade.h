/* SPDX-License-Identifier: ISC
 *
 * downgrade.h - parts of a message in other encodings, for what can't be on the wire
 */
#ifndef MAIL_DOWNGRADE_H
#define MAIL_DOWNGRADE_H

#include <stdbool.h>

#include "base/outcome.h"
#include "mail/source.h"

/* For a server that takes 7 bits only (RFC 6152, 3). Writes `in` into `out`, which the
 * caller has initialised, with every part whose body has bytes above 0x7f in
 * quoted-printable. *changed is false, and nothing is written, where the message has no
 * MIME-Version, because then nobody has said what its bytes mean, and where its structure
 * isn't clear: a label would be a guess. Bytes above 0x7f that stand outside all parts,
 * or in base64, become '?': nobody is meant to see them. */
bool downgrade(struct source *in, struct source *out, bool *changed, struct outcome *o);

/* For lines that are longer than LINE_LIMIT (RFC 5321, 4.5.3.1.6): writes `in` into `out`
 * with every part whose body has one in quoted-printable; base64 and quoted-printable get
 * the line breaks that they don't have. *changed is false, and nothing is written, where
 * downgrade() wouldn't change it either, and where a part is signed: its lines count.
 * Lines of headers and between parts stay as they are. */
bool shorten(struct source *in, struct source *out, bool *changed, struct outcome *o);

#endif
