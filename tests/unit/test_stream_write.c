/* SPDX-License-Identifier: ISC
 *
 * test_stream_write.c - what is written, whatever the other end takes of it
 */
#include "lib/unit.h"

#include "base/clock.h"
#include "lib/sample.h"
#include "lib/script.h"

static int64_t
soon(void)
{
	return clock_in(1000);
}

TEST(what_is_written_leaves_in_one_piece_when_it_is_flushed)
{
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init(&s, NULL, 0, SCRIPT_SILENT);
	script_stream(&s, &stream);
	assert_true(stream_write(&stream, span_of("MAIL "), soon(), &o));
	assert_true(stream_write(&stream, span_of("RCPT "), soon(), &o));
	assert_true(stream_write(&stream, span_of(""), soon(), &o));
	assert_int_equal(s.writes, 0);
	assert_true(stream_flush(&stream, soon(), &o));
	assert_int_equal(s.writes, 1);
	assert_string_equal(s.heard.data, "MAIL RCPT ");
	assert_true(stream_flush(&stream, soon(), &o));
	assert_int_equal(s.writes, 1);
	stream_close(&stream);
	script_free(&s);
}

TEST(a_full_buffer_leaves_by_itself)
{
	static const size_t pieces[] = { 1000, 65535, 65536, 65537, 300000 };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct buf text;
		struct script s;
		struct stream stream;
		struct outcome o;
		size_t at = 0;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu bytes", pieces[i]);
		buf_init(&text, SAMPLE_MAX);
		for (size_t n = 0; text.len < 1000000; n++)
			buf_printf(&text, "%zu,", n);
		script_init(&s, NULL, 0, SCRIPT_SILENT);
		script_stream(&s, &stream);
		while (at < text.len) {
			size_t n = text.len - at < pieces[i] ? text.len - at : pieces[i];

			check(label, stream_write(&stream, span_bytes(text.data + at, n),
					 soon(), &o));
			at += n;
		}
		check(label, stream_flush(&stream, soon(), &o));
		check_text(label, s.heard.data, text.data);
		check_int(label, s.writes, (text.len + 65535) / 65536);
		stream_close(&stream);
		script_free(&s);
		buf_free(&text);
	}
}

TEST(a_peer_that_takes_little_at_a_time_gets_it_all)
{
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init(&s, NULL, 0, SCRIPT_SILENT);
	s.write_max = 3;
	s.hesitates = true;
	script_stream(&s, &stream);
	assert_true(stream_write(&stream, span_of("0123456789"), soon(), &o));
	assert_true(stream_flush(&stream, soon(), &o));
	assert_string_equal(s.heard.data, "0123456789");
	assert_int_equal(s.writes, 4);
	stream_close(&stream);
	script_free(&s);
}

/* TLS may have to write before it can read, and the other way about. */
TEST(a_carrier_may_want_the_other_direction)
{
	const struct script_step steps[] = { { "ping\n", "pong\n" } };

	for (int crossed = 0; crossed < 2; crossed++) {
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span line;

		script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
		s.hesitates = true;
		s.crossed = crossed != 0;
		script_stream(&s, &stream);
		assert_true(stream_write(&stream, span_of("ping\n"), soon(), &o));
		assert_true(stream_flush(&stream, soon(), &o));
		assert_true(stream_line(&stream, &line, 10, soon(), &o));
		assert_true(span_is(line, "pong"));
		stream_close(&stream);
		script_free(&s);
	}
}

/* RFC 2920, 3.1: a server whose answers nobody reads stops reading itself. */
TEST(while_it_waits_to_write_it_reads)
{
	struct script_step steps[200];
	struct script s;
	struct stream stream;
	struct outcome o;
	struct span line;

	for (size_t i = 0; i < COUNT(steps); i++)
		steps[i] = (struct script_step){ "RCPT\r\n", "250 ok\r\n" };
	script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
	s.backlog_max = 20;
	s.write_max = 18;
	script_stream(&s, &stream);
	for (size_t i = 0; i < COUNT(steps); i++)
		assert_true(stream_write(&stream, span_of("RCPT\r\n"), soon(), &o));
	assert_true(stream_flush(&stream, soon(), &o));
	assert_int_equal(s.heard.len, 6 * COUNT(steps));
	for (size_t i = 0; i < COUNT(steps); i++) {
		assert_true(stream_line(&stream, &line, 100, soon(), &o));
		assert_true(span_is(line, "250 ok"));
	}
	assert_true(script_is_over(&s));
	stream_close(&stream);
	script_free(&s);
}

TEST(a_peer_that_vanishes_while_it_is_written_to_is_told)
{
	const struct script_step steps[] = { { NULL, "220 hello\r\n" } };
	struct script s;
	struct stream stream;
	struct outcome o;
	int64_t deadline = clock_in(12345);

	script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
	s.dies_after = 4;
	script_stream(&s, &stream);
	assert_true(stream_write(&stream, span_of("01234567"), deadline, &o));
	assert_false(stream_flush(&stream, deadline, &o));
	assert_int_equal(o.cause, CAUSE_HANGUP);
	assert_string_equal(s.heard.data, "0123");
	stream_close(&stream);
	script_free(&s);
}

/* What was sent to us beforehand doesn't help: the wait is for room to write. */
TEST(a_wait_to_write_ends_at_the_deadline)
{
	struct buf flood;
	struct script s;
	struct stream stream;
	struct outcome o;
	int64_t deadline = clock_in(12345);

	buf_init(&flood, SAMPLE_MAX);
	sample_repeat(&flood, "xxxxxxxxxxxxxxxx", 64 * 1024);
	script_init_bytes(&s, buf_span(&flood), SCRIPT_SILENT);
	s.backlog_max = 1;
	script_stream(&s, &stream);
	assert_true(stream_write(&stream, span_of("DATA\r\n"), deadline, &o));
	assert_false(stream_flush(&stream, deadline, &o));
	assert_int_equal(o.cause, CAUSE_TIMEOUT);
	assert_int_equal(s.deadline, deadline);
	assert_true(stream_unread(&stream) <= 256 * 1024); /* and stays bounded */
	stream_close(&stream);
	script_free(&s);
	buf_free(&flood);
}

/* A peer that has closed its side and takes nothing: at the end of a stream there is
 * always something "to read", and a loop that heeds that would spin. */
TEST(a_peer_that_has_closed_and_takes_nothing_does_not_make_it_spin)
{
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init(&s, NULL, 0, SCRIPT_CLOSES);
	s.deaf = true;
	s.patience = 50;
	script_stream(&s, &stream);
	assert_true(stream_write(&stream, span_of("x"), soon(), &o));
	assert_false(stream_flush(&stream, soon(), &o));
	assert_true(s.waits < 50);
	stream_close(&stream);
	script_free(&s);
}

TEST(every_wait_has_the_deadline_that_was_handed_down)
{
	struct script s;
	struct stream stream;
	struct outcome o;
	struct span line;
	int64_t deadline = clock_in(98765);

	script_init(&s, NULL, 0, SCRIPT_SILENT);
	script_stream(&s, &stream);
	assert_false(stream_line(&stream, &line, 10, deadline, &o));
	assert_int_equal(o.cause, CAUSE_TIMEOUT);
	assert_int_equal(s.deadline, deadline);
	assert_int_equal(s.waits, 1);
	stream_close(&stream);
	script_free(&s);
}

TEST(a_secret_that_was_sent_is_forgotten)
{
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init(&s, NULL, 0, SCRIPT_SILENT);
	script_stream(&s, &stream);
	assert_true(stream_write(&stream, span_of("hunter2"), soon(), &o));
	assert_true(stream_flush(&stream, soon(), &o));
	stream_forget(&stream);
	for (size_t i = 0; i < 7; i++)
		assert_int_equal(stream.out.data[i], 0);
	stream_close(&stream);
	script_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_leaves_in_one_piece_when_it_is_flushed),
		cmocka_unit_test(a_full_buffer_leaves_by_itself),
		cmocka_unit_test(a_peer_that_takes_little_at_a_time_gets_it_all),
		cmocka_unit_test(a_carrier_may_want_the_other_direction),
		cmocka_unit_test(while_it_waits_to_write_it_reads),
		cmocka_unit_test(a_peer_that_vanishes_while_it_is_written_to_is_told),
		cmocka_unit_test(a_wait_to_write_ends_at_the_deadline),
		cmocka_unit_test(
		    a_peer_that_has_closed_and_takes_nothing_does_not_make_it_spin),
		cmocka_unit_test(every_wait_has_the_deadline_that_was_handed_down),
		cmocka_unit_test(a_secret_that_was_sent_is_forgotten),
	};

	return cmocka_run_group_tests_name("stream: writing", tests, NULL, NULL);
}
