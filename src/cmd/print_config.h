/* SPDX-License-Identifier: ISC
 *
 * print_config.h - showing the settings in use
 */
#ifndef CMD_PRINT_CONFIG_H
#define CMD_PRINT_CONFIG_H

#include "cmd/choose.h"
#include "cmd/invocation.h"
#include "conf/config.h"

/* Prints which files were read, which account was chosen and why, and each setting with
 * the place that it comes from, secrets starred. */
void print_config(
    const struct invocation *v, const struct config *c, const struct choice_made *made);

#endif
