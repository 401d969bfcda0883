/* SPDX-License-Identifier: ISC */
#include "base/input.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

void
input_init(struct input *in, int fd)
{
	*in = (struct input){ .fd = fd, .data = mem_grow(NULL, INPUT_BUFFER, 1) };
}

void
input_init_from(struct input *in, input_read *read, void *arg)
{
	input_init(in, -1);
	in->read = read;
	in->arg = arg;
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
	n = in->read != NULL
		? in->read(in->arg, in->data + in->end, INPUT_BUFFER - in->end)
		: read_patiently(in->fd, in->data + in->end, INPUT_BUFFER - in->end);
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

/* Whether there is a byte at `at`, counted from in->start, which may move. */
static bool
has_byte(struct input *in, size_t at, bool *full)
{
	struct outcome ignored;

	while (in->start + at == in->end && !in->eof && !*full)
		*full = in->end - in->start == INPUT_BUFFER || !fill(in, &ignored);
	return in->start + at < in->end;
}

/* Whether nothing but blanks stands from there to the end of the input. More of them than
 * fit into the buffer don't count as nothing. */
static bool
is_blank_to_end(struct input *in, size_t at)
{
	bool full = false;

	for (; has_byte(in, at, &full); at++) {
		char c = in->data[in->start + at];

		if (!is_blank(c) && c != '\r' && c != '\n')
			return false;
	}
	return !full;
}

/* Whether the line of `n` bytes that takes `taken` is the end of the input. */
static bool
is_end(struct input *in, size_t n, size_t taken)
{
	if (!in->ends_at_dot || in->inside || n != 1 || in->data[in->start] != '.')
		return false;
	if (isatty(in->fd) == 0 && !is_blank_to_end(in, taken))
		return false;
	in->start = in->end;
	in->eof = true;
	return true;
}

static enum input_part
show_line(struct input *in, size_t n, size_t taken, struct span *part)
{
	return is_end(in, n, taken) ? INPUT_END : show(in, n, taken, false, part);
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
			return show_line(in, without_crs(at, (size_t)(lf - at)),
			    (size_t)(lf - at) + 1, part);
		if (in->eof && n == 0 && !in->inside)
			return INPUT_END;
		if (in->eof)
			return show_line(in, without_crs(at, n), n, part);
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

/* The length of the first `n` bytes up to the first of these. */
static size_t
up_to(const char *p, size_t n, char c)
{
	const char *found = memchr(p, c, n);

	return found != NULL ? (size_t)(found - p) : n;
}

/* The same up to a line with only a dot, or what may become one. */
static size_t
up_to_dot(const struct input *in, const char *p, size_t n)
{
	const char *found;

	if (!in->ends_at_dot || n == 0)
		return n;
	if (!in->inside && p[0] == '.' && (n == 1 || p[1] == '\n'))
		return 0;
	found = memmem(p, n, "\n.\n", 3);
	return found != NULL ? (size_t)(found - p) + 1 : n;
}

bool
input_block(struct input *in, struct span *block, struct outcome *o)
{
	for (;;) {
		const char *p = in->data + in->start, *last;
		const size_t whole = in->end - in->start;
		size_t n = up_to(p, up_to(p, whole, '\r'), '\0');

		n = up_to_dot(in, p, n);
		last = memrchr(p, '\n', n);
		if (last != NULL)
			n = (size_t)(last - p) + 1;
		*block = span_bytes(p, n);
		if (last != NULL || (n == whole && (in->eof || n == INPUT_BUFFER)))
			return true;
		block->n = 0;
		if (n < whole)
			return true;
		if (!fill(in, o))
			return false;
	}
}

void
input_take(struct input *in, struct span block)
{
	in->start += block.n;
	in->inside = block.p[block.n - 1] != '\n';
	in->taken = 0;
}

bool
input_in_file(const struct input *in, uint64_t n, off_t *at)
{
	const off_t end = in->fd >= 0 ? lseek(in->fd, 0, SEEK_CUR) : -1;
	struct stat st;

	if (end < 0 || fstat(in->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	*at = end - (off_t)(in->end - in->start);
	return *at >= 0 && st.st_size > *at && (uint64_t)(st.st_size - *at) >= n;
}

void
input_drop(struct input *in, size_t n)
{
	in->start += n;
	in->taken = 0;
}
