/* SPDX-License-Identifier: ISC
 *
 * network.h - lists of machines: addresses, and networks such as 192.0.2.0/24
 */
#ifndef NET_NETWORK_H
#define NET_NETWORK_H

#include <stdbool.h>

#include "base/outcome.h"

/* Whether an address (as for inet_pton(3)) is in the list, which has commas or blanks. */
bool network_has(const char *list, const char *address);

/* Whether the list can be read; CAUSE_CONFIG, naming the setting. */
bool network_check(const char *list, const char *setting, struct outcome *o);

#endif
