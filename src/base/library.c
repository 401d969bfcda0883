/* SPDX-License-Identifier: ISC */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

static bool
fail(struct outcome *o)
{
	const char *why = dlerror();

	return outcome_fail(
	    o, CAUSE_SYSTEM, "%s", why != NULL ? why : "a library is missing");
}

/* The library stays for good: its functions may have left something behind. */
bool
library_load(
    const char *file, const char *const names[], void *table, size_t n, struct outcome *o)
{
	char *to = table;
	void *function, *library;

	memcpy(&function, to + (n - 1) * sizeof function, sizeof function);
	if (function != NULL) /* the last is filled last */
		return true;
	library = dlopen(file, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL)
		return fail(o);
	for (size_t i = 0; i < n; i++) {
		function = dlsym(library, names[i]);
		if (function == NULL)
			return fail(o);
		memcpy(to + i * sizeof function, &function, sizeof function);
	}
	return true;
}
