/* SPDX-License-Identifier: ISC */
#include "base/set.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool
set_add(struct set *s, const char *text)
{
	char *copy;

	if (tfind(text, &s->root, compare) != NULL)
		return false;
	copy = mem_dup(text);
	if (tsearch(copy, &s->root, compare) == NULL)
		mem_exhausted();
	return true;
}

void
set_free(struct set *s)
{
	tdestroy(s->root, free);
	s->root = NULL;
}
