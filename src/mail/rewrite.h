/* SPDX-License-Identifier: ISC
 *
 * rewrite.h - a From that the smarthost takes: many take only the address of the account
 *
 * The author of a mail from cron is "root (Cron Daemon)"; out there it is known as
 * "Cron Daemon <hanako@example.org>". The old one stays to be seen in X-Original-From.
 */
#ifndef MAIL_REWRITE_H
#define MAIL_REWRITE_H

#include <stdbool.h>

#include "base/buf.h"
#include "mail/compose.h"
#include "mail/header.h"
#include "mail/local.h"

/* Strings are borrowed. */
struct rewrite {
	int when;          /* enum from_rewrite */
	const char *from;  /* the account's address, as address.spec */
	const char *own;   /* all its addresses (mail/sender.h), or NULL */
	const char *allow; /* others that may stay, likewise */
	const struct local *local;
};

/* Whether this sender (as address.spec) has to be replaced: with REWRITE_AUTO, one that
 * is LOCAL_HERE; with REWRITE_ALWAYS, all but the account's own. What is allowed
 * stays, and so does the null sender. */
bool rewrite_wanted(const struct rewrite *r, const char *spec);

/* Takes the From fields out of the header where they have to be replaced, and appends
 * what comes in their place to `added`, in lines that end with LF: From with the old
 * name, X-Original-From, and Reply-To where there is none and all authors have an address
 * that can get mail. False where From stays as it is.
 *
 * Only one author can be judged: whatever else stands in From is replaced with
 * REWRITE_ALWAYS alone, and in any case appends words for a warning to `odd`. */
bool rewrite_header(
    struct header *h, const struct rewrite *r, struct buf *added, struct buf *odd);

#endif
