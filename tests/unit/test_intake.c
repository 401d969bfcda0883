/* SPDX-License-Identifier: ISC
 *
 * test_intake.c - where a message ends, and what is taken of it
 *
 * Each case comes whole, and byte by byte: it must make no difference.
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "serve/intake.h"

/* What was kept, and behind a '|' what is left for commands; owned by the caller. */
static char *
take(const char *bytes, bool bare, size_t read_max)
{
	struct script script;
	struct stream stream;
	struct source source;
	struct intake intake;
	struct outcome o;
	struct buf text;
	struct span left;

	buf_init(&text, SAMPLE_MAX);
	source_init(&source);
	script_init_bytes(&script, span_of(bytes), SCRIPT_CLOSES);
	script.read_max = read_max;
	script_stream(&script, &stream);
	intake_begin(&intake, &source, 1000);
	if (!intake_data(&intake, &stream, bare, 10, &o)) {
		buf_puts(&text, "lost");
	} else if (!intake_end(&intake, &o)) {
		buf_puts(&text, outcome_name(&o));
	} else {
		struct buf all;

		sample_text(&source, &all);
		buf_add_span(&text, buf_span(&all));
		buf_addc(&text, '|');
		while (stream_peek(&stream, &left, 1, 0, &o)) {
			buf_add_span(&text, left);
			stream_skip(&stream, left.n);
		}
		buf_free(&all);
	}
	stream_close(&stream);
	script_free(&script);
	source_free(&source);
	return buf_take(&text);
}

TEST(a_message_ends_where_its_client_means_it_to_end_and_nowhere_else)
{
	static const struct {
		const char *bytes, *strict, *bare;
	} cases[] = {
		{ "a\r\n.\r\nQUIT\r\n", "a\r\n|QUIT\r\n", "a\r\n|QUIT\r\n" },
		{ ".\r\nNOOP\r\n", "|NOOP\r\n", "|NOOP\r\n" },
		{ "..\r\n..b\r\n.\r\n", ".\r\n.b\r\n|", ".\r\n.b\r\n|" },
		{ ".b\r\n.\r\n", "b\r\n|", "b\r\n|" },
		{ "a\n.\nQUIT\n", "lost", "a\r\n|QUIT\n" },
		{ "a\n.\r\nMAIL\r\n.\r\n", "a\r\n.\r\nMAIL\r\n|", "a\r\n|MAIL\r\n.\r\n" },
		{ "a\r\n.\nMAIL\r\n.\r\n", "a\r\n.\r\nMAIL\r\n|", "a\r\n|MAIL\r\n.\r\n" },
		{ "a\r.\r\r\n.\r\n", "a . \r\n|", "a . \r\n|" },
		{ "a\r\n.\rb\r\n.\r\n", "a\r\n b\r\n|", "a\r\n b\r\n|" },
		{ "a\r\n\r.\r\n.\r\n", "a\r\n .\r\n|", "a\r\n .\r\n|" },
		{ "a\r\n.\r", "lost", "lost" },
		{ "a\r\n.", "lost", "lost" },
		{ "a\r\n", "lost", "lost" },
		{ "", "lost", "lost" },
		{ "a\nb\r\n.\r\n", "a\r\nb\r\n|", "a\r\nb\r\n|" },
		{ "\n\n.\r\n\r\n.\r\n", "\r\n\r\n.\r\n\r\n|", "\r\n\r\n|\r\n.\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t max = 0; max < 4; max++) {
			char *strict = take(cases[i].bytes, false, max);
			char *bare = take(cases[i].bytes, true, max);

			check_text(cases[i].bytes, strict, cases[i].strict);
			check_text(cases[i].bytes, bare, cases[i].bare);
			free(strict);
			free(bare);
		}
}

TEST(a_message_that_is_too_large_is_read_to_its_end_and_dropped)
{
	struct buf text;
	char *taken;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "0123456789012345678901234567890123456789\r\n", 50);
	buf_puts(&text, ".\r\n");
	taken = take(text.data, false, 0);
	check_text("too large", taken, "TOO_LARGE");
	free(taken);
	buf_free(&text);
}

TEST(chunks_are_one_message_wherever_they_part)
{
	static const char message[] = "Subject: x\r\n\r\na\rb\nc\r\n.\r\nd";

	for (size_t at = 0; at <= strlen(message); at++) {
		struct source source;
		struct intake intake;
		struct outcome o;
		struct buf text;

		source_init(&source);
		intake_begin(&intake, &source, 1000);
		intake_add(&intake, span_bytes(message, at));
		intake_add(&intake, span_of(message + at));
		check("chunks", intake_end(&intake, &o));
		sample_text(&source, &text);
		check_text(
		    "chunks", text.data, "Subject: x\r\n\r\na b\r\nc\r\n.\r\nd\r\n");
		check_int("chunks", source.lines, 6);
		buf_free(&text);
		source_free(&source);
	}
}

TEST(the_figures_of_the_source_are_right)
{
	static const struct {
		const char *text;
		bool header, body;
		size_t longest, lines;
	} cases[] = {
		{ "a: b\r\n\r\nc\r\n", false, false, 4, 3 },
		{ "a: \303\251\r\n\r\nc\r\n", true, false, 5, 3 },
		{ "a: b\r\n\r\n\303\251\303\251\303\251\r\n", false, true, 6, 3 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct source source;
		struct intake intake;
		struct outcome o;

		source_init(&source);
		intake_begin(&intake, &source, 1000);
		intake_add(&intake, span_of(cases[i].text));
		check(cases[i].text, intake_end(&intake, &o));
		check(cases[i].text, source.header_is_8bit == cases[i].header);
		check(cases[i].text, source.is_8bit == cases[i].body);
		check_int(cases[i].text, source.longest, cases[i].longest);
		check_int(cases[i].text, source.lines, cases[i].lines);
		check_int(cases[i].text, source.size, strlen(cases[i].text));
		source_free(&source);
	}
}

/* Each byte comes soon enough, and all of them never. */
TEST(a_message_that_never_ends_does_not_last_for_ever)
{
	for (int chunks = 0; chunks < 2; chunks++) {
		struct script script;
		struct stream stream;
		struct source source;
		struct intake intake;
		struct outcome o;

		source_init(&source);
		script_init_bytes(&script, span_of("a\r\nb\r\n"), SCRIPT_SILENT);
		script.read_max = 1;
		script_stream(&script, &stream);
		intake_begin(&intake, &source, 1000);
		assert_in_range(
		    clock_left(intake.deadline), 1, INTAKE_SECONDS_MAX * 1000);
		intake.deadline = clock_in(1000);
		assert_false(chunks ? intake_chunk(&intake, &stream, 100, 3600, &o)
				    : intake_data(&intake, &stream, false, 3600, &o));
		assert_int_equal(o.cause, CAUSE_TIMEOUT);
		assert_int_equal(script.deadline, intake.deadline);
		stream_close(&stream);
		script_free(&script);
		source_free(&source);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_message_ends_where_its_client_means_it_to_end_and_nowhere_else),
		cmocka_unit_test(
		    a_message_that_is_too_large_is_read_to_its_end_and_dropped),
		cmocka_unit_test(chunks_are_one_message_wherever_they_part),
		cmocka_unit_test(the_figures_of_the_source_are_right),
		cmocka_unit_test(a_message_that_never_ends_does_not_last_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
