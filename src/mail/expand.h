/* SPDX-License-Identifier: ISC
 *
 * expand.h - who gets the mail for local names: aliases, and those who get all the rest
 */
#ifndef MAIL_EXPAND_H
#define MAIL_EXPAND_H

#include <stdbool.h>

#include "base/outcome.h"
#include "mail/envelope.h"
#include "mail/local.h"

/* How many entries one mail's recipients may lead to. */
#define EXPAND_MAX 1000000

struct aliases;

/* Strings are borrowed. */
struct expansion {
	const char *aliases;   /* a file (mail/aliases.h), or NULL */
	struct aliases *known; /* what stands in it, once it has been read: for the next
				* call, too; NULL: it is read for this call alone */
	const char *root_to;   /* an address list, or NULL */
	const struct local *local;
	void (*warn)(void *arg, const char *words); /* NULL: nobody hears warnings */
	void *arg;
};

/* Puts into the place of each local recipient those whom its alias leads to, in their
 * order and each once. The file is opened only where there is a local recipient. Aliases
 * count for LOCAL_MAILDOMAIN, too; the entry for all other names, and `root_to`, only for
 * LOCAL_HERE, because they would take the mail of others' mailboxes.
 *
 * An alias in a circle of aliases is left out, with a warning, and so are commands and
 * files. Whoever is left with nobody goes to `root_to`, or, where that is NULL, to
 * `lost`, with CAUSE_ALIAS; /dev/null is somebody. Who stays local, and there is no
 * `root_to`, stays as it is. At any failure the envelope is as it was. */
bool expand_recipients(struct envelope *e, const struct expansion *x,
    struct envelope *lost, struct outcome *o);

#endif
