/* SPDX-License-Identifier: ISC
 *
 * journal.h - what happened to the recipients of a queued mail, one record a line
 *
 * The records stand behind the mail, in its own file. A record is a line:
 *
 *	CHECKSUM KIND RECIPIENT TIME NEXT TRIES CAUSE STAGE CODE STATUS TEXT
 *
 * The checksum is CRC-32C, in 8 hexadecimal digits, of what stands behind the blank after
 * it. KIND is a letter, see enum record_kind; RECIPIENT its number in the envelope, from
 * 0; TIME and NEXT are seconds since 1970; CAUSE and STAGE are words; STATUS is "-" where
 * there is none; TEXT is the rest, with line ends as "\n" and "\" as "\\".
 *
 * A line that isn't whole, or whose checksum is wrong, is one that was being written when
 * the power went: it doesn't count, and the next record is written over it.
 */
#ifndef QUEUE_JOURNAL_H
#define QUEUE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "queue/entry.h"

enum record_kind {
	RECORD_SENT = 'D',   /* the server has accepted the mail for the recipient */
	RECORD_FAILED = 'F', /* it won't be tried again */
	RECORD_LATER = 'T',  /* it will be, at `next` */
	RECORD_WARNED = 'W', /* the sender was told that it takes long */
	RECORD_NOTICED = 'N' /* the sender was told that it was sent, or has failed */
};

struct record {
	enum record_kind kind;
	size_t recipient;
	int64_t time;
	int64_t next; /* RECORD_LATER: when; else 0 */
	int tries;    /* so far, with this one */
};

/* Appends a record as a line to `out`; `outcome` goes with it. */
void record_write(struct buf *out, const struct record *r, const struct outcome *outcome);

/* Reads a line, less its line end. False where it isn't whole. */
bool record_read(struct span line, struct record *r, struct outcome *outcome);

/* Notes in the entry, in memory and in `lines`, what has become of a recipient: `lines`
 * then goes to journal_append(). One entry's records may so share one write. */
void journal_note(struct entry *e, struct buf *lines, const struct record *r,
    const struct outcome *outcome);

/* Makes the lines durable: they are on disk when it returns true. The entry must have
 * been taken (spool_take()). Fails with CAUSE_QUEUE. */
bool journal_append(struct entry *e, struct span lines, struct outcome *o);

/* Applies all whole records in `text` to the entry; returns the length of what was
 * whole. */
size_t journal_replay(struct entry *e, struct span text);

#endif
