/* SPDX-License-Identifier: ISC
 *
 * local.h - which addresses are of this machine, and mean nothing anywhere else
 */
#ifndef MAIL_LOCAL_H
#define MAIL_LOCAL_H

/* What makes a domain local. Strings are borrowed; NULL: not known, or not set. */
struct local {
	const char *host;       /* the name of this machine, as gethostname(2) gives it */
	const char *maildomain; /* what its local names are sent as */
	const char *domains;    /* more of them: a list with commas */
};

enum local_kind {
	LOCAL_NOT,        /* somebody else's, or no address at all */
	LOCAL_MAILDOMAIN, /* of the mail domain, where others may have real mailboxes */
	LOCAL_HERE        /* of this machine alone */
};

/* `spec` as address.spec. Without a domain, and with "localhost",
 * "localhost.localdomain", the name of this machine in full or up to its first dot, or a
 * domain of the list, it is LOCAL_HERE. */
enum local_kind local_kind(const struct local *l, const char *spec);

/* The local part, owned by the caller. */
char *local_part(const char *spec);

#endif
