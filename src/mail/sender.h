/* SPDX-License-Identifier: ISC
 *
 * sender.h - lists of addresses: those that an account sends as, or lets pass
 *
 * A list has commas between addresses and patterns with *, ? and [...] as for file names.
 */
#ifndef MAIL_SENDER_H
#define MAIL_SENDER_H

#include <stdbool.h>

/* Whether the address is one of the list, without regard to case. Where it has a
 * "+detail" before its '@', and the address of the list has none, it counts without it.
 */
bool sender_matches(const char *list, const char *address);

/* The same for a recipient, and a list that may also have domains: what has no '@' in it
 * or nothing before it, is matched with the domain of the address, or with the whole of
 * an address that has none. */
bool recipient_matches(const char *list, const char *address);

/* The first of the list that is an address, owned by the caller; NULL: there are patterns
 * only. */
char *sender_first(const char *list);

#endif
