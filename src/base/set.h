/* SPDX-License-Identifier: ISC
 *
 * set.h - a set of strings
 */
#ifndef BASE_SET_H
#define BASE_SET_H

#include <stdbool.h>

/* The zero value is the empty set. */
struct set {
	void *root;
};

/* Adds a copy; false where it is there already. */
bool set_add(struct set *s, const char *text);
void set_free(struct set *s);

#endif
