/* SPDX-License-Identifier: ISC
 *
 * converted.h - a message and what became of it: what every test of mail/downgrade.h
 * needs
 */
#ifndef LIB_CONVERTED_H
#define LIB_CONVERTED_H

#include "base/buf.h"
#include "mail/downgrade.h"

#define QP "Content-Transfer-Encoding: quoted-printable\r\n"
#define MIME "MIME-Version: 1.0\r\n"
#define MULTI MIME "Content-Type: multipart/mixed; boundary=b\r\n\r\n"

struct converted {
	bool ok, changed;
	struct source in, out;
	struct buf text; /* of `out` */
	struct outcome o;
};

/* downgrade() or shorten(). */
typedef bool converter(
    struct source *in, struct source *out, bool *changed, struct outcome *o);

void converted_make(struct converted *c, converter *convert, struct span text);
void converted_free(struct converted *c);

#endif
