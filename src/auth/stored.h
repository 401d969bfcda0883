/* SPDX-License-Identifier: ISC
 *
 * stored.h - the password of a user of ours, as a file keeps it
 *
 *	secret                          the password itself
 *	{PLAIN}secret                   the same, whatever it looks like
 *	$6$...   {CRYPT}$6$...          crypt(3); what stands behind a ':' doesn't count,
 *	                                as in passwd(5), shadow(5) and htpasswd files
 *	{SCRAM-SHA-256}4096,SALT,STORED,SERVER
 *	                                the keys of RFC 5802, in base64 as with Dovecot
 *	*   !   !$6$...   {PLAIN}       nobody's: it is locked
 */
#ifndef AUTH_STORED_H
#define AUTH_STORED_H

#include "base/span.h"

enum stored_kind {
	STORED_NONE,   /* it can't be read */
	STORED_LOCKED, /* no password is right */
	STORED_PLAIN,
	STORED_HASH,
	STORED_SLOW, /* a hash that nobody may be made to wait for */
	STORED_SCRAM
};

/* It points into what it was read from. */
struct stored {
	enum stored_kind kind;
	struct span text; /* the password, or the hash */
	unsigned iterations;
	struct span salt, stored_key, server_key; /* base64 */
};

/* STORED_NONE with `text` set to the scheme, where that isn't known, or is followed by
 * something else; STORED_SLOW with the kind of hash, such as "$6$". */
struct stored stored_read(struct span value);

#endif
