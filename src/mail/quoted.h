/* SPDX-License-Identifier: ISC
 *
 * quoted.h - quoted-printable (RFC 2045, 6.7)
 */
#ifndef MAIL_QUOTED_H
#define MAIL_QUOTED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* One line on its way; zero at its beginning. */
struct quoted {
	size_t column;
	char blank; /* one that is held back: at the end of a line it must be encoded */
};

/* Appends a part of a line, with soft line breaks (CR LF) so that no line gets longer
 * than 76 bytes; none begins with '-'. `ends`: the line ends here, and its own CR LF is
 * appended. */
void quoted_encode(struct quoted *q, struct buf *out, struct span part, bool ends);

#endif
