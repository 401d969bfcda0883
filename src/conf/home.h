/* SPDX-License-Identifier: ISC
 *
 * home.h - where the home directory is
 */
#ifndef CONF_HOME_H
#define CONF_HOME_H

#include "base/span.h"

/* The home directory: $HOME, else the one in the user database; NULL: none. Owned by the
 * caller. */
char *home_directory(void);

/* A path with the home directory in place of a leading ~; NULL where there is none. Owned
 * by the caller. */
char *home_expand(struct span path);

#endif
