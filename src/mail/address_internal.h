/* SPDX-License-Identifier: ISC
 *
 * address_internal.h - what address.c, which reads lists, shares with address_text.c,
 * which writes addresses and looks at their text, and with nobody else
 */
#ifndef MAIL_ADDRESS_INTERNAL_H
#define MAIL_ADDRESS_INTERNAL_H

#include <string.h>

#include "mail/address.h"

/* RFC 5322, 3.2.3, and UTF-8 (RFC 6532); the dot is handled apart. */
static inline bool
is_atext(char c)
{
	return is_8bit(c) ||
	       (c > ' ' && c < 0x7f && strchr("()<>[]:;@\\,.\"", c) == NULL);
}

static inline bool
is_dot_atom_char(char c)
{
	return c == '.' || is_atext(c);
}

#endif
