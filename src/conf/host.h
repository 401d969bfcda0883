/* SPDX-License-Identifier: ISC
 *
 * host.h - what stands where the name of a server belongs
 */
#ifndef CONF_HOST_H
#define CONF_HOST_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/account.h"

/* Makes sure that `host` and `proxy_host`, where they are set, hold names and addresses
 * only. People write URLs, ports, paths and users there: then it fails with CAUSE_CONFIG,
 * tells where that stands, and offers the settings to write in its place. A password in a
 * URL isn't shown. */
bool host_check(const struct account *a, struct outcome *o);
bool host_check_proxy(const struct account *a, struct outcome *o);

#endif
