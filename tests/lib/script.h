/* SPDX-License-Identifier: ISC
 *
 * script.h - a peer that is a text
 *
 * A script is a carrier (net/stream.h) whose other end is played from a list of steps: no
 * socket, no process and no clock, so that a test sees every byte, every write and every
 * wait, and never waits itself.
 *
 * A step says its words once the client has written what the step listens for. The steps
 * are taken in order, and each listens behind the place where the one before it heard its
 * words. So a list can model
 *
 *	a server that has said it all already	{ { NULL, "220 a\r\n250 b\r\n" } }
 *	one that speaks only when spoken to	{ { NULL, "220 a\r\n" },
 *						  { "EHLO ", "250 b\r\n" } }
 *	one that waits for the whole group	{ { "DATA\r\n",
 *						  "250\r\n250\r\n354\r\n" } }
 *
 * While the next step still listens there is nothing to read, and a client that waits to
 * read is told that its deadline has passed, at once. So a client that waits where it
 * should write shows up as CAUSE_TIMEOUT, and one that writes ahead of a reply that it
 * ought to wait for shows up in `writes` and `heard`.
 *
 * The members below `heard` can be set after script_init() and before the first use; they
 * make the peer awkward in the ways that real ones are.
 */
#ifndef LIB_SCRIPT_H
#define LIB_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "net/stream.h"
#include "smtp/channel.h"

struct script_step {
	const char *heard; /* what the client must have written first; NULL: nothing */
	const char *says;
};

/* What comes after the last step. */
enum script_end {
	SCRIPT_CLOSES, /* the peer closes the connection: end of file */
	SCRIPT_SILENT, /* nothing: who waits is told that the deadline has passed */
	SCRIPT_RESETS  /* reading fails for good */
};

struct script {
	const struct script_step *step; /* borrowed */
	size_t steps;
	enum script_end end;

	const char *late_heard; /* see script_add_bytes(); NULL: none */
	struct span late;

	size_t next; /* the step that comes next */
	size_t mark; /* in `heard`, behind what the last step listened for */
	struct buf said;
	size_t taken;      /* of `said`, what the client has read */
	bool read_put_off; /* `hesitates`: the last call of its kind was put off */
	bool write_put_off;

	/* What the client did. */
	struct buf heard;
	int writes; /* calls that moved bytes: the trips that its words took */
	int reads;  /* calls, whatever came of them */
	int waits;
	int64_t deadline; /* of its last wait */
	bool closed;

	/* How awkward the peer is; 0: not at all. */
	size_t read_max;    /* the most bytes that one read gives */
	size_t write_max;   /* the most bytes that one write takes */
	size_t backlog_max; /* listens only while no more bytes of its own than
			     * these lie unread (RFC 2920, 3.1: why pipelining
			     * clients must read while they write) */
	size_t dies_after;  /* takes so many bytes, and then writing fails */
	bool deaf;          /* takes nothing, ever */
	int patience;       /* after so many waits, every further one is told that its
			     * deadline has passed, so that who would wait for ever
			     * comes to an end; 0: a million */
	bool hesitates;     /* puts off each call once */
	bool crossed; /* ... and asks for the other direction than that of the call, as
		       * TLS may */
};

/* Begins the play. `steps` is borrowed; script_free() ends it. */
void script_init(
    struct script *s, const struct script_step *steps, size_t n, enum script_end end);

/* A peer that has said these bytes already, whatever they are. */
void script_init_bytes(struct script *s, struct span said, enum script_end end);

/* One more step, behind all others, that says any bytes; both are borrowed. */
void script_add_bytes(struct script *s, const char *heard, struct span says);

/* The length of what a server says up to its invitation (354, or another 3xx), with it:
 * the rest is about the message, and an honest server says it when it has heard
 * SCRIPT_END_OF_MESSAGE. All, where it invites nobody. */
size_t script_invitation(struct span says);

#define SCRIPT_END_OF_MESSAGE "\r\n.\r\n"

void script_free(struct script *s);

/* Whether every step was played and everything was read. */
bool script_is_over(const struct script *s);

/* `self` is a struct script *. */
extern const struct carrier script_carrier;

/* A stream to the peer. Closing it doesn't free the script. */
void script_stream(struct script *s, struct stream *stream);

/* A channel to the peer, with the limits that it has by default. */
void script_channel(
    struct script *s, struct channel *channel, const struct observer *observer);

#endif
