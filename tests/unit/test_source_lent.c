/* SPDX-License-Identifier: ISC
 *
 * test_source_lent.c - a file that is read where it stands, and not copied
 */
#include "lib/unit.h"

#include <unistd.h>

#include "lib/sample.h"

/* Hands over what stands in the file at `fd` from `start` on. */
static void
lend(struct source *s, int fd, off_t start, struct span text, size_t piece)
{
	struct outcome o;
	uint64_t lines;

	source_init(s);
	source_borrow(s, fd, start);
	while (text.n > 0) {
		struct span part = span_bytes(text.p, text.n < piece ? text.n : piece);

		lines = 0;
		for (size_t i = 0; i < part.n; i++)
			lines += part.p[i] == '\n';
		assert_true(source_text(s, part, lines, &o));
		text = span_bytes(text.p + part.n, text.n - part.n);
	}
}

/* Numbered lines that end with LF, and the same as they go out. */
static void
numbered_text(struct buf *text, struct buf *want, size_t lines)
{
	buf_init(text, SAMPLE_MAX);
	buf_init(want, SAMPLE_MAX);
	for (size_t i = 0; i < lines; i++) {
		buf_printf(text, "%zu\n", i * i);
		buf_printf(want, "%zu\r\n", i * i);
	}
}

static const size_t lent_lines[] = { 0, 1, 100, 5000, 100000 };

TEST(what_was_lent_is_read_where_it_stands)
{
	for (size_t i = 0; i < COUNT(lent_lines); i++) {
		struct buf text, want, got;
		struct span body;
		struct source s;
		struct outcome o;
		char label[32];
		int fd;

		(void)snprintf(label, sizeof label, "%zu lines", lent_lines[i]);
		numbered_text(&text, &want, lent_lines[i]);
		fd = sample_file(buf_span(&text));
		lend(&s, fd, 0, buf_span(&text), 50000);
		source_front(&s, span_of("A: b\r\n\r\n"));
		assert_true(source_seal(&s, &o));
		assert_false(source_held(&s, &body));
		for (int times = 0; times < 2; times++) {
			sample_text(&s, &got);
			check_int(label, s.size, want.len + 8);
			check_int(label, got.len, want.len + 8);
			check_text(label, got.data + 8, want.data);
			buf_free(&got);
		}
		check_int(label, s.fd, -1);
		source_free(&s);
		buf_free(&text);
		buf_free(&want);
		(void)close(fd);
	}
}

/* From its middle, and with a last line that lacks its end. */
TEST(a_part_of_what_was_lent_is_enough)
{
	int fd = sample_file(span_of("no\none\ntwo\nthree"));
	struct source s;
	struct outcome o;
	struct buf got;

	lend(&s, fd, 3, span_of("one\ntwo"), 100);
	assert_true(source_end_line(&s, &o));
	assert_true(source_seal(&s, &o));
	sample_text(&s, &got);
	assert_string_equal(got.data, "one\r\ntwo\r\n");
	assert_int_equal(s.size, got.len);
	buf_free(&got);
	source_free(&s);
	(void)close(fd);
}

TEST(what_was_lent_is_copied_before_something_else_is_written)
{
	for (size_t i = 0; i < COUNT(lent_lines); i++)
		for (int is_open = 0; is_open < 2; is_open++) {
			struct buf text, want, got;
			struct source s;
			struct outcome o;
			int fd;

			numbered_text(&text, &want, lent_lines[i]);
			buf_puts(&text, is_open ? "open" : "");
			buf_puts(&want, is_open ? "open\r\nend\r\n" : "end\r\n");
			fd = sample_file(buf_span(&text));
			lend(&s, fd, 0, buf_span(&text), 50000);
			assert_true(!is_open || source_end_line(&s, &o));
			assert_true(source_write(&s, span_of("end\r\n"), &o));
			assert_int_equal(ftruncate(fd, 0), 0);
			assert_true(source_seal(&s, &o));
			sample_text(&s, &got);
			check_text("copied", got.data, want.data);
			check_int("size", s.size, want.len);
			buf_free(&got);
			source_free(&s);
			buf_free(&text);
			buf_free(&want);
			(void)close(fd);
		}
}

TEST(what_goes_to_the_queue_is_not_lent)
{
	int fd = sample_file(span_of("one\ntwo\n"));
	struct source s;
	struct outcome o;
	struct buf got;

	source_init(&s);
	source_keep_in(&s, 0, 0); /* nothing is made there, as small as it is */
	source_borrow(&s, fd, 0);
	assert_true(source_text(&s, span_of("one\n"), 1, &o));
	(void)close(fd);
	assert_true(source_seal(&s, &o));
	sample_text(&s, &got);
	assert_string_equal(got.data, "one\r\n");
	buf_free(&got);
	source_free(&s);
}

/* Reads all, or fails. */
static bool
can_be_read(struct source *s, struct outcome *o)
{
	struct span piece;

	source_rewind(s);
	do
		if (!source_next(s, &piece, o))
			return false;
	while (piece.n > 0);
	return true;
}

TEST(a_file_that_changes_while_it_is_lent_is_told)
{
	static const struct {
		const char *label, *put;
		off_t at;
		off_t length; /* -1: as it was */
		bool ok;
	} cases[] = {
		{ "nothing", "1", 0, -1, true },
		{ "another byte", "2", 0, -1, true },
		{ "a CR", "\r", 300000, -1, false },
		{ "a line end more", "\n", 2, -1, false },
		{ "a line end less", "x", 1, -1, false },
		{ "a shorter one", "", 0, 300000, false },
		{ "an empty one", "", 0, 0, false },
		{ "a longer one", "", 0, 1000000, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf text, want;
		struct source s;
		struct outcome o;
		int fd;

		numbered_text(&text, &want, 50000);
		text.data[1] = '\n';
		fd = sample_file(buf_span(&text));
		lend(&s, fd, 0, buf_span(&text), 50000);
		assert_true(source_seal(&s, &o));
		assert_int_equal(
		    pwrite(fd, cases[i].put, strlen(cases[i].put), cases[i].at),
		    strlen(cases[i].put));
		assert_true(cases[i].length < 0 || ftruncate(fd, cases[i].length) == 0);
		check_int(cases[i].label, can_be_read(&s, &o), cases[i].ok);
		if (!cases[i].ok)
			check_int(cases[i].label, o.cause, CAUSE_NO_INPUT);
		source_free(&s);
		buf_free(&text);
		buf_free(&want);
		(void)close(fd);
	}
}

/* Its bytes are counted: a copy that is longer would be cut off. */
TEST(a_file_that_has_changed_is_not_copied)
{
	static const char *const puts[] = { "\n", "x" };

	for (size_t i = 0; i < COUNT(puts); i++) {
		int fd = sample_file(span_of("one\ntwo\n"));
		struct source s;
		struct outcome o;

		lend(&s, fd, 0, span_of("one\ntwo\n"), 100);
		assert_int_equal(pwrite(fd, puts[i], 1, i == 0 ? 1 : 3), 1);
		check(puts[i], !source_write(&s, span_of("end\r\n"), &o));
		check_int(puts[i], o.cause, CAUSE_NO_INPUT);
		source_free(&s);
		(void)close(fd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_lent_is_read_where_it_stands),
		cmocka_unit_test(a_part_of_what_was_lent_is_enough),
		cmocka_unit_test(
		    what_was_lent_is_copied_before_something_else_is_written),
		cmocka_unit_test(what_goes_to_the_queue_is_not_lent),
		cmocka_unit_test(a_file_that_changes_while_it_is_lent_is_told),
		cmocka_unit_test(a_file_that_has_changed_is_not_copied),
	};

	return cmocka_run_group_tests_name("source: lent", tests, NULL, NULL);
}
