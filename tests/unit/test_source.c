/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/sample.h"

/* Numbered lines, so that a piece that is lost or doubled shows. */
static void
numbered(struct buf *out, size_t size)
{
	for (size_t i = 0; out->len + 12 <= size; i++)
		buf_printf(out, "%010zu\r\n", i);
	while (out->len < size)
		buf_addc(out, '.');
}

static void
write_all(struct source *s, struct span text, size_t piece)
{
	struct outcome o;

	while (text.n > 0) {
		size_t n = text.n < piece ? text.n : piece;

		assert_true(source_write(s, span_bytes(text.p, n), &o));
		text = span_bytes(text.p + n, text.n - n);
	}
	assert_true(source_seal(s, &o));
}

TEST(what_was_written_is_read_whatever_its_size)
{
	static const size_t sizes[] = { 0, 1, SOURCE_CHUNK, SOURCE_MEMORY - 1,
		SOURCE_MEMORY, SOURCE_MEMORY + 1, 2 * SOURCE_MEMORY,
		3 * SOURCE_MEMORY + 5, 10 * SOURCE_CHUNK };
	static const size_t pieces[] = { 1000, SOURCE_CHUNK, SOURCE_MEMORY - 1,
		SOURCE_MEMORY, SOURCE_MEMORY + 1, SIZE_MAX };

	for (size_t i = 0; i < COUNT(sizes); i++)
		for (size_t k = 0; k < COUNT(pieces); k++) {
			struct buf text, got;
			struct span body;
			struct source s;
			char label[64];

			(void)snprintf(
			    label, sizeof label, "%zu by %zu", sizes[i], pieces[k]);
			buf_init(&text, SAMPLE_MAX);
			numbered(&text, sizes[i]);
			source_init(&s);
			write_all(&s, buf_span(&text), pieces[k]);
			sample_text(&s, &got);
			check_int(label, s.size, sizes[i]);
			check_int(label, got.len, sizes[i]);
			check(label, memcmp(got.data, text.data, got.len) == 0);
			check_int(label, s.fd >= 0, sizes[i] > SOURCE_MEMORY);
			check_int(label, source_held(&s, &body), s.fd < 0);
			check(label, s.fd >= 0 || body.n == sizes[i]);
			buf_free(&got);
			buf_free(&text);
			source_free(&s);
		}
}

/* Whether the rest lies in memory or in a file. */
TEST(what_is_put_in_front_is_read_first)
{
	static const size_t sizes[] = { 0, 10, SOURCE_MEMORY, 3 * SOURCE_MEMORY + 5 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf text, want, got;
		struct source s;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu", sizes[i]);
		buf_init(&text, SAMPLE_MAX);
		buf_init(&want, SAMPLE_MAX);
		numbered(&text, sizes[i]);
		buf_puts(&want, "A: b\r\nC: d\r\n");
		buf_add_span(&want, buf_span(&text));
		source_init(&s);
		source_front(&s, span_of("A: b\r\n"));
		write_all(&s, buf_span(&text), SOURCE_CHUNK);
		source_front(&s, span_of("C: d\r\n"));
		for (int times = 0; times < 2; times++) {
			sample_text(&s, &got);
			check_int(label, s.size, want.len);
			check_int(label, got.len, want.len);
			check(label, memcmp(got.data, want.data, want.len) == 0);
			buf_free(&got);
		}
		source_free(&s);
		buf_free(&text);
		buf_free(&want);
	}
}

TEST(a_source_is_read_as_often_as_needed)
{
	static const size_t sizes[] = { 100, 3 * SOURCE_MEMORY };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf text, first, again;
		struct outcome o;
		struct source s;
		struct span piece;

		buf_init(&text, SAMPLE_MAX);
		numbered(&text, sizes[i]);
		source_init(&s);
		write_all(&s, buf_span(&text), 5000);
		assert_true(source_next(&s, &piece, &o)); /* given up half-way */
		sample_text(&s, &first);
		assert_true(source_next(&s, &piece, &o));
		assert_int_equal(piece.n, 0); /* at the end it stays at the end */
		assert_true(source_next(&s, &piece, &o));
		assert_int_equal(piece.n, 0);
		sample_text(&s, &again);
		assert_int_equal(first.len, sizes[i]);
		assert_int_equal(again.len, sizes[i]);
		assert_memory_equal(first.data, again.data, sizes[i]);
		buf_free(&first);
		buf_free(&again);
		buf_free(&text);
		source_free(&s);
		source_free(&s);
	}
}

TEST(memory_stays_bounded_whatever_the_size)
{
	struct source s;
	struct outcome o;
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	numbered(&text, 50000);
	source_init(&s);
	for (int i = 0; i < 100; i++) {
		assert_true(source_write(&s, buf_span(&text), &o));
		assert_true(s.held.cap <= 2 * SOURCE_MEMORY);
	}
	assert_true(source_seal(&s, &o));
	assert_int_equal(s.size, 5000000);
	buf_free(&text);
	source_free(&s);
}

static size_t
files_in(const char *path)
{
	DIR *d = opendir(path);
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d) != NULL)
		n++;
	(void)closedir(d);
	return n;
}

TEST(the_temporary_file_has_no_name_and_lies_in_tmpdir)
{
	char *directory = sample_directory(), target[512] = "", link[64];
	struct source s;
	struct outcome o;
	struct buf text;
	ssize_t n;

	assert_int_equal(setenv("TMPDIR", directory, 1), 0);
	buf_init(&text, SAMPLE_MAX);
	numbered(&text, SOURCE_MEMORY + 1);
	source_init(&s);
	assert_true(source_write(&s, buf_span(&text), &o));
	assert_true(s.fd >= 0);
	assert_int_equal(files_in(directory), 2); /* . and .. */
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", s.fd);
	n = readlink(link, target, sizeof target - 1);
	assert_true(n > 0);
	check_part("link", target, directory);
	source_free(&s);
	buf_free(&text);
	assert_int_equal(unsetenv("TMPDIR"), 0);
	sample_directory_end(directory);
}

TEST(a_directory_that_cannot_be_written_is_named)
{
	static const char *const directories[] = { "/nonexistent/place", "/dev/null",
		"/proc" };
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	numbered(&text, SOURCE_MEMORY);
	for (size_t i = 0; i < COUNT(directories); i++) {
		struct source s;
		struct outcome o;

		assert_int_equal(setenv("TMPDIR", directories[i], 1), 0);
		source_init(&s);
		check(directories[i], source_write(&s, buf_span(&text), &o));
		check(directories[i], !source_write(&s, span_of("x"), &o));
		check_int(directories[i], o.cause, CAUSE_STORE);
		check_part(directories[i], o.text, directories[i]);
		source_free(&s);
	}
	assert_int_equal(unsetenv("TMPDIR"), 0);
	buf_free(&text);
}

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

TEST(a_file_that_lost_its_end_is_an_error)
{
	struct source s;
	struct outcome o;
	struct span piece;
	struct buf text;
	bool ok = true;

	buf_init(&text, SAMPLE_MAX);
	numbered(&text, 2 * SOURCE_MEMORY);
	source_init(&s);
	write_all(&s, buf_span(&text), 5000);
	assert_int_equal(ftruncate(s.fd, SOURCE_MEMORY), 0);
	do
		ok = source_next(&s, &piece, &o);
	while (ok && piece.n > 0);
	assert_false(ok);
	assert_int_equal(o.cause, CAUSE_STORE);
	source_free(&s);
	buf_free(&text);
}

TEST(lines_are_counted_whatever_ends_them_and_wherever_they_are_cut)
{
	static const struct {
		const char *text;
		size_t lines, longest, open;
	} cases[] = {
		{ "", 0, 0, 0 },
		{ "open", 0, 0, 4 },
		{ "\r\n", 1, 0, 0 },
		{ "\n\n", 2, 0, 0 },
		{ "one\r\nthree\r\n", 2, 5, 0 },
		{ "three\none\nx", 2, 5, 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			const char *text = cases[i].text;
			size_t length = 0;
			uint64_t lines;
			struct source s;

			if (cut > 0 && text[cut - 1] == '\r')
				continue;
			source_init(&s);
			lines = source_count_lines(&s, span_bytes(text, cut), &length);
			lines += source_count_lines(&s, span_of(text + cut), &length);
			check_int(text, (long)lines, (long)cases[i].lines);
			check_int(text, (long)s.lines, (long)cases[i].lines);
			check_int(text, (long)s.longest, (long)cases[i].longest);
			check_int(text, (long)length, (long)cases[i].open);
			source_free(&s);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_whatever_its_size),
		cmocka_unit_test(what_is_put_in_front_is_read_first),
		cmocka_unit_test(a_source_is_read_as_often_as_needed),
		cmocka_unit_test(memory_stays_bounded_whatever_the_size),
		cmocka_unit_test(the_temporary_file_has_no_name_and_lies_in_tmpdir),
		cmocka_unit_test(a_directory_that_cannot_be_written_is_named),
		cmocka_unit_test(what_was_lent_is_read_where_it_stands),
		cmocka_unit_test(a_part_of_what_was_lent_is_enough),
		cmocka_unit_test(
		    what_was_lent_is_copied_before_something_else_is_written),
		cmocka_unit_test(what_goes_to_the_queue_is_not_lent),
		cmocka_unit_test(a_file_that_changes_while_it_is_lent_is_told),
		cmocka_unit_test(a_file_that_has_changed_is_not_copied),
		cmocka_unit_test(a_file_that_lost_its_end_is_an_error),
		cmocka_unit_test(
		    lines_are_counted_whatever_ends_them_and_wherever_they_are_cut),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
