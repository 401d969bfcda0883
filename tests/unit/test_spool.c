/* SPDX-License-Identifier: ISC
 *
 * test_spool.c - what was put into a queue is what is taken from it
 */
#include "lib/unit.h"

#include <sys/stat.h>

#include "base/mem.h"
#include "lib/queue.h"
#include "lib/sample.h"

TEST(what_was_put_is_what_is_taken)
{
	struct spool s;
	struct entry e;
	struct outcome o;
	struct envelope given = { 0 };
	struct ticket t = queue_ticket();
	char id[ENTRY_ID_SIZE];
	struct source m;
	struct buf text;

	queue_open(&s);
	sample_envelope(&given, "s@x", "a@x, \"b b\"@y, c@z");
	given.notify = NOTIFY_FAILURE | NOTIFY_DELAY;
	given.ret = RET_HDRS;
	given.envid = mem_dup("QQ314");
	given.only_wished = true;
	given.rcpt[1].orcpt = mem_dup("bee");
	given.rcpt[1].notify = NOTIFY_NEVER;
	(void)outcome_reply(
	    &given.rcpt[2].outcome, STAGE_RCPT, 451, "4.7.1 greylisted\nback\\slash");
	sample_source(&m, span_of("Subject: \xc3\xa4\r\n\r\nhell\xc3\xb6\r\n"));
	m.header_is_8bit = true;
	assert_true(spool_put(&s, &t, &given, &m, id, &o));

	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_string_equal(e.id, id);
	assert_string_equal(e.ticket.account, t.account);
	assert_string_equal(e.ticket.config, t.config);
	assert_string_equal(e.ticket.submitter, t.submitter);
	assert_int_equal(e.ticket.uid, t.uid);
	assert_int_equal(e.ticket.created, QUEUE_THEN);
	assert_string_equal(e.envelope.sender, "s@x");
	assert_string_equal(e.envelope.envid, "QQ314");
	assert_int_equal(e.envelope.notify, given.notify);
	assert_int_equal(e.envelope.ret, RET_HDRS);
	assert_true(e.envelope.only_wished);
	assert_int_equal(e.envelope.n, 3);
	assert_string_equal(e.envelope.rcpt[1].address, "\"b b\"@y");
	assert_string_equal(e.envelope.rcpt[1].orcpt, "bee");
	assert_null(e.envelope.rcpt[0].orcpt);
	assert_int_equal(e.envelope.rcpt[0].notify, NOTIFY_UNSET);
	assert_int_equal(e.envelope.rcpt[1].notify, NOTIFY_NEVER);
	assert_int_equal(e.progress[0].tries, 0);
	assert_int_equal(e.progress[2].tries, 1);
	assert_int_equal(e.progress[2].next, QUEUE_THEN + 300);
	assert_string_equal(e.envelope.rcpt[2].outcome.text, given.rcpt[2].outcome.text);
	assert_int_equal(e.envelope.rcpt[2].outcome.code, 451);
	assert_string_equal(e.envelope.rcpt[2].outcome.status, "4.7.1");
	assert_int_equal(e.envelope.rcpt[2].outcome.stage, STAGE_RCPT);
	assert_int_equal(entry_waiting(&e), 3);
	assert_int_equal(entry_next(&e), 0);
	assert_int_equal(e.source.lines, m.lines);
	assert_int_equal(e.source.longest, m.longest);
	assert_true(e.source.is_8bit == m.is_8bit);
	assert_true(e.source.header_is_8bit);
	sample_text(&e.source, &text);
	assert_string_equal(text.data, "Subject: \xc3\xa4\r\n\r\nhell\xc3\xb6\r\n");
	buf_free(&text);
	entry_free(&e);
	source_free(&m);
	envelope_free(&given);
	spool_close(&s);
}

/* A body of numbered lines, and a header that is put in front of it when that is done. */
static void
long_source(struct source *m, size_t size)
{
	struct outcome o;

	for (size_t i = 0; i * 12 < size; i++) {
		char line[13];

		(void)snprintf(line, sizeof line, "%010zu\r\n", i);
		assert_true(source_write(m, span_bytes(line, 12), &o));
	}
	source_front(m, span_of("Subject: x\r\n\r\n"));
	assert_true(source_seal(m, &o));
}

TEST(a_long_message_that_was_buffered_in_the_spool_is_linked_and_else_copied)
{
	static const size_t sizes[] = { 12, SOURCE_MEMORY - 4, SOURCE_MEMORY + 24,
		5 * SOURCE_MEMORY };
	struct spool s;

	queue_open(&s);
	for (size_t i = 0; i < COUNT(sizes) * 2; i++) {
		const bool buffered = i % 2 == 1;
		char id[ENTRY_ID_SIZE], second[ENTRY_ID_SIZE], label[32];
		struct stat before = { 0 }, after;
		struct buf want, got;
		struct source m;
		struct entry e;
		struct outcome o;

		(void)snprintf(label, sizeof label, "%zu %d", sizes[i / 2], buffered);
		source_init(&m);
		if (buffered)
			spool_buffer(&s, &m);
		long_source(&m, sizes[i / 2]);
		if (m.fd >= 0)
			assert_int_equal(fstat(m.fd, &before), 0);
		sample_text(&m, &want);
		check(label, queue_put(&s, &m, id, &o));
		check(label, queue_put(&s, &m, second, &o));
		source_free(&m);
		check_int(label, spool_take(&s, FOLDER_NEW, second, &e, &o), TAKEN);
		entry_free(&e);
		check_int(label, spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
		assert_int_equal(fstat(e.fd, &after), 0);
		check(label, (before.st_ino == after.st_ino) ==
				 (buffered && sizes[i / 2] > SOURCE_MEMORY));
		sample_text(&e.source, &got);
		check_int(label, got.len, want.len);
		check(label, memcmp(got.data, want.data, got.len) == 0);
		buf_free(&got);
		buf_free(&want);
		entry_free(&e);
	}
	assert_int_equal(queue_count("new"), COUNT(sizes) * 4);
	assert_int_equal(queue_count("tmp"), 0);
	spool_close(&s);
}

TEST(an_entry_has_one_owner_at_a_time_and_is_gone_when_it_was_removed)
{
	struct spool s;
	struct entry e, other;
	struct outcome o;
	char id[ENTRY_ID_SIZE];

	queue_open(&s);
	queue_put_message(&s, id);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &other, &o), TAKEN_BUSY);
	assert_true(spool_look(&s, FOLDER_NEW, id, true, &other, &o));
	entry_free(&other);
	entry_free(&e);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN);
	assert_true(spool_remove(&s, FOLDER_NEW, &e, &o));
	entry_free(&e);
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN_GONE);
	assert_false(spool_look(&s, FOLDER_NEW, id, false, &e, &o));
	assert_int_equal(o.cause, CAUSE_NO_ENTRY);
	spool_close(&s);
}

TEST(a_mail_moves_from_folder_to_folder_as_it_is)
{
	struct spool s;
	struct entry e;
	struct outcome o;
	char id[ENTRY_ID_SIZE];

	queue_open(&s);
	queue_put_message(&s, id);
	assert_true(spool_move(&s, FOLDER_NEW, FOLDER_HOLD, id, &o));
	assert_int_equal(spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN_GONE);
	assert_int_equal(spool_take(&s, FOLDER_HOLD, id, &e, &o), TAKEN);
	entry_free(&e);
	spool_close(&s);
}

TEST(there_is_one_runner)
{
	struct spool s, other;
	struct outcome o;
	bool busy;

	queue_open(&s);
	queue_open(&other);
	assert_true(spool_lock(&s, &busy, &o));
	assert_false(spool_lock(&other, &busy, &o));
	assert_true(busy);
	spool_close(&s);
	assert_true(spool_lock(&other, &busy, &o));
	spool_close(&other);
}

TEST(an_address_that_would_add_a_line_is_not_kept)
{
	const struct ticket t = queue_ticket();
	struct envelope e = { 0 };
	struct source m;
	struct spool s;
	struct outcome o;
	char id[ENTRY_ID_SIZE];

	queue_open(&s);
	sample_source(&m, span_of(QUEUE_MESSAGE));
	envelope_set_sender(&e, "s@x\nto evil@x");
	envelope_add(&e, "a@x");
	assert_false(spool_put(&s, &t, &e, &m, id, &o));
	assert_int_equal(o.cause, CAUSE_ADDRESS);
	assert_int_equal(queue_count("new"), 0);
	envelope_free(&e);
	source_free(&m);
	spool_close(&s);
}

/* Addresses of 512 bytes: so many that they alone would be as long as it may be. */
TEST(an_envelope_has_a_limit)
{
	const struct ticket t = queue_ticket();
	struct envelope e = { 0 };
	char id[ENTRY_ID_SIZE], address[513];
	struct source m;
	struct spool s;
	struct outcome o;

	queue_open(&s);
	sample_source(&m, span_of(QUEUE_MESSAGE));
	envelope_set_sender(&e, "s@x");
	for (int i = 0; i < ENTRY_ENVELOPE_MAX / 512; i++) {
		(void)snprintf(address, sizeof address, "%0510d@x", i);
		envelope_add(&e, address);
	}
	assert_false(spool_put(&s, &t, &e, &m, id, &o));
	assert_int_equal(o.cause, CAUSE_MESSAGE);
	assert_int_equal(queue_count("new"), 0);
	assert_int_equal(queue_count("tmp"), 0);
	envelope_free(&e);
	source_free(&m);
	spool_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_queue(what_was_put_is_what_is_taken),
		with_queue(
		    a_long_message_that_was_buffered_in_the_spool_is_linked_and_else_copied),
		with_queue(
		    an_entry_has_one_owner_at_a_time_and_is_gone_when_it_was_removed),
		with_queue(a_mail_moves_from_folder_to_folder_as_it_is),
		with_queue(there_is_one_runner),
		with_queue(an_address_that_would_add_a_line_is_not_kept),
		with_queue(an_envelope_has_a_limit),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
