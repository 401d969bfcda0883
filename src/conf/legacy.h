/* SPDX-License-Identifier: ISC
 *
 * legacy.h - names of settings that msmtp has given up, and still reads
 */
#ifndef CONF_LEGACY_H
#define CONF_LEGACY_H

#include <stdbool.h>

#include "base/outcome.h"
#include "conf/option.h"

struct legacy_word {
	const char *word; /* "": the bare name */
	const char *value;
};

struct legacy_name {
	const char *name;
	const char *setting;             /* NULL: means nothing any more */
	const struct legacy_word *words; /* ended by a NULL; NULL: values stay */
	unsigned flags;                  /* enum option_flag */
};

extern const struct legacy_name legacy_names[];
extern const size_t legacy_count;

/* NULL: there is no such old name. */
const struct legacy_name *legacy_find(struct span name);

/* *row becomes the setting's, or NULL where the name means nothing any more, and *value
 * what that setting takes. Fails with `cause`. */
bool legacy_translate(const struct legacy_name *l, const struct option_row **row,
    struct span *value, enum cause cause, struct outcome *o);

#endif
