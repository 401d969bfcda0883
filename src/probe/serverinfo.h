/* SPDX-License-Identifier: ISC
 *
 * serverinfo.h - what a server shows before anybody signs in
 */
#ifndef PROBE_SERVERINFO_H
#define PROBE_SERVERINFO_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/outcome.h"
#include "conf/account.h"
#include "net/dial.h"
#include "net/facts.h"
#include "smtp/caps.h"
#include "smtp/channel.h"

#define SERVERINFO_MAX (512 * 1024) /* a greeting, a certificate, and our words */

/* Strings are owned; those of the server are printable. The zero value: nothing. */
struct serverinfo {
	char *place;    /* where it is; NULL: no connection */
	char *greeting; /* NULL: none */
	char *tls;      /* how it is encrypted; NULL: it isn't */
	bool has_certificate;
	struct certificate_facts certificate;
	bool has_caps;
	bool ready; /* a session came about */
	struct caps caps;
};

/* Opens a session as the account says, but for the sign-in, and closes it. What was seen
 * on the way is there also where it failed. */
bool serverinfo_get(struct serverinfo *info, const struct account *a,
    const struct observer *observer, struct outcome *o);
void serverinfo_free(struct serverinfo *info);

/* The same for programs: an object's members. */
void serverinfo_add(const struct serverinfo *info, struct json *j);

/* Appends what was seen, for people, and what it means for the account. The form is that
 * of msmtp, which scripts read; what msmtp doesn't tell stands behind what it does. */
void serverinfo_show(
    const struct serverinfo *info, const struct account *a, struct buf *out);

#endif
