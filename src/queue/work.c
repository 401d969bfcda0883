/* SPDX-License-Identifier: ISC */
#include "queue/work.h"

#include <sys/mman.h>

#include "base/mem.h"

static size_t
size_of(size_t n)
{
	return sizeof(struct work) + n * sizeof(struct work_item);
}

struct work *
work_new(size_t n)
{
	struct work *w = mmap(
	    NULL, size_of(n), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (w == MAP_FAILED)
		mem_exhausted();
	w->n = n;
	return w;
}

void
work_free(struct work *w)
{
	if (w != NULL)
		(void)munmap(w, size_of(w->n));
}

struct work_item *
work_take(struct work *w)
{
	size_t i;

	if (atomic_load(&w->stop))
		return NULL;
	i = atomic_fetch_add(&w->next, 1);
	return i < w->n ? &w->item[i] : NULL;
}
