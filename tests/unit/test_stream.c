/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <poll.h>

#include "base/clock.h"
#include "lib/sample.h"
#include "lib/script.h"

static int64_t
soon(void)
{
	return clock_in(1000);
}

TEST(lines_are_found_whatever_pieces_they_come_in)
{
	static const char says[] = "one\r\ntwo\nthr\ree\r\n\r\n\nlast\r\r\n";
	static const char *const want[] = { "one", "two", "thr\ree", "", "", "last\r" };

	for (size_t piece = 1; piece <= sizeof says; piece++) {
		const struct script_step steps[] = { { NULL, says } };
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span line;

		script_init(&s, steps, COUNT(steps), SCRIPT_CLOSES);
		s.read_max = piece;
		script_stream(&s, &stream);
		for (size_t i = 0; i < COUNT(want); i++) {
			check(want[i], stream_line(&stream, &line, 100, soon(), &o));
			check(want[i], span_is(line, want[i]));
		}
		assert_int_equal(stream_unread(&stream), 0);
		assert_false(stream_line(&stream, &line, 100, soon(), &o));
		assert_int_equal(o.cause, CAUSE_HANGUP);
		stream_close(&stream);
		assert_true(s.closed);
		script_free(&s);
	}
}

/* Some carriers hold bytes back that poll(2) can't see: these are looked at first. */
TEST(who_was_just_written_to_is_waited_for_and_then_read)
{
	static const struct script_step steps[] = { { "A", "1\r\n" }, { "B", "2\r\n" } };

	for (int direct = 0; direct < 2; direct++) {
		struct carrier carrier = script_carrier;
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span line;

		carrier.is_direct = direct;
		script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
		s.patience = 2;
		stream_init(&stream, &carrier, &s);
		for (size_t i = 0; i < COUNT(steps); i++) {
			assert_true(
			    stream_write(&stream, span_of(steps[i].heard), soon(), &o));
			assert_true(stream_flush(&stream, soon(), &o));
			assert_true(stream_line(&stream, &line, 100, soon(), &o));
			assert_int_equal(s.waits, direct * (i + 1));
			assert_int_equal(s.reads, i + 1);
		}
		s.patience = 1;
		assert_false(stream_line(&stream, &line, 100, soon(), &o));
		assert_int_equal(o.cause, CAUSE_TIMEOUT);
		assert_int_equal(s.reads, 3); /* nothing was written: it is looked at */
		stream_close(&stream);
		script_free(&s);
	}
}

/* What comes behind them may be for somebody else, such as TLS. */
TEST(bytes_are_taken_and_no_more_than_these)
{
	static const char says[] = "\005\0\nxTLS";

	for (size_t piece = 1; piece <= sizeof says; piece++) {
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span bytes;

		script_init_bytes(&s, span_bytes(says, 7), SCRIPT_CLOSES);
		s.read_max = piece;
		script_stream(&s, &stream);
		assert_true(stream_bytes(&stream, &bytes, 3, soon(), &o));
		assert_int_equal(bytes.n, 3);
		assert_memory_equal(bytes.p, "\005\0\n", 3);
		assert_true(stream_bytes(&stream, &bytes, 1, soon(), &o));
		assert_memory_equal(bytes.p, "x", 1);
		assert_int_equal(s.taken, 4);
		assert_int_equal(stream_unread(&stream), 0);
		assert_false(stream_bytes(&stream, &bytes, 4, soon(), &o));
		assert_int_equal(o.cause, CAUSE_HANGUP);
		stream_close(&stream);
		script_free(&s);
	}
}

TEST(a_line_that_breaks_off_is_no_line)
{
	const struct script_step steps[] = { { NULL, "250 o" } };
	static const struct {
		enum script_end end;
		enum cause cause;
	} cases[] = {
		{ SCRIPT_CLOSES, CAUSE_HANGUP },
		{ SCRIPT_RESETS, CAUSE_HANGUP },
		{ SCRIPT_SILENT, CAUSE_TIMEOUT },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span line;

		script_init(&s, steps, COUNT(steps), cases[i].end);
		script_stream(&s, &stream);
		assert_false(stream_line(&stream, &line, 100, soon(), &o));
		assert_int_equal(o.cause, cases[i].cause);
		stream_close(&stream);
		script_free(&s);
	}
}

TEST(a_line_may_have_its_limit_and_not_a_byte_more)
{
	static const struct {
		const char *says;
		bool ok;
	} cases[] = {
		{ "12345\r\n", true },
		{ "12345\n", true },
		{ "123456\r\n", false },
		{ "123456\n", false },
		{ "1234567", false },
		{ "1234567890", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct script_step steps[] = { { NULL, cases[i].says } };
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span line;

		script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
		script_stream(&s, &stream);
		check_int(cases[i].says, stream_line(&stream, &line, 5, soon(), &o),
		    cases[i].ok);
		if (!cases[i].ok)
			check_int(cases[i].says, o.cause, CAUSE_PROTOCOL);
		stream_close(&stream);
		script_free(&s);
	}
}

/* The same line is good or bad however the network cuts it. */
TEST(the_limit_of_a_line_does_not_depend_on_how_it_arrives)
{
	const struct script_step steps[] = { { NULL, "12345\r\n" } };

	for (size_t piece = 1; piece <= 7; piece++) {
		char label[32];
		struct script s;
		struct stream stream;
		struct outcome o;
		struct span line;

		(void)snprintf(label, sizeof label, "%zu at a time", piece);
		script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
		s.read_max = piece;
		script_stream(&s, &stream);
		check(label, stream_line(&stream, &line, 5, soon(), &o));
		stream_close(&stream);
		script_free(&s);
	}
}

/* A peer that sends no line end at all can't fill the memory. */
TEST(input_is_bounded)
{
	struct buf flood;
	struct script s;
	struct stream stream;
	struct outcome o;
	struct span line;

	buf_init(&flood, SAMPLE_MAX);
	sample_repeat(&flood, "xxxxxxxxxxxxxxxx", 256 * 1024);
	script_init_bytes(&s, buf_span(&flood), SCRIPT_SILENT);
	script_stream(&s, &stream);
	assert_false(stream_line(&stream, &line, 16 * 1024, soon(), &o));
	assert_int_equal(o.cause, CAUSE_PROTOCOL);
	assert_true(s.taken <= 64 * 1024);
	stream_close(&stream);
	script_free(&s);
	buf_free(&flood);
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

TEST(a_stream_goes_on_over_another_carrier)
{
	const struct script_step before[] = { { "STARTTLS\n", "220 go\n" } };
	const struct script_step after[] = { { "EHLO\n", "250 hi\n" } };
	struct script a, b;
	struct stream stream;
	struct outcome o;
	struct span line;

	script_init(&a, before, COUNT(before), SCRIPT_SILENT);
	script_init(&b, after, COUNT(after), SCRIPT_SILENT);
	script_stream(&a, &stream);
	assert_true(stream_write(&stream, span_of("STARTTLS\n"), soon(), &o));
	assert_true(stream_flush(&stream, soon(), &o));
	assert_true(stream_line(&stream, &line, 100, soon(), &o));
	stream_change_carrier(&stream, &script_carrier, &b);
	assert_true(stream_write(&stream, span_of("EHLO\n"), soon(), &o));
	assert_true(stream_flush(&stream, soon(), &o));
	assert_true(stream_line(&stream, &line, 100, soon(), &o));
	assert_true(span_is(line, "250 hi"));
	assert_string_equal(b.heard.data, "EHLO\n");
	stream_close(&stream);
	assert_true(b.closed && !a.closed);
	stream_close(&stream);
	script_free(&a);
	script_free(&b);
}

TEST(what_arrived_unasked_is_counted)
{
	const struct script_step steps[] = { { NULL, "220 go\r\n250 injected\r\n" } };
	struct script s;
	struct stream stream;
	struct outcome o;
	struct span line;

	script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
	script_stream(&s, &stream);
	assert_int_equal(stream_unread(&stream), 0);
	assert_true(stream_line(&stream, &line, 100, soon(), &o));
	assert_int_equal(stream_unread(&stream), 14);
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
		cmocka_unit_test(lines_are_found_whatever_pieces_they_come_in),
		cmocka_unit_test(who_was_just_written_to_is_waited_for_and_then_read),
		cmocka_unit_test(bytes_are_taken_and_no_more_than_these),
		cmocka_unit_test(a_line_that_breaks_off_is_no_line),
		cmocka_unit_test(a_line_may_have_its_limit_and_not_a_byte_more),
		cmocka_unit_test(the_limit_of_a_line_does_not_depend_on_how_it_arrives),
		cmocka_unit_test(input_is_bounded),
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
		cmocka_unit_test(a_stream_goes_on_over_another_carrier),
		cmocka_unit_test(what_arrived_unasked_is_counted),
		cmocka_unit_test(a_secret_that_was_sent_is_forgotten),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
