/* SPDX-License-Identifier: ISC
 *
 * fuzz_entry.c - a file in the queue, and its journal
 *
 * Bytes behind a mail are its journal, which can't hurt it; any others are hardly ever a
 * mail, and where they are, what was read can be written again.
 */
#include "fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "queue/entry.h"
#include "queue/journal.h"

#define MESSAGE "Subject: x\r\n\r\nhello\r\n"

static int
file_of(struct span bytes)
{
	int fd = memfd_create("entry", MFD_CLOEXEC);

	must(fd >= 0);
	must(write(fd, bytes.p, bytes.n) == (ssize_t)bytes.n);
	return fd;
}

static void
must_be_sound(struct entry *e)
{
	must(e->envelope.n > 0 && e->ticket.account != NULL);
	must(e->journal_at <= e->size);
	must(entry_waiting(e) <= e->envelope.n);
	must((entry_next(e) == INT64_MAX) == (entry_waiting(e) == 0));
}

static void
try_as_file(struct span bytes)
{
	struct outcome o = { .cause = CAUSE_NONE };
	struct entry e;

	entry_init(&e);
	e.fd = file_of(bytes);
	if (entry_read(&e, true, &o))
		must_be_sound(&e);
	else
		must(o.cause == CAUSE_QUEUE_ENTRY);
	entry_free(&e);
}

static void
add_mail(struct buf *out)
{
	static char account[] = "default";
	const struct ticket t = { .account = account, .uid = 1, .created = 1, .next = 1 };
	struct envelope to = { 0 };
	struct source m;
	struct buf tail;
	struct outcome o;
	char head[ENTRY_HEAD];

	buf_init(&tail, SIZE_MAX / 2);
	source_init(&m);
	envelope_add(&to, "a@x");
	envelope_add(&to, "b@x");
	must(source_write(&m, span_of(MESSAGE), &o) && source_seal(&m, &o));
	must(entry_write(&t, &to, &m, head, &tail, &o));
	buf_add(out, head, sizeof head);
	buf_puts(out, MESSAGE);
	buf_add_span(out, buf_span(&tail));
	buf_free(&tail);
	source_free(&m);
	envelope_free(&to);
}

/* A record that was read is written as it was, but for the form of its text. */
static void
try_as_record(struct span bytes)
{
	struct outcome one, other;
	struct record r, s;
	struct buf again;

	if (!record_read(bytes, &r, &one))
		return;
	buf_init(&again, SIZE_MAX / 2);
	record_write(&again, &r, &one);
	must(again.len > 0 && again.data[again.len - 1] == '\n');
	must(memchr(again.data, '\n', again.len - 1) == NULL);
	must(record_read(span_bytes(again.data, again.len - 1), &s, &other));
	must(s.kind == r.kind && s.recipient == r.recipient && s.next == r.next);
	must(other.cause == one.cause && other.code == one.code);
	buf_free(&again);
}

static void
try_as_journal(struct span bytes)
{
	struct buf file;
	struct entry e;
	struct outcome o;

	buf_init(&file, SIZE_MAX / 2);
	add_mail(&file);
	buf_add_span(&file, bytes);
	entry_init(&e);
	e.fd = file_of(buf_span(&file));
	must(entry_read(&e, true, &o));
	must_be_sound(&e);
	must(e.envelope.n == 2 && e.source.size == strlen(MESSAGE));
	entry_free(&e);
	buf_free(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span bytes = { (const char *)data, size };
	struct span line = { "", 0 };

	try_as_file(bytes);
	try_as_journal(bytes);
	while (span_cut(&bytes, '\n', &line))
		try_as_record(line);
	return 0;
}
