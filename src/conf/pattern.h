/* SPDX-License-Identifier: ISC
 *
 * pattern.h - %-patterns in `from` and `domain`
 *
 *	%U	who runs this: $USER, $LOGNAME, or the user database
 *	%H	the name of this machine: $HOSTNAME, or what the system says
 *	%C	its canonical name, as the DNS knows it
 *	%M	the first line of SYSCONFDIR/mailname
 *	%F	the address in the mail's From header
 *
 * Anything else with a '%' stays as it is.
 */
#ifndef CONF_PATTERN_H
#define CONF_PATTERN_H

#include <stdbool.h>

#include "base/outcome.h"

struct pattern_context {
	bool is_sender;          /* %U and %F count */
	const char *header_from; /* NULL: not known, and %F stays */
};

/* Replaces *text, which is owned by the caller before and after. Control characters in
 * what is put in become '?'. Fails with CAUSE_CONFIG where the file for %M can't be read.
 */
bool pattern_expand(char **text, const struct pattern_context *x, struct outcome *o);

/* Whether the text has this pattern in it; `letter` is such as 'F'. */
bool pattern_has(const char *text, char letter);

/* What %U stands for; owned by the caller. */
char *pattern_user(void);

#endif
