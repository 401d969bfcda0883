/* SPDX-License-Identifier: ISC
 *
 * stream.h - buffered bytes to and from one peer, each wait with a deadline
 *
 * Writes gather in a buffer; bytes leave on stream_flush(), or when the buffer is full.
 * While a stream waits to write it also takes in what has arrived, so that a pipelining
 * client can't deadlock with its server (RFC 2920, 3.1). Both buffers are bounded.
 *
 * Bytes are moved by a carrier: a socket, TLS, or, in tests, a script. So everything
 * above runs against a peer that is a text.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/outcome.h"

/* What a carrier's read and write return instead of a number of bytes. */
enum {
	CARRIER_FAILED = -1,     /* for good; the outcome is filled */
	CARRIER_WANTS_READ = -2, /* try again when there is something to read */
	CARRIER_WANTS_WRITE = -3 /* try again when there is room to write */
};

struct carrier {
	/* Neither waits. read: bytes, 0 where the peer has closed; write: bytes. */
	ssize_t (*read)(void *self, void *p, size_t n, struct outcome *o);
	ssize_t (*write)(void *self, const void *p, size_t n, struct outcome *o);
	/* Waits for any of the poll(2) `events`; returns those that came, 0 at the
	 * deadline. */
	int (*wait)(void *self, int events, int64_t deadline);
	void (*close)(void *self);
	/* Holds nothing back: what there is to read, wait() sees. */
	bool is_direct;
};

struct stream {
	const struct carrier *carrier; /* NULL: closed */
	void *self;
	struct buf in;
	size_t in_read; /* bytes of `in` that were handed out */
	bool ended;     /* the peer has closed its side: nothing more comes */
	struct buf out;
	uint64_t sent; /* bytes that the carrier has taken, in all */
	int pace;      /* bytes that are read in a second; 0: as they come */
	bool has_left; /* something, since the last read: it will be answered */
};

/* The stream takes over the carrier and closes it. */
void stream_init(struct stream *s, const struct carrier *carrier, void *self);
void stream_close(struct stream *s);

/* Goes on over another carrier (TLS over the socket); the old one isn't closed. Both
 * buffers must be empty: see stream_unread(). */
void stream_change_carrier(struct stream *s, const struct carrier *carrier, void *self);

/* From now on reads no more than so many bytes (1 or more) a second: for those who want
 * to know how their program takes it. */
void stream_slow_down(struct stream *s, int pace);

/* Each fails with CAUSE_TIMEOUT at the deadline, with CAUSE_HANGUP where the peer has
 * closed, or as the carrier says. */
bool stream_write(
    struct stream *s, struct span bytes, int64_t deadline, struct outcome *o);
bool stream_flush(struct stream *s, int64_t deadline, struct outcome *o);

/* The next line, without its CR LF or LF, good until the next call. A line longer than
 * `max` bytes fails with CAUSE_PROTOCOL. */
bool stream_line(
    struct stream *s, struct span *line, size_t max, int64_t deadline, struct outcome *o);

/* The next `n` bytes, at most 64 KiB, good until the next call. No more than these are
 * asked of the carrier: what comes next may be for another one. */
bool stream_bytes(
    struct stream *s, struct span *bytes, size_t n, int64_t deadline, struct outcome *o);

/* Waits until `n` bytes or more have arrived that nobody has asked for yet, and shows
 * them all: good until the next call. stream_skip() takes from their front. */
bool stream_peek(
    struct stream *s, struct span *bytes, size_t n, int64_t deadline, struct outcome *o);
void stream_skip(struct stream *s, size_t n);

/* Takes in what has arrived, without waiting. */
void stream_take(struct stream *s);

/* How many bytes were written in all, whether they have left or still wait. */
uint64_t stream_written(const struct stream *s);

/* How many bytes have arrived that nobody has asked for yet. */
size_t stream_unread(const struct stream *s);

/* Overwrites what was sent: for after a secret. */
void stream_forget(struct stream *s);

#endif
