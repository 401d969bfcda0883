/* SPDX-License-Identifier: ISC
 *
 * test_file.c - the smallest ones: whole reads and writes, deadlines, secrets
 */
#include "lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/secret.h"
#include "lib/sample.h"

TEST(all_of_a_descriptor_is_read_however_it_comes)
{
	struct buf text, got;
	struct sample_pipe p;

	buf_init(&text, SAMPLE_MAX);
	buf_init(&got, SAMPLE_MAX);
	for (int i = 0; i < 30000; i++)
		buf_printf(&text, "%d,", i);
	p = sample_pipe(buf_span(&text), 30000);
	assert_true(fd_read_all(p.fd, &got, clock_in(20000)));
	assert_string_equal(got.data, text.data);
	sample_pipe_end(&p);
	buf_free(&text);
	buf_free(&got);
}

TEST(more_than_the_limit_is_not_read)
{
	static const struct {
		size_t max;
		bool ok;
	} cases[] = { { 10, true }, { 11, true }, { 9, false }, { 0, false } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		int fd = sample_file(span_of("0123456789"));
		struct buf got;

		buf_init(&got, cases[i].max);
		errno = 0;
		assert_int_equal(fd_read_all(fd, &got, clock_in(20000)), cases[i].ok);
		assert_int_equal(errno, cases[i].ok ? 0 : EFBIG);
		buf_free(&got);
		(void)close(fd);
	}
}

TEST(parts_are_written_one_behind_the_other_wherever_they_shall_stand)
{
	const struct span parts[] = { span_of("one,"), span_of(""), span_of("two") };
	int fd = sample_file(span_of("0123456789"));
	struct buf got;

	buf_init(&got, 100);
	assert_true(fd_write_at(fd, 2, parts, COUNT(parts)));
	assert_true(fd_write_at(fd, 1, NULL, 0));
	assert_true(fd_read_all(fd, &got, clock_in(20000)));
	assert_string_equal(got.data, "01one,two9");
	buf_free(&got);
	(void)close(fd);
	assert_false(fd_write_at(fd, 0, parts, COUNT(parts)));
	assert_int_equal(errno, EBADF);
}

/* Nobody writes, and nobody will. */
TEST(a_descriptor_that_does_not_block_is_waited_for_until_the_deadline)
{
	struct buf got;
	int fd[2];

	assert_int_equal(pipe2(fd, O_CLOEXEC | O_NONBLOCK), 0);
	assert_true(fd_write(fd[1], "so far", 6));
	buf_init(&got, 100);
	assert_false(fd_read_all(fd[0], &got, clock_in(50)));
	assert_int_equal(errno, ETIMEDOUT);
	assert_string_equal(got.data, "so far");
	assert_false(fd_read_all(fd[0], &got, clock_now() - 1));
	(void)close(fd[1]);
	assert_true(fd_read_all(fd[0], &got, clock_in(20000)));
	(void)close(fd[0]);
	buf_free(&got);
}

TEST(what_cannot_be_read_or_written_is_told)
{
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct buf got;
	char c;

	buf_init(&got, 10);
	assert_false(fd_read_all(full, &got, clock_in(20000)));
	assert_int_equal(errno, EBADF);
	assert_int_equal(fd_read(-1, &c, 1), -1);
	assert_false(fd_write(full, "x", 1));
	assert_int_equal(errno, ENOSPC);
	assert_true(fd_write(-1, "", 0)); /* nothing is to be done */
	buf_free(&got);
	(void)close(full);
}

TEST(a_deadline_comes_nearer_and_stays_in_the_past)
{
	int64_t now = clock_now();

	assert_in_range(clock_left(clock_in(60000)), 50000, 60000);
	assert_int_equal(clock_left(now - 1), 0);
	assert_int_equal(clock_left(INT64_MIN / 2), 0);
	assert_int_equal(clock_left(now + INT64_C(1000) * 1000 * 1000 * 1000), INT32_MAX);
	assert_true(clock_first(1, 2) == 1 && clock_first(2, 1) == 1);
	assert_true(clock_now() >= now);
}

TEST(a_secret_is_copied_replaced_and_forgotten)
{
	char text[] = "hunter2";
	struct secret s = { 0 };

	assert_false(secret_given(&s));
	secret_set(&s, span_of(text));
	text[0] = 'X';
	assert_string_equal(s.data, "hunter2");
	assert_int_equal(s.len, 7);
	secret_set(&s, span_bytes(s.data, 4)); /* a part of itself */
	assert_string_equal(s.data, "hunt");
	secret_set(&s, span_of(""));
	assert_true(secret_given(&s));
	assert_int_equal(s.len, 0);
	secret_free(&s);
	assert_false(secret_given(&s));
	secret_free(&s);
}

TEST(a_file_is_read_whole_up_to_the_limit)
{
	static const struct {
		const char *text;
		size_t max;
		bool ok;
	} cases[] = {
		{ "", 3, true },
		{ "abc", 3, true },
		{ "abcd", 3, false },
	};
	char *folder = sample_directory();

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = sample_write(folder, "f", cases[i].text, 0600);
		struct stat st;
		struct buf b;

		buf_init(&b, cases[i].max);
		errno = 0;
		check_int(cases[i].text, file_read(path, &b, &st), cases[i].ok);
		check_int(cases[i].text, errno, cases[i].ok ? 0 : EFBIG);
		check_int(cases[i].text, st.st_mode & 0777, 0600);
		if (cases[i].ok)
			check_text(cases[i].text, b.data, cases[i].text);
		buf_free_secret(&b);
		free(path);
	}
	sample_directory_end(folder);
}

TEST(a_file_is_put_whole_for_its_owner_alone_or_not_at_all)
{
	const struct span parts[] = { span_of("one "), span_of("two") };
	char *directory = sample_directory();
	char *path = mem_printf("%s/file", directory);
	char *nowhere = mem_printf("%s/nowhere/file", directory);
	struct stat st;
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	assert_true(file_put(path, parts, 1));
	assert_true(file_put(path, parts, COUNT(parts))); /* in place of the other */
	assert_true(file_read(path, &text, &st));
	assert_string_equal(text.data, "one two");
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_false(file_put(nowhere, parts, COUNT(parts)));
	assert_int_equal(errno, ENOENT);
	buf_free(&text);
	free(nowhere);
	free(path);
	sample_directory_end(directory);
}

TEST(what_cannot_be_read_leaves_its_error)
{
	char *folder = sample_directory(), *none = mem_printf("%s/none", folder);
	struct stat st;
	struct buf b;

	buf_init(&b, 10);
	assert_false(file_read(none, &b, &st));
	assert_int_equal(errno, ENOENT);
	assert_false(file_read(folder, &b, &st));
	assert_int_equal(errno, EISDIR);
	buf_free(&b);
	free(none);
	sample_directory_end(folder);
}

TEST(what_is_wrong_with_a_file_is_said_in_words)
{
	static const struct {
		int error;
		size_t max;
		const char *words;
	} cases[] = {
		{ ENOENT, 10, "No such file or directory" },
		{ EFBIG, 64 * 1024, "it is larger than 64 kB" },
		{ EFBIG, 1024 * 1024, "it is larger than 1 MB" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct buf b = { .max = cases[i].max };
		char words[FILE_TROUBLE_MAX];

		errno = cases[i].error;
		assert_string_equal(file_trouble(&b, words), cases[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_a_descriptor_is_read_however_it_comes),
		cmocka_unit_test(more_than_the_limit_is_not_read),
		cmocka_unit_test(
		    parts_are_written_one_behind_the_other_wherever_they_shall_stand),
		cmocka_unit_test(
		    a_descriptor_that_does_not_block_is_waited_for_until_the_deadline),
		cmocka_unit_test(what_cannot_be_read_or_written_is_told),
		cmocka_unit_test(a_deadline_comes_nearer_and_stays_in_the_past),
		cmocka_unit_test(a_secret_is_copied_replaced_and_forgotten),
		cmocka_unit_test(a_file_is_read_whole_up_to_the_limit),
		cmocka_unit_test(a_file_is_put_whole_for_its_owner_alone_or_not_at_all),
		cmocka_unit_test(what_cannot_be_read_leaves_its_error),
		cmocka_unit_test(what_is_wrong_with_a_file_is_said_in_words),
	};

	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
