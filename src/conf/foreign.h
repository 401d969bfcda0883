/* SPDX-License-Identifier: ISC
 *
 * foreign.h - what other programs call our settings
 */
#ifndef CONF_FOREIGN_H
#define CONF_FOREIGN_H

#include <stddef.h>

#include "base/span.h"

struct foreign_name {
	const char *theirs; /* small letters, without '-' and '_' */
	const char *ours;
	const char *also; /* the line that turning it on takes besides, or NULL */
};

extern const struct foreign_name foreign_names[];
extern const size_t foreign_count;

/* NULL: none is known. Case, '-' and '_' don't count. */
const struct foreign_name *foreign_find(struct span name);

#endif
