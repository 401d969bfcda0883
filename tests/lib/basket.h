/* SPDX-License-Identifier: ISC
 *
 * basket.h - a sink that keeps what it gets, as a text: what every test of serve/ needs
 */
#ifndef LIB_BASKET_H
#define LIB_BASKET_H

#include "base/buf.h"
#include "serve/server.h"

/* Whoever's local part begins with one of these words is refused, or is put off, at the
 * place that it names: "later-rcpt@x", "no-mail@x", "no-final@x", "part-final@x" (every
 * second recipient gets nothing). */
struct basket {
	struct buf log;    /* "MAIL s@x", "RCPT a@x", "MESSAGE a@x,b@x: text", "END" */
	enum stage strict; /* the stage that isn't permitted; 0: all are */
	enum cause with;   /* with this cause */
	size_t read_max;   /* bytes that come at a time; 0: any number */
	int ended;         /* messages that were begun, less those that were ended */
};

void basket_init(struct basket *b);
void basket_free(struct basket *b);

/* `self` is a struct basket *. */
extern const struct sink basket_sink;

/* Plays one session: the client has said all this already. Returns what the server said,
 * which the caller frees. */
char *basket_play(struct basket *b, const struct service *like, struct span says);

#endif
