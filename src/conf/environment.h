/* SPDX-License-Identifier: ISC
 *
 * environment.h - settings from the environment, for containers
 *
 * The variable of a setting is MAILCHUTE_ and the setting's name in capitals:
 * MAILCHUTE_HOST, MAILCHUTE_PASSWORD_FILE. An empty one is as good as none. In a program
 * with a set-id bit, none counts.
 */
#ifndef CONF_ENVIRONMENT_H
#define CONF_ENVIRONMENT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/outcome.h"
#include "conf/config.h"

/* Whether it names a server, and so describes an account of its own. */
bool environment_has_server(void);

/* Whether it has mail caught (protocol catch), for which no server is needed. */
bool environment_catches(void);

/* Lays the settings of the environment over `a`, which belongs to `c`. A place for the
 * password makes the account forget those that it had. Fails with CAUSE_CONFIG. */
bool environment_apply(struct config *c, struct account *a, struct outcome *o);

/* Appends a line for each variable that begins like those of settings and is none, with a
 * setting that may have been meant. */
void environment_add_unknown(struct buf *out);

#endif
