/* SPDX-License-Identifier: ISC
 *
 * parameter.h - what stands behind MAIL FROM: and RCPT TO:
 */
#ifndef SMTP_PARAMETER_H
#define SMTP_PARAMETER_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "mail/envelope.h"

#define PARAMETERS_MAX 8192

/* Whether an address of the envelope isn't all ASCII. */
bool envelope_is_utf8(const struct envelope *e);

/* Appends "<address>". Without SMTPUTF8 the domain goes as A-labels (RFC 5891); a local
 * part outside ASCII has no such form: CAUSE_NO_SMTPUTF8. */
bool add_path(struct buf *out, const char *address, bool utf8, struct outcome *o);

/* Appends what the sender wants to know: RET and ENVID; NOTIFY and ORCPT (RFC 3461, 4).
 */
void add_mail_dsn(struct buf *out, const struct envelope *e);
void add_rcpt_dsn(struct buf *out, const struct envelope *e, const struct recipient *to);

#endif
