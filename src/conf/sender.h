/* SPDX-License-Identifier: ISC
 *
 * sender.h - the setting `from`: the addresses that an account sends as
 *
 * It is a list with commas, of addresses and of patterns with *, ? and [...] as for
 * file names. Which account sends a mail is told by who sends it.
 */
#ifndef CONF_SENDER_H
#define CONF_SENDER_H

#include <stdbool.h>

/* Whether the address is one of the list, without regard to case. Where it has a
 * "+detail" before its '@', and the address of the list has none, it counts without it.
 */
bool sender_matches(const char *list, const char *address);

/* The first of the list that is an address, owned by the caller; NULL: there are patterns
 * only. */
char *sender_first(const char *list);

#endif
