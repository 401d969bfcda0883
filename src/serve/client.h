/* SPDX-License-Identifier: ISC
 *
 * client.h - lines from, and replies to, a client: the line above the bytes
 *
 * Replies gather until somebody waits for the client: so a pipelining client gets the
 * replies to a group of commands in one piece.
 */
#ifndef SERVE_CLIENT_H
#define SERVE_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "net/stream.h"

/* RFC 4954, 4 allows 12288 bytes in a line of a sign-in; all others are far shorter. */
#define CLIENT_LINE_MAX (16 * 1024)

struct client {
	struct stream *stream;
	int seconds;  /* for which it may be silent */
	bool is_bare; /* its last line ended with LF alone */
	bool lost;    /* there is nobody to talk to any more */
	void (*said)(void *arg, char who, struct span line); /* NULL: nobody listens */
	void *arg;
};

enum client_line {
	CLIENT_LINE,
	CLIENT_TOO_LONG, /* the line was longer than CLIENT_LINE_MAX, and is gone */
	CLIENT_SILENT,   /* the deadline has passed */
	CLIENT_GONE
};

/* When a wait for this client that begins now must end. */
int64_t client_deadline(const struct client *c);

/* The next line, without its line end, good until the next call; with `is_secret`, who
 * listens sees "****". What was to be said is sent before. */
enum client_line client_line(struct client *c, struct span *line, bool is_secret);

/* Says "CODE STATUS TEXT", with as many lines as the text has. `status` (RFC 3463) is ""
 * where there is none. Control characters become '?', and long lines are cut. */
void client_say(struct client *c, int code, const char *status, const char *text);

/* Shows a challenge of a sign-in: not to those who listen. */
void client_challenge(struct client *c, struct span base64);

/* Sends what is to be said. */
void client_flush(struct client *c);

#endif
