/* SPDX-License-Identifier: ISC
 *
 * test_source.c - what was written is read, from memory or from a file
 */
#include "lib/unit.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/sample.h"

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
			sample_numbered(&text, sizes[i]);
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
		sample_numbered(&text, sizes[i]);
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
		sample_numbered(&text, sizes[i]);
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
	sample_numbered(&text, 50000);
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
	sample_numbered(&text, SOURCE_MEMORY + 1);
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
	sample_numbered(&text, SOURCE_MEMORY);
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

TEST(a_file_that_lost_its_end_is_an_error)
{
	struct source s;
	struct outcome o;
	struct span piece;
	struct buf text;
	bool ok = true;

	buf_init(&text, SAMPLE_MAX);
	sample_numbered(&text, 2 * SOURCE_MEMORY);
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
		cmocka_unit_test(a_file_that_lost_its_end_is_an_error),
		cmocka_unit_test(
		    lines_are_counted_whatever_ends_them_and_wherever_they_are_cut),
	};

	return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
