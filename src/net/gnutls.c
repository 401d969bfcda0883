/* SPDX-License-Identifier: ISC */
#include "net/gnutls.h"

#include "base/library.h"

#define NAME(name) "gnutls_" #name,

struct gnutls gnutls;

bool
gnutls_ready(struct outcome *o)
{
	static const char *const names[] = { GNUTLS_FUNCTIONS(NAME) };

	return library_load(
	    GNUTLS_FILE, names, &gnutls, sizeof names / sizeof names[0], o);
}
