/* SPDX-License-Identifier: ISC
 *
 * load.h - which configuration files are read
 */
#ifndef CONF_LOAD_H
#define CONF_LOAD_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/config.h"

/* Reads the user's file, which is `user_file` where that isn't NULL, else the first that
 * exists of
 *	$XDG_CONFIG_HOME/mailchute/config   (~/.config where that isn't set)
 *	~/.msmtprc
 *	$XDG_CONFIG_HOME/msmtp/config
 * and then the system's, the first that exists of
 *	SYSCONFDIR/mailchute/config
 *	SYSCONFDIR/msmtprc
 * A file that isn't there is no error, unless it was named. Fails with CAUSE_CONFIG,
 * CAUSE_CONFIG_FILE or, where others can read a password in the user's file,
 * CAUSE_EXPOSED. */
bool config_load(struct config *c, const char *user_file, struct outcome *o);

/* Reads the system's file only. */
bool config_load_system(struct config *c, struct outcome *o);

#endif
