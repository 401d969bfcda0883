/* SPDX-License-Identifier: ISC */
#include "mail/source.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "mail/source_internal.h"

void
source_init(struct source *s)
{
	*s = (struct source){ .loan = { .fd = -1 }, .fd = -1, .directory = -1 };
	buf_init(&s->front, SOURCE_FRONT_MAX);
	buf_init(&s->held, SOURCE_MEMORY);
	buf_init(&s->loan.text, SOURCE_CHUNK);
}

void
source_free(struct source *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	buf_free(&s->front);
	buf_free(&s->held);
	buf_free(&s->loan.text);
	source_init(s);
}

void
source_keep_in(struct source *s, int directory, size_t start)
{
	s->directory = directory;
	s->start = start;
}

/* Appends bytes that are counted already. */
static bool
append(struct source *s, struct span bytes, struct outcome *o)
{
	if (bytes.n > SOURCE_MEMORY - s->held.len && !source_spill(s, o))
		return false;
	if (bytes.n > SOURCE_MEMORY)
		return fd_write(s->fd, bytes.p, bytes.n) || source_fail(s, o);
	buf_add_span(&s->held, bytes);
	return true;
}

/* Appends the text to `out`, with CR LF for LF. No line takes more than a few steps: most
 * mails of many megabytes are lines of 76 bytes. */
static void
add_text(struct buf *out, struct span text, uint64_t lines)
{
	const char *p = text.p, *end = text.p + text.n, *lf;
	char *to;

	buf_reserve(out, out->len + text.n + (size_t)lines);
	to = out->data + out->len;
	while ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		to = mempcpy(to, p, (size_t)(lf - p));
		*to++ = '\r';
		*to++ = '\n';
		p = lf + 1;
	}
	to = mempcpy(to, p, (size_t)(end - p));
	*to = '\0';
	out->len = (size_t)(to - out->data);
}

static bool
is_lent(const struct source *s)
{
	return s->loan.fd >= 0;
}

/* A NUL or a CR would go out as it is; other changes do no harm that their author could
 * not have done before. */
static bool
is_fit(struct span text)
{
	return memchr(text.p, '\r', text.n) == NULL &&
	       memchr(text.p, '\0', text.n) == NULL;
}

static bool
changed(struct outcome *o)
{
	return outcome_fail(o, CAUSE_NO_INPUT, "it was changed while it was read");
}

/* The next of what was lent into loan.text; nothing at its end. */
static bool
read_loan(struct source *s, struct outcome *o)
{
	struct loan *l = &s->loan;
	const uint64_t left = l->bytes - (uint64_t)(l->next - l->start);
	const size_t wanted = left < SOURCE_CHUNK ? (size_t)left : SOURCE_CHUNK;
	ssize_t n;

	buf_clear(&l->text);
	buf_reserve(&l->text, SOURCE_CHUNK);
	do
		n = pread(l->fd, l->text.data, wanted, l->next);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return outcome_fail(o, CAUSE_NO_INPUT, "%s", strerror(errno));
	l->text.len = (size_t)n;
	l->next += n;
	return ((n > 0 || left == 0) && is_fit(buf_span(&l->text))) || changed(o);
}

/* Makes room in memory for so many bytes. */
static bool
make_room(struct source *s, uint64_t n, struct outcome *o)
{
	return n <= SOURCE_MEMORY - s->held.len || source_spill(s, o);
}

/* Copies what was lent, and gives it back. */
static bool
take_over(struct source *s, struct outcome *o)
{
	struct loan *l = &s->loan;
	uint64_t taken = l->is_open ? 2 : 0;

	l->next = l->start;
	do {
		if (!read_loan(s, o) || !make_room(s, 2 * l->text.len, o))
			return false;
		taken -= s->held.len;
		add_text(&s->held, buf_span(&l->text), l->text.len);
		taken += s->held.len;
	} while (l->text.len > 0);
	l->fd = -1;
	return (!l->is_open || append(s, span_of("\r\n"), o)) &&
	       (taken == s->size - s->front.len || changed(o));
}

bool
source_write(struct source *s, struct span bytes, struct outcome *o)
{
	if (bytes.n > 0 && is_lent(s) && !take_over(s, o))
		return false;
	s->size += bytes.n;
	return append(s, bytes, o);
}

bool
source_text(struct source *s, struct span text, uint64_t lines, struct outcome *o)
{
	s->size += text.n + lines;
	if (is_lent(s)) {
		s->loan.bytes += text.n;
		return true;
	}
	if (!make_room(s, text.n + lines, o))
		return false;
	add_text(&s->held, text, lines);
	return true;
}

void
source_count_line(struct source *s, size_t length)
{
	s->lines++;
	if (length > s->longest)
		s->longest = length;
}

uint64_t
source_count_lines(struct source *s, struct span text, size_t *length)
{
	const uint64_t before = s->lines;
	const char *p = text.p, *end = text.p + text.n, *lf;

	while ((lf = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		size_t n = (size_t)(lf - p);

		source_count_line(s, *length + n - (n > 0 && lf[-1] == '\r'));
		*length = 0;
		p = lf + 1;
	}
	*length += (size_t)(end - p);
	return s->lines - before;
}

bool
source_end_line(struct source *s, struct outcome *o)
{
	if (!is_lent(s))
		return source_write(s, span_of("\r\n"), o);
	s->size += 2;
	s->loan.is_open = true;
	return true;
}

void
source_borrow(struct source *s, int fd, off_t start)
{
	assert(s->size == s->front.len);
	if (s->directory >= 0)
		return;
	s->loan.fd = fd;
	s->loan.start = s->loan.next = start;
}

void
source_front(struct source *s, struct span bytes)
{
	s->size += bytes.n;
	buf_add_span(&s->front, bytes);
}

void
source_lead(struct source *s, struct span lines)
{
	struct buf front;

	buf_init(&front, SOURCE_FRONT_MAX + lines.n);
	buf_add_span(&front, lines);
	buf_add_span(&front, buf_span(&s->front));
	buf_free(&s->front);
	s->front = front;
	s->size += lines.n;
	source_rewind(s);
}

void
source_drop_lead(struct source *s, size_t n)
{
	buf_consume(&s->front, n);
	s->size -= n;
	source_rewind(s);
}

bool
source_seal(struct source *s, struct outcome *o)
{
	bool ok = s->fd < 0 || source_spill(s, o);

	source_rewind(s);
	if (ok && !buf_ok(&s->front))
		return outcome_fail(o, CAUSE_MESSAGE, "its header is longer than %d MB",
		    SOURCE_FRONT_MAX / 1024 / 1024);
	return ok;
}

bool
source_held(const struct source *s, struct span *body)
{
	*body = buf_span(&s->held);
	return s->fd < 0 && !is_lent(s);
}

void
source_rewind(struct source *s)
{
	s->read = 0;
	s->loan.next = s->loan.start;
}

void
source_rewind_to_body(struct source *s)
{
	s->read = s->front.len;
	s->loan.next = s->loan.start;
}

/* The file may hold more behind the message. */
static bool
next_from_file(struct source *s, struct span *piece, struct outcome *o)
{
	const uint64_t at = s->start + s->read - s->front.len, left = s->size - s->read;
	const size_t wanted = left < SOURCE_CHUNK ? (size_t)left : SOURCE_CHUNK;
	ssize_t n;

	buf_clear(&s->held);
	buf_reserve(&s->held, SOURCE_CHUNK);
	do
		n = pread(s->fd, s->held.data, wanted, (off_t)at);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (n == 0 && s->read < s->size))
		return source_fail(s, o);
	*piece = span_bytes(s->held.data, (size_t)n);
	return true;
}

/* A line that was open is closed by a piece of its own. */
static bool
next_from_loan(struct source *s, struct span *piece, struct outcome *o)
{
	const uint64_t left = s->size - s->read;

	buf_clear(&s->held);
	if (!read_loan(s, o))
		return false;
	add_text(&s->held, buf_span(&s->loan.text), s->loan.text.len);
	if (s->held.len == 0 && s->loan.is_open && left == 2)
		buf_puts(&s->held, "\r\n");
	*piece = buf_span(&s->held);
	return (piece->n <= left && (piece->n > 0 || left == 0)) || changed(o);
}

bool
source_next(struct source *s, struct span *piece, struct outcome *o)
{
	if (s->read < s->front.len) {
		*piece =
		    span_bytes(s->front.data + s->read, s->front.len - (size_t)s->read);
	} else if (is_lent(s)) {
		if (!next_from_loan(s, piece, o))
			return false;
	} else if (s->fd >= 0) {
		if (!next_from_file(s, piece, o))
			return false;
	} else {
		size_t at = (size_t)s->read - s->front.len;

		*piece = span_bytes(s->held.data + at, s->held.len - at);
	}
	s->read += piece->n;
	return true;
}

ssize_t
source_read(void *arg, void *p, size_t n)
{
	struct source_reader *r = arg;
	struct outcome ignored;

	if (r->left.n == 0 && !source_next(r->source, &r->left, &ignored)) {
		errno = EIO;
		return -1;
	}
	if (n > r->left.n)
		n = r->left.n;
	if (n > 0)
		memcpy(p, r->left.p, n);
	r->left = span_bytes(r->left.p + n, r->left.n - n);
	return (ssize_t)n;
}
