/* SPDX-License-Identifier: ISC
 *
 * library.h - shared libraries that are loaded when they are first needed
 *
 * Most of the time that a short run takes is its loader's: GnuTLS with all that it needs
 * costs more than everything else. Who only shows a version, looks up an alias or hands a
 * mail to the queue needs none of it.
 *
 * What is used of a library stands in one list, of which a table of functions is made:
 * see net/gnutls.h.
 */
#ifndef BASE_LIBRARY_H
#define BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/outcome.h"

/* Fills `table`, of `n` pointers, with the functions of these names, unless that was done
 * before. `file` is the name that a linker would have noted down. Fails with
 * CAUSE_SYSTEM. */
bool library_load(const char *file, const char *const names[], void *table, size_t n,
    struct outcome *o);

#endif
