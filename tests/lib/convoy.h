/* SPDX-License-Identifier: ISC
 *
 * convoy.h - messages that go one behind the other to a peer: what every test of
 * smtp/batch.h needs that is about more than one answer
 */
#ifndef LIB_CONVOY_H
#define LIB_CONVOY_H

#include "lib/peer.h"
#include "smtp/batch.h"

#define CONVOY_MAX 40
#define CONVOY_TEXT "Subject: x\r\n\r\nhello\r\n"

/* What a server says to EHLO. */
#define BOTH "mx\nPIPELINING\nCHUNKING"
#define PIPELINING "mx\nPIPELINING"
#define CHUNKING "mx\nCHUNKING"

/* The n-th message, from 0 on, is from sN@x to aN@x and bN@x; all have the same text. */
struct convoy {
	struct peer peer;
	struct channel channel;
	struct caps caps;
	struct batch b;
	struct envelope e[CONVOY_MAX];
	struct source m;
	size_t n;     /* messages */
	size_t given; /* so many were asked for */
	size_t settled;
	size_t place[CONVOY_MAX]; /* the how-manieth of those settled */
	struct outcome o;
	bool ok;
};

/* Makes `n` messages of this text ready, and the peer; the caller may still change what
 * the peer does. */
void convoy_begin(struct convoy *c, const char *caps, size_t n, const char *text);
void convoy_end(struct convoy *c);

/* Has all of them sent, up to `depth` in one flight. */
void convoy_go(struct convoy *c, unsigned depth);

/* Hands over the first one alone; returns what transact() returns. */
bool convoy_transact(struct convoy *c);

/* The first one is from s@x to so many, r1@x, r2@x, ... */
void convoy_address(struct convoy *c, size_t recipients);

#endif
