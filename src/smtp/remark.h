/* SPDX-License-Identifier: ISC
 *
 * remark.h - what people should know about the TLS of a session, or its lack
 */
#ifndef SMTP_REMARK_H
#define SMTP_REMARK_H

#include <stdbool.h>

#include "base/outcome.h"
#include "smtp/session.h"

/* Tells the observer who the server has shown to be, and of settings by which that counts
 * for less than people may think. */
void remark_on_tls(const struct session *s);

/* The server doesn't offer STARTTLS; *o becomes CAUSE_TLS_NONE, with what is to be done,
 * which depends on where the server is. Returns false. */
bool remark_no_starttls(const struct session *s, struct outcome *o);

#endif
