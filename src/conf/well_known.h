/* SPDX-License-Identifier: ISC
 *
 * well_known.h - servers that many people send through
 */
#ifndef CONF_WELL_KNOWN_H
#define CONF_WELL_KNOWN_H

/* The one that a name which doesn't exist is probably a typing error for; NULL: none. */
const char *well_known_near(const char *host);

#endif
