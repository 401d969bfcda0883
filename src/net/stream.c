/* SPDX-License-Identifier: ISC */
#include "net/stream.h"

#include <assert.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"

#define OUT_MAX (64 * 1024)
#define IN_MAX (256 * 1024)
#define READ_SIZE (16 * 1024) /* a whole TLS record */
#define SIPS 10               /* a second, where not too much is to be read */

void
stream_init(struct stream *s, const struct carrier *carrier, void *self)
{
	*s = (struct stream){ .carrier = carrier, .self = self };
	buf_init(&s->in, IN_MAX);
	buf_init(&s->out, OUT_MAX);
	buf_reserve(&s->out, OUT_MAX); /* secrets pass through: it must never move */
}

void
stream_close(struct stream *s)
{
	if (s->carrier == NULL)
		return;
	s->carrier->close(s->self);
	s->carrier = NULL;
	buf_free(&s->in);
	buf_free_secret(&s->out);
}

size_t
stream_unread(const struct stream *s)
{
	return s->in.len - s->in_read;
}

uint64_t
stream_written(const struct stream *s)
{
	return s->sent + s->out.len;
}

void
stream_change_carrier(struct stream *s, const struct carrier *carrier, void *self)
{
	assert(stream_unread(s) == 0 && s->out.len == 0);
	s->carrier = carrier;
	s->self = self;
}

void
stream_slow_down(struct stream *s, int pace)
{
	s->pace = pace;
}

/* Waits until it is time for some bytes more. Returns how many. */
static size_t
dawdle(const struct stream *s)
{
	const int n = s->pace >= SIPS ? s->pace / SIPS : 1;

	clock_pause((int)(1000LL * n / s->pace));
	return (size_t)n;
}

void
stream_forget(struct stream *s)
{
	buf_clear_secret(&s->out);
}

static bool
has_room(const struct stream *s)
{
	return stream_unread(s) + READ_SIZE <= IN_MAX;
}

/* Takes in what has arrived, as far as there is room, and `max` bytes at most. Returns
 * what the carrier's last read returned. */
static ssize_t
take_in(struct stream *s, size_t max, struct outcome *o)
{
	ssize_t n;

	if (s->ended)
		return 0;
	s->has_left = false;
	buf_consume(&s->in, s->in_read);
	s->in_read = 0;
	if (s->pace > 0) {
		const size_t sip = dawdle(s);

		max = sip < max ? sip : max;
	}
	buf_reserve(&s->in, s->in.len + READ_SIZE);
	n = s->carrier->read(
	    s->self, s->in.data + s->in.len, max < READ_SIZE ? max : READ_SIZE, o);
	buf_filled(&s->in, n > 0 ? (size_t)n : 0);
	s->ended = n == 0;
	return n;
}

void
stream_take(struct stream *s)
{
	struct outcome ignored;

	if (has_room(s))
		(void)take_in(s, READ_SIZE, &ignored);
}

static int
events_for(ssize_t wants)
{
	return wants == CARRIER_WANTS_READ ? POLLIN : POLLOUT;
}

/* Waits for the carrier, and in any case not past the deadline: a peer that keeps us busy
 * with what isn't an answer must not gain time by it. Returns the events that came. */
static int
wait_for(struct stream *s, int events, int64_t since, int64_t deadline, struct outcome *o)
{
	int came =
	    clock_left(deadline) > 0 ? s->carrier->wait(s->self, events, deadline) : 0;

	if (came == 0)
		(void)outcome_fail(o, CAUSE_TIMEOUT, "it was given %lld s",
		    (long long)(clock_now() - since + 500) / 1000);
	return came;
}

bool
stream_flush(struct stream *s, int64_t deadline, struct outcome *o)
{
	const int64_t since = clock_now();
	size_t done = 0;

	while (done < s->out.len) {
		ssize_t n =
		    s->carrier->write(s->self, s->out.data + done, s->out.len - done, o);
		bool listens = has_room(s) && !s->ended;
		int came;

		if (n == CARRIER_FAILED)
			return false;
		if (n >= 0) {
			done += (size_t)n;
			s->sent += (uint64_t)n;
			s->has_left = true;
			continue;
		}
		came = wait_for(
		    s, events_for(n) | (listens ? POLLIN : 0), since, deadline, o);
		if (came == 0)
			return false;
		if ((came & POLLIN) != 0 && listens &&
		    take_in(s, READ_SIZE, o) == CARRIER_FAILED)
			return false;
	}
	buf_clear(&s->out);
	return true;
}

bool
stream_write(struct stream *s, struct span bytes, int64_t deadline, struct outcome *o)
{
	while (bytes.n > OUT_MAX - s->out.len) {
		size_t part = OUT_MAX - s->out.len;

		buf_add(&s->out, bytes.p, part);
		bytes = span_bytes(bytes.p + part, bytes.n - part);
		if (!stream_flush(s, deadline, o))
			return false;
	}
	buf_add_span(&s->out, bytes);
	return true;
}

/* Waits until something more has come in, `max` bytes at most. A peer to whom something
 * has just gone has hardly answered yet: to look before waiting would be for nothing. */
static bool
fill(struct stream *s, size_t max, int64_t since, int64_t deadline, struct outcome *o)
{
	ssize_t n;

	if (s->has_left && !s->ended && s->carrier->is_direct)
		(void)s->carrier->wait(s->self, POLLIN, deadline);
	while ((n = take_in(s, max, o)) <= 0) {
		if (n == CARRIER_FAILED)
			return false;
		if (n == 0)
			return outcome_fail(
			    o, CAUSE_HANGUP, "the server closed the connection");
		if (wait_for(s, events_for(n), since, deadline, o) == 0)
			return false;
	}
	return true;
}

static bool
too_long(size_t max, struct outcome *o)
{
	return outcome_fail(o, CAUSE_PROTOCOL, "a line of more than %zu bytes", max);
}

bool
stream_line(
    struct stream *s, struct span *line, size_t max, int64_t deadline, struct outcome *o)
{
	const int64_t since = clock_now();
	size_t seen = 0;
	const char *start, *end;

	for (;;) {
		start = s->in.data + s->in_read;
		end = memchr(start + seen, '\n', stream_unread(s) - seen);
		if (end != NULL)
			break;
		seen = stream_unread(s);
		if (seen > max + 1) /* a CR may be the last */
			return too_long(max, o);
		if (!fill(s, READ_SIZE, since, deadline, o))
			return false;
	}
	*line = span_bytes(start, (size_t)(end - start));
	s->in_read += line->n + 1;
	if (line->n > 0 && end[-1] == '\r')
		line->n--;
	return line->n <= max || too_long(max, o);
}

bool
stream_bytes(
    struct stream *s, struct span *bytes, size_t n, int64_t deadline, struct outcome *o)
{
	const int64_t since = clock_now();

	while (stream_unread(s) < n)
		if (!fill(s, n - stream_unread(s), since, deadline, o))
			return false;
	*bytes = span_bytes(s->in.data + s->in_read, n);
	s->in_read += n;
	return true;
}

bool
stream_peek(
    struct stream *s, struct span *bytes, size_t n, int64_t deadline, struct outcome *o)
{
	const int64_t since = clock_now();

	while (stream_unread(s) < n)
		if (!fill(s, READ_SIZE, since, deadline, o))
			return false;
	*bytes = span_bytes(s->in.data + s->in_read, stream_unread(s));
	return true;
}

void
stream_skip(struct stream *s, size_t n)
{
	assert(n <= stream_unread(s));
	s->in_read += n;
}
