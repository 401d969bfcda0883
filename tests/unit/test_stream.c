/* SPDX-License-Identifier: ISC
 *
 * test_stream.c - what is read, whatever pieces it comes in
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
		cmocka_unit_test(a_stream_goes_on_over_another_carrier),
		cmocka_unit_test(what_arrived_unasked_is_counted),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
