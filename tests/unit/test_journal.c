/* SPDX-License-Identifier: ISC
 *
 * test_journal.c - what became of a mail in a queue, as its file tells
 */
#include "lib/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/queue.h"
#include "queue/journal.h"

static void
note(struct entry *e, struct buf *lines, enum record_kind kind, size_t i, int64_t next)
{
	const struct record r = { kind, i, QUEUE_THEN + 60, next, 2 };
	struct outcome outcome;

	if (kind == RECORD_SENT)
		outcome_accept(&outcome, STAGE_FINAL, 250, "2.0.0 ok");
	else
		(void)outcome_fail(&outcome, CAUSE_TIMEOUT, "after %d s", 300);
	journal_note(e, lines, &r, &outcome);
}

TEST(what_became_of_each_recipient_is_kept_and_half_a_record_is_written_over)
{
	struct spool s;
	struct entry e;
	struct outcome o;
	struct buf lines;
	char id[ENTRY_ID_SIZE], *path;
	int64_t half;
	int fd;

	queue_open(&s);
	queue_put_message(&s, id);
	path = queue_path_of("new", id);
	buf_init(&lines, 4096);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	note(&e, &lines, RECORD_SENT, 0, 0);
	assert_true(journal_append(&e, buf_span(&lines), &o));
	entry_free(&e);

	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(write(fd, lines.data, lines.len - 4) == (ssize_t)lines.len - 4);
	(void)close(fd);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_int_equal(e.progress[0].state, PROGRESS_SENT);
	assert_int_equal(e.envelope.rcpt[0].outcome.code, 250);
	assert_int_equal(entry_waiting(&e), 1);
	half = e.size;
	assert_true(e.journal_at < half);
	buf_clear(&lines);
	note(&e, &lines, RECORD_LATER, 1, QUEUE_THEN + 900);
	note(&e, &lines, RECORD_WARNED, 1, 0);
	assert_true(journal_append(&e, buf_span(&lines), &o));
	entry_free(&e);

	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_int_equal(e.journal_at, e.size);
	assert_int_equal(e.progress[0].state, PROGRESS_SENT);
	assert_int_equal(e.progress[1].state, PROGRESS_WAITING);
	assert_int_equal(e.progress[1].tries, 2);
	assert_int_equal(e.progress[1].last, QUEUE_THEN + 60);
	assert_true(e.progress[1].warned && !e.progress[1].noticed);
	assert_int_equal(entry_next(&e), QUEUE_THEN + 900);
	assert_int_equal(e.envelope.rcpt[1].outcome.cause, CAUSE_TIMEOUT);
	assert_string_equal(e.envelope.rcpt[1].outcome.text, "after 300 s");
	entry_free(&e);
	buf_free(&lines);
	free(path);
	spool_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_queue(
		    what_became_of_each_recipient_is_kept_and_half_a_record_is_written_over),
	};

	return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
