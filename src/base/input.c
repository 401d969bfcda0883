/* SPDX-License-Identifier: ISC */
#include "base/input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/mem.h"

void
input_init(struct input *in, int fd)
{
	*in = (struct input){ .fd = fd, .data = mem_new(INPUT_BUFFER) };
}

void
input_free(struct input *in)
{
	free(in->data);
	*in = (struct input){ .fd = -1 };
}

/* Somebody may have made the descriptor non-blocking: then it is waited for here. */
static ssize_t
read_patiently(int fd, void *p, size_t n)
{
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	ssize_t got;

	while ((got = fd_read(fd, p, n)) < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		(void)poll(&wait, 1, -1);
	return got;
}

static bool
fill(struct input *in, struct outcome *o)
{
	ssize_t n;

	if (in->start > 0) {
		memmove(in->data, in->data + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	n = read_patiently(in->fd, in->data + in->end, INPUT_BUFFER - in->end);
	if (n < 0)
		return outcome_fail(o, CAUSE_NO_INPUT, "%s", strerror(errno));
	in->eof = n == 0;
	in->end += (size_t)n;
	return true;
}

static size_t
without_crs(const char *p, size_t n)
{
	while (n > 0 && p[n - 1] == '\r')
		n--;
	return n;
}

static enum input_part
show(struct input *in, size_t n, size_t taken, bool more, struct span *part)
{
	*part = span_bytes(in->data + in->start, n);
	in->taken = taken;
	in->more = more;
	return more ? INPUT_MORE : INPUT_LINE;
}

enum input_part
input_peek(struct input *in, struct span *part, struct outcome *o)
{
	size_t seen = 0;

	for (;;) {
		const char *at = in->data + in->start;
		size_t n = in->end - in->start, kept;
		const char *lf = memchr(at + seen, '\n', n - seen);

		if (lf != NULL)
			return show(in, without_crs(at, (size_t)(lf - at)),
			    (size_t)(lf - at) + 1, false, part);
		if (in->eof && n == 0 && !in->inside)
			return INPUT_END;
		if (in->eof)
			return show(in, without_crs(at, n), n, false, part);
		if (n == INPUT_BUFFER) {
			/* CRs at the end may belong to a line end yet to come; a buffer
			 * of nothing else is given away whole. */
			kept = without_crs(at, n);
			kept = kept > 0 ? kept : n;
			return show(in, kept, kept, true, part);
		}
		seen = n;
		if (!fill(in, o))
			return INPUT_FAILED;
	}
}

void
input_consume(struct input *in)
{
	in->start += in->taken;
	in->inside = in->more;
	in->taken = 0;
}

void
input_drop(struct input *in, size_t n)
{
	in->start += n;
	in->taken = 0;
}
