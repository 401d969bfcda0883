/* SPDX-License-Identifier: ISC
 *
 * test_spool_torn.c - what in the directory of a queue can be no mail, or no longer:
 * files that a power cut, a killed writer or somebody left as they are
 */
#include "lib/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/queue.h"
#include "lib/sample.h"
#include "queue/scan.h"

static void
remember(void *arg, const char *words)
{
	struct buf *told = arg;

	buf_puts(told, words);
	buf_addc(told, '\n');
}

/* Has a file of the queue be as a power cut, or somebody, may leave it. */
static void
cut_short(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size - 1), 0);
}

static void
empty(const char *path)
{
	assert_int_equal(truncate(path, 0), 0);
}

static void
change(const char *path, off_t at)
{
	int fd = open(path, O_RDWR);
	char c;

	assert_int_equal(pread(fd, &c, 1, at), 1);
	c ^= 1;
	assert_int_equal(pwrite(fd, &c, 1, at), 1);
	(void)close(fd);
}

static void
change_head(const char *path)
{
	change(path, 20);
}

static void
change_message(const char *path)
{
	change(path, ENTRY_HEAD + 3);
}

static void
change_envelope(const char *path)
{
	change(path, ENTRY_HEAD + (off_t)strlen(QUEUE_MESSAGE) + 5);
}

static void
fill_with_zeros(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	empty(path);
	assert_int_equal(truncate(path, st.st_size), 0);
}

/* A journal that is longer than any. */
static void
lengthen(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size + ENTRY_JOURNAL_MAX + 1), 0);
}

static void
make_writable(const char *path)
{
	assert_int_equal(chmod(path, 0666), 0);
}

static void
make_link(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
}

static void
make_directory(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void
make_pipe(const char *path)
{
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
}

TEST(what_is_torn_or_foreign_is_set_aside_and_told_and_the_others_go_on)
{
	static const struct {
		void (*damage)(const char *path);
		const char *told;
	} cases[] = {
		{ cut_short, "truncated" },
		{ empty, "truncated" },
		{ change_head, "truncated" },
		{ change_message, "its message is damaged" },
		{ change_envelope, "its envelope is damaged" },
		{ fill_with_zeros, "does not begin as" },
		{ lengthen, "truncated" },
		{ make_writable, "others may write to it" },
		{ make_link, "symbolic link" },
		{ make_directory, "directory" },
		{ make_pipe, "it is no file" },
	};
	struct spool s;

	queue_open(&s);
	for (size_t i = 0; i < COUNT(cases); i++) {
		char id[ENTRY_ID_SIZE], good[ENTRY_ID_SIZE], *path;
		struct buf told;
		const struct observer observer = { .warn = remember, .arg = &told };
		struct entry e;
		struct outcome o;

		buf_init(&told, 4096);
		s.observer = &observer;
		queue_put_message(&s, id);
		queue_put_message(&s, good);
		path = queue_path_of("new", id);
		cases[i].damage(path);
		check_int(
		    cases[i].told, spool_take(&s, FOLDER_NEW, id, &e, &o), TAKEN_ASIDE);
		check(cases[i].told, !queue_has("new", id) && queue_has("failed", id));
		check_part(cases[i].told, told.data, cases[i].told);
		check_part(cases[i].told, o.text, cases[i].told);
		check_int(cases[i].told, spool_take(&s, FOLDER_NEW, good, &e, &o), TAKEN);
		entry_free(&e);
		buf_free(&told);
		free(path);
	}
	s.observer = NULL;
	assert_int_equal(queue_count("new"), COUNT(cases));
	spool_close(&s);
}

TEST(a_scan_shows_all_in_order_of_time_and_sets_aside_what_cannot_be_a_mail)
{
	char last[ENTRY_ID_SIZE] = "", *path;
	struct spool s;
	struct scan scan;
	size_t n = 0;

	queue_open(&s);
	free(sample_write(queue_directory, "queue/new/0strange", "", 0600));
	for (size_t i = 0; i < 10000; i++) { /* more than two batches */
		char id[ENTRY_ID_SIZE];

		entry_new_id(id);
		path = queue_path_of("new", id);
		(void)close(open(path, O_WRONLY | O_CREAT, 0600));
		free(path);
	}
	scan_begin(&scan, &s, FOLDER_NEW);
	scan.tidy = true;
	for (; scan_next(&scan); n++) {
		assert_true(strcmp(last, scan.id) < 0);
		memcpy(last, scan.id, sizeof last);
	}
	scan_end(&scan);
	assert_int_equal(n, queue_count("new"));
	assert_true(n > 9990); /* names of one microsecond may be the same */
	assert_true(queue_has("failed", "0strange"));
	spool_close(&s);
}

TEST(what_killed_writers_left_is_removed_after_an_hour)
{
	static const struct timespec old[2] = { { 1, 0 }, { 1, 0 } };
	struct spool s;
	char *path;

	queue_open(&s);
	free(sample_write(queue_directory, "queue/tmp/0123456789abcdef", "", 0600));
	path = sample_write(queue_directory, "queue/tmp/0123456789abcdeg", "", 0600);
	assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	free(path);
	spool_clean(&s);
	assert_int_equal(queue_count("tmp"), 1);
	assert_true(queue_has("tmp", "0123456789abcdef"));
	spool_close(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_queue(
		    what_is_torn_or_foreign_is_set_aside_and_told_and_the_others_go_on),
		with_queue(
		    a_scan_shows_all_in_order_of_time_and_sets_aside_what_cannot_be_a_mail),
		with_queue(what_killed_writers_left_is_removed_after_an_hour),
	};

	return cmocka_run_group_tests_name("spool: torn", tests, NULL, NULL);
}
