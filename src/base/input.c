/* SPDX-License-Identifier: ISC */
#include "base/input.h"

#include <errno.h>
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

static bool
fill(struct input *in, struct outcome *o)
{
	ssize_t n;

	if (in->start > 0) {
		memmove(in->data, in->data + in->start, in->end - in->start);
		in->end -= in->start;
		in->start = 0;
	}
	n = fd_read(in->fd, in->data + in->end, INPUT_BUFFER - in->end);
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

enum input_part
input_peek(struct input *in, struct span *part, struct outcome *o)
{
	size_t seen = 0;

	for (;;) {
		const char *at = in->data + in->start;
		size_t n = in->end - in->start;
		const char *lf = memchr(at + seen, '\n', n - seen);

		if (lf != NULL) {
			in->taken = (size_t)(lf - at) + 1;
			*part = span_bytes(at, without_crs(at, in->taken - 1));
			return INPUT_LINE;
		}
		if (in->eof) {
			in->taken = n;
			*part = span_bytes(at, without_crs(at, n));
			return n > 0 ? INPUT_LINE : INPUT_END;
		}
		if (n == INPUT_BUFFER) {
			/* CRs at the end may belong to a line end yet to come; a buffer
			 * of nothing else is given away whole. */
			size_t kept = without_crs(at, n);

			in->taken = kept > 0 ? kept : n;
			*part = span_bytes(at, in->taken);
			return INPUT_MORE;
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
	in->taken = 0;
}
