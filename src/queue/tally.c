/* SPDX-License-Identifier: ISC */
#include "queue/tally.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define TALLY_MAX 1024

static const struct {
	const char *name;
	size_t offset;
} rows[] = {
	{ "sent", offsetof(struct tally, sent) },
	{ "failed", offsetof(struct tally, failed) },
	{ "deferred", offsetof(struct tally, deferred) },
	{ "last_success", offsetof(struct tally, last_success) },
};

#define ROWS (sizeof rows / sizeof rows[0])

static void
take_line(struct tally *t, struct span line)
{
	struct span name;

	if (!span_cut(&line, ' ', &name))
		return;
	for (size_t i = 0; i < ROWS; i++)
		if (span_is(name, rows[i].name))
			(void)span_number(line, 10, INT64_MAX,
			    (uint64_t *)(void *)((char *)t + rows[i].offset));
}

void
tally_read(const struct spool *s, struct tally *t)
{
	int fd = openat(
	    s->dir, "tally", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct span left, line;
	struct buf text;

	*t = (struct tally){ 0 };
	if (fd < 0)
		return;
	buf_init(&text, TALLY_MAX);
	if (fd_read_all(fd, &text, clock_in(0))) {
		left = buf_span(&text);
		while (span_cut(&left, '\n', &line))
			take_line(t, line);
	}
	buf_free(&text);
	(void)close(fd);
}

static void
write_tally(const struct spool *s, const struct tally *t)
{
	int fd = openat(s->dir, "tally.new",
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);
	struct buf text;

	if (fd < 0)
		return;
	buf_init(&text, TALLY_MAX);
	for (size_t i = 0; i < ROWS; i++)
		buf_printf(&text, "%s %" PRIu64 "\n", rows[i].name,
		    *(const uint64_t *)(const void *)((const char *)t + rows[i].offset));
	if (fd_write(fd, text.data, text.len))
		(void)renameat(s->dir, "tally.new", s->dir, "tally");
	(void)close(fd);
	buf_free(&text);
}

void
tally_add(const struct spool *s, const struct tally *more)
{
	struct tally t;

	if (more->sent + more->failed + more->deferred == 0)
		return;
	tally_read(s, &t);
	t.sent += more->sent;
	t.failed += more->failed;
	t.deferred += more->deferred;
	if (more->sent > 0)
		t.last_success = (uint64_t)time(NULL);
	write_tally(s, &t);
}
