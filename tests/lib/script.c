/* SPDX-License-Identifier: ISC */
#include "lib/script.h"

#include <poll.h>
#include <string.h>

#define SAID_MAX (16 * 1024 * 1024)
#define PATIENCE 1000000

void
script_init(
    struct script *s, const struct script_step *steps, size_t n, enum script_end end)
{
	*s = (struct script){ .step = steps, .steps = n, .end = end };
	buf_init(&s->said, SAID_MAX);
	buf_init(&s->heard, SAID_MAX);
}

void
script_init_bytes(struct script *s, struct span said, enum script_end end)
{
	script_init(s, NULL, 0, end);
	buf_add_span(&s->said, said);
}

void
script_add_bytes(struct script *s, const char *heard, struct span says)
{
	s->late_heard = heard;
	s->late = says;
}

/* The last line of a reply that asks for more. */
static bool
is_invitation(struct span line)
{
	if (line.n > 3 && line.p[3] != ' ' && line.p[3] != '\r')
		return false;
	return line.n >= 3 && line.p[0] == '3' && is_digit(line.p[1]) &&
	       is_digit(line.p[2]);
}

size_t
script_invitation(struct span says)
{
	struct span rest = says, line;

	while (span_cut(&rest, '\n', &line))
		if (is_invitation(line))
			return says.n - rest.n;
	return says.n;
}

void
script_free(struct script *s)
{
	buf_free(&s->said);
	buf_free(&s->heard);
}

/* Whether the client has said the words since the last step that heard its own. */
static bool
hears(struct script *s, const char *words)
{
	size_t n = words != NULL ? strlen(words) : 0;
	const char *from = s->heard.data + s->mark, *at = from;

	if (n > 0)
		at = memmem(from, s->heard.len - s->mark, words, n);
	if (at != NULL)
		s->mark += (size_t)(at - from) + n;
	return at != NULL;
}

/* Plays the steps whose words were heard. */
static void
play(struct script *s)
{
	for (; s->next < s->steps; s->next++) {
		if (!hears(s, s->step[s->next].heard))
			return;
		buf_puts(&s->said, s->step[s->next].says);
	}
	if (s->late_heard != NULL && hears(s, s->late_heard)) {
		s->late_heard = NULL;
		buf_add_span(&s->said, s->late);
	}
}

static size_t
backlog(const struct script *s)
{
	return s->said.len - s->taken;
}

bool
script_is_over(const struct script *s)
{
	return s->next == s->steps && s->late_heard == NULL && backlog(s) == 0;
}

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool
is_readable(struct script *s)
{
	play(s);
	return backlog(s) > 0 || (script_is_over(s) && s->end != SCRIPT_SILENT);
}

static bool
is_writable(const struct script *s)
{
	return !s->deaf && (s->backlog_max == 0 || backlog(s) <= s->backlog_max);
}

static bool
puts_off(const struct script *s, bool *put_off)
{
	*put_off = s->hesitates && !*put_off;
	return *put_off;
}

static ssize_t
reset(struct outcome *o)
{
	(void)outcome_fail(o, CAUSE_HANGUP, "Connection reset by peer");
	return CARRIER_FAILED;
}

static ssize_t
script_read(void *self, void *p, size_t n, struct outcome *o)
{
	struct script *s = self;

	s->reads++;
	if (puts_off(s, &s->read_put_off))
		return s->crossed ? CARRIER_WANTS_WRITE : CARRIER_WANTS_READ;
	if (!is_readable(s))
		return CARRIER_WANTS_READ;
	if (backlog(s) == 0)
		return s->end == SCRIPT_CLOSES ? 0 : reset(o);
	n = least(n, backlog(s));
	if (s->read_max > 0)
		n = least(n, s->read_max);
	memcpy(p, s->said.data + s->taken, n);
	s->taken += n;
	return (ssize_t)n;
}

static ssize_t
script_write(void *self, const void *p, size_t n, struct outcome *o)
{
	struct script *s = self;

	if (puts_off(s, &s->write_put_off))
		return s->crossed ? CARRIER_WANTS_READ : CARRIER_WANTS_WRITE;
	play(s);
	if (!is_writable(s))
		return CARRIER_WANTS_WRITE;
	if (s->dies_after > 0) {
		if (s->heard.len >= s->dies_after)
			return reset(o);
		n = least(n, s->dies_after - s->heard.len);
	}
	if (s->write_max > 0)
		n = least(n, s->write_max);
	buf_add(&s->heard, p, n);
	s->writes++;
	return (ssize_t)n;
}

/* Where a call was put off, trying again is all that it takes. */
static int
script_wait(void *self, int events, int64_t deadline)
{
	struct script *s = self;
	int came = 0;

	s->waits++;
	s->deadline = deadline;
	if (s->waits > (s->patience > 0 ? s->patience : PATIENCE))
		return 0;
	if (is_readable(s) || s->read_put_off || (s->write_put_off && s->crossed))
		came |= POLLIN;
	if (is_writable(s) || s->write_put_off || (s->read_put_off && s->crossed))
		came |= POLLOUT;
	return events & came;
}

static void
script_close(void *self)
{
	struct script *s = self;

	s->closed = true;
}

const struct carrier script_carrier = { script_read, script_write, script_wait,
	script_close, false };

void
script_stream(struct script *s, struct stream *stream)
{
	stream_init(stream, &script_carrier, s);
}

void
script_channel(struct script *s, struct channel *channel, const struct observer *observer)
{
	channel_init(channel, observer, NULL);
	script_stream(s, &channel->stream);
}
