/* SPDX-License-Identifier: ISC
 *
 * entry.c - the format of a mail in the queue
 *
 *	head      one line of ENTRY_HEAD bytes:
 *	          "mailchute-queue v1 MESSAGE HEADER ENVELOPE SUM SUM\n"
 *	body      of the message, as it goes on the wire, but not dot-stuffed
 *	header    of the message, the same
 *	envelope  see label.h
 *	journal   see journal.h; all that stands behind the envelope
 *
 * The numbers in the head are hexadecimal, of fixed width. MESSAGE is the length of body
 * and header, HEADER that of the header, ENVELOPE that of the envelope. The first sum is
 * the checksum of header and body, in this order; the second that of the envelope and of
 * the head up to the blank before it.
 *
 * Why in this order: a long message is buffered in a file while it is composed, and its
 * header is known only when its body has been seen (source.h). Where that file lies in
 * the spool, what is missing is appended, the head is filled in, and the file gets its
 * name: no byte is copied. And what happens to a mail later can be appended to it.
 */
#include "queue/entry.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/mem.h"
#include "base/privilege.h"
#include "queue/journal.h"
#include "queue/label.h"

#define MAGIC "mailchute-queue v1 "
#define SECOND_SUM (ENTRY_HEAD - 9) /* where it stands in the head */
#define TIME_DIGITS 11              /* of 5 bits: microseconds until the year 3100 */

void
entry_init(struct entry *e)
{
	*e = (struct entry){ .fd = -1 };
	source_init(&e->source);
}

void
entry_free(struct entry *e)
{
	if (e->fd >= 0)
		(void)close(e->fd);
	source_free(&e->source);
	envelope_free(&e->envelope);
	free(e->ticket.account);
	free(e->ticket.config);
	free(e->ticket.submitter);
	free(e->progress);
	entry_init(e);
}

size_t
entry_waiting(const struct entry *e)
{
	size_t n = 0;

	for (size_t i = 0; i < e->envelope.n; i++)
		n += e->progress[i].state == PROGRESS_WAITING;
	return n;
}

int64_t
entry_next(const struct entry *e)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < e->envelope.n; i++)
		if (e->progress[i].state == PROGRESS_WAITING &&
		    e->progress[i].next < next)
			next = e->progress[i].next;
	return next;
}

/* Digits whose order is that of their bytes, and which nobody mistakes for others. */
static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";

void
entry_new_id(char id[ENTRY_ID_SIZE])
{
	struct timespec now;
	uint64_t moment;
	uint32_t chance = 0;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	moment = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	/* a name that is taken is never taken again: see spool_put() */
	if (getrandom(&chance, sizeof chance, GRND_NONBLOCK) < 0)
		chance = (uint32_t)getpid();
	for (int i = ENTRY_ID_LENGTH - 1; i >= TIME_DIGITS; i--, chance >>= 5)
		id[i] = digits[chance & 31];
	for (int i = TIME_DIGITS - 1; i >= 0; i--, moment >>= 5)
		id[i] = digits[moment & 31];
	id[ENTRY_ID_LENGTH] = '\0';
}

bool
entry_is_id(const char *name)
{
	return strlen(name) == ENTRY_ID_LENGTH && strspn(name, digits) == ENTRY_ID_LENGTH;
}

/* Those that were tried already, or refused. */
static void
add_records(struct buf *out, const struct ticket *t, const struct envelope *e)
{
	for (size_t i = 0; i < e->n; i++) {
		const struct outcome *o = &e->rcpt[i].outcome;
		const bool is_refused = outcome_verdict(o) == VERDICT_REJECT;
		const struct record r = { is_refused ? RECORD_FAILED : RECORD_LATER, i,
			t->created, is_refused ? 0 : t->next, 1 };

		if (o->cause != CAUSE_NONE)
			record_write(out, &r, o);
	}
}

static bool
sum_message(struct source *m, uint32_t *sum, struct outcome *o)
{
	struct span piece;

	*sum = 0;
	source_rewind(m);
	do {
		if (!source_next(m, &piece, o))
			return false;
		*sum = checksum_add(*sum, piece);
	} while (piece.n > 0);
	source_rewind(m);
	return true;
}

/* The sum of an envelope, and of its head up to there. */
static uint32_t
sum_envelope(const char *head, struct span envelope)
{
	return checksum_add(checksum_add(0, envelope), span_bytes(head, SECOND_SUM - 1));
}

static void
fill_head(char head[ENTRY_HEAD], const struct source *m, struct span envelope,
    uint32_t message_sum)
{
	char text[ENTRY_HEAD + 1];

	(void)snprintf(text, sizeof text,
	    MAGIC "%016" PRIx64 " %08zx %08zx %08" PRIx32 " ", m->size, m->front.len,
	    envelope.n, message_sum);
	(void)snprintf(text + SECOND_SUM, sizeof text - SECOND_SUM, "%08" PRIx32 "\n",
	    sum_envelope(text, envelope));
	memcpy(head, text, ENTRY_HEAD);
}

bool
entry_write(const struct ticket *t, const struct envelope *e, struct source *m,
    char head[ENTRY_HEAD], struct buf *tail, struct outcome *o)
{
	size_t before = tail->len;
	uint32_t sum;

	if (!label_write(tail, t, e, m))
		return outcome_fail(o, CAUSE_ADDRESS,
		    "an address holds a control character: it can't be kept");
	if (!buf_ok(tail) || tail->len - before > ENTRY_ENVELOPE_MAX)
		return outcome_fail(o, CAUSE_MESSAGE, "it has too many recipients");
	if (!sum_message(m, &sum, o))
		return false;
	fill_head(head, m, span_bytes(tail->data + before, tail->len - before), sum);
	add_records(tail, t, e);
	return true;
}

/* What the head says. */
struct layout {
	uint64_t message, header, envelope, message_sum, envelope_sum;
};

static bool
damaged(const struct entry *e, const char *what, struct outcome *o)
{
	return outcome_fail(o, CAUSE_QUEUE_ENTRY, "%s: %s", e->id, what);
}

/* Exactly `n` bytes. */
static bool
read_at(const struct entry *e, uint64_t at, void *p, size_t n, struct outcome *o)
{
	char *to = p;

	while (n > 0) {
		ssize_t got = pread(e->fd, to, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return damaged(
			    e, got < 0 ? strerror(errno) : "it is truncated", o);
		to += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

static bool
parse_head(struct span head, struct layout *l)
{
	struct span line = head, word;
	uint64_t *const numbers[] = { &l->message, &l->header, &l->envelope,
		&l->message_sum, &l->envelope_sum };
	static const size_t widths[] = { 16, 8, 8, 8, 8 };

	if (memcmp(head.p, MAGIC, strlen(MAGIC)) != 0 || head.p[head.n - 1] != '\n')
		return false;
	line = span_bytes(head.p + strlen(MAGIC), head.n - strlen(MAGIC) - 1);
	for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++)
		if (!span_cut(&line, ' ', &word) || word.n != widths[i] ||
		    !span_number(word, 16, UINT64_MAX, numbers[i]))
			return false;
	return line.n == 0;
}

static bool
is_possible(const struct entry *e, const struct layout *l)
{
	const uint64_t size = (uint64_t)e->size - ENTRY_HEAD;

	return l->header <= l->message && l->header <= SOURCE_FRONT_MAX &&
	       l->envelope <= ENTRY_ENVELOPE_MAX && l->message <= size &&
	       l->envelope <= size - l->message &&
	       size - l->message - l->envelope <= ENTRY_JOURNAL_MAX;
}

static bool
read_head(struct entry *e, char head[ENTRY_HEAD], struct layout *l, struct outcome *o)
{
	struct stat st;

	if (fstat(e->fd, &st) != 0)
		return damaged(e, strerror(errno), o);
	e->size = st.st_size;
	if (e->size < ENTRY_HEAD)
		return damaged(e, "it is truncated", o);
	if (!read_at(e, 0, head, ENTRY_HEAD, o))
		return false;
	if (!parse_head(span_bytes(head, ENTRY_HEAD), l))
		return damaged(
		    e, "it does not begin as a queued mail of this version", o);
	return is_possible(e, l) || damaged(e, "it is truncated", o);
}

/* The envelope and the journal, which stand behind the message. */
static bool
read_tail(struct entry *e, const char *head, const struct layout *l, struct outcome *o)
{
	const uint64_t at = ENTRY_HEAD + l->message;
	struct buf tail;
	struct span envelope, journal;
	bool ok;

	buf_init(&tail, ENTRY_ENVELOPE_MAX + ENTRY_JOURNAL_MAX);
	buf_reserve(&tail, (size_t)((uint64_t)e->size - at));
	tail.len = (size_t)((uint64_t)e->size - at);
	envelope = span_bytes(tail.data, (size_t)l->envelope);
	journal = span_bytes(envelope.p + envelope.n, tail.len - envelope.n);
	ok = read_at(e, at, tail.data, tail.len, o) &&
	     ((sum_envelope(head, envelope) == l->envelope_sum &&
		  label_read(e, envelope)) ||
		 damaged(e, "its envelope is damaged", o));
	if (ok) {
		e->progress = mem_new(e->envelope.n * sizeof *e->progress);
		e->journal_at =
		    (int64_t)(at + l->envelope) + (int64_t)journal_replay(e, journal);
	}
	buf_free(&tail);
	return ok;
}

/* Reads `n` bytes into an empty buf. */
static bool
read_into(struct entry *e, struct buf *b, uint64_t at, size_t n, struct outcome *o)
{
	buf_reserve(b, n);
	if (!read_at(e, at, b->data, n, o))
		return false;
	b->len = n;
	b->data[n] = '\0';
	return true;
}

/* Has the source read the message: what is short from memory. */
static bool
open_message(struct entry *e, const struct layout *l, struct outcome *o)
{
	struct source *m = &e->source;
	const size_t body = (size_t)(l->message - l->header);

	if (!read_into(e, &m->front, ENTRY_HEAD + body, (size_t)l->header, o))
		return false;
	if (body <= SOURCE_MEMORY)
		return read_into(e, &m->held, ENTRY_HEAD, body, o);
	m->start = ENTRY_HEAD;
	m->fd = fcntl(e->fd, F_DUPFD_CLOEXEC, 0);
	return m->fd >= 0 || damaged(e, strerror(errno), o);
}

/* As source.h promises for what we have written ourselves. Else who writes into their
 * queue by other means could say more than a message to a server, in our session. */
static bool
has_whole_lines(struct source *m, struct outcome *o)
{
	bool after_cr = false, is_open = false;
	struct span piece;

	source_rewind(m);
	do {
		if (!source_next(m, &piece, o))
			return false;
		for (size_t i = 0; i < piece.n; i++) {
			const char c = piece.p[i];

			if ((c == '\n') != after_cr || c == '\0')
				return false;
			after_cr = c == '\r';
			is_open = c != '\n';
		}
	} while (piece.n > 0);
	source_rewind(m);
	return !is_open;
}

static bool
read_message(struct entry *e, const struct layout *l, struct outcome *o)
{
	uint32_t sum;

	if (!open_message(e, l, o) || !sum_message(&e->source, &sum, o))
		return false;
	if (sum != l->message_sum)
		return damaged(e, "its message is damaged", o);
	return !privilege_is_lent() || has_whole_lines(&e->source, o) ||
	       damaged(e, "its message isn't made of whole lines", o);
}

bool
entry_read(struct entry *e, bool whole, struct outcome *o)
{
	char head[ENTRY_HEAD];
	struct layout l = { 0 };

	if (!read_head(e, head, &l, o) || !read_tail(e, head, &l, o))
		return false;
	e->source.size = l.message;
	return !whole || read_message(e, &l, o);
}
