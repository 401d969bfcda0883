/* SPDX-License-Identifier: ISC
 *
 * secretfile.h - who may see a file that holds a secret
 */
#ifndef CONF_SECRETFILE_H
#define CONF_SECRETFILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/outcome.h"

/* Who may see such a file: its owner, which is us, and nobody else. Root may do as it
 * pleases. Fails with CAUSE_EXPOSED, and says what to do. */
bool secretfile_check(const struct stat *st, const char *path, struct outcome *o);

#endif
