/* SPDX-License-Identifier: ISC
 *
 * utf8.h - UTF-8 (RFC 3629), and text of others that is fit to be shown
 */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"

/* Whether the text is well-formed UTF-8. */
bool is_utf8(struct span s);

/* The same for a text that comes in parts, which may end inside of a character. Zero at
 * its beginning. */
struct utf8 {
	int more; /* bytes that the present character still needs */
	unsigned char first;
	bool begun; /* its second byte comes next */
	bool bad;
};

void utf8_feed(struct utf8 *u, struct span part);
bool utf8_is_whole(const struct utf8 *u); /* all of it was UTF-8, up to its end */

/* Makes text of unknown origin fit for terminals and logs: control characters (U+0080 to
 * U+009F, too), those that reorder what is shown, and bytes that aren't UTF-8 become '?',
 * one for each byte; line ends become `line_end`. */
void make_printable(char *s, size_t n, char line_end);

#endif
