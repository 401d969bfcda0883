/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "lib/sample.h"

static char *
content(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct buf b;

	buf_init(&b, SAMPLE_MAX);
	assert_true(fd >= 0 && fd_read_all(fd, &b, clock_in(20000)));
	(void)close(fd);
	return buf_take(&b);
}

TEST(lines_are_appended_and_the_file_is_the_owners)
{
	char *directory = sample_directory(), *path = mem_printf("%s/log", directory);
	mode_t mask = umask(0);
	struct outcome o;
	struct stat st;
	char *text;

	assert_true(log_to_file(path, "one", &o));
	assert_true(log_to_file(path, "two", &o));
	text = content(path);
	assert_string_equal(text, "one\ntwo\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	(void)umask(mask);
	free(text);
	free(path);
	sample_directory_end(directory);
}

TEST(what_stands_in_the_file_stays)
{
	char *directory = sample_directory();
	char *path = sample_write(directory, "log", "before\n", 0644), *text;
	struct outcome o;
	struct stat st;

	assert_true(log_to_file(path, "after", &o));
	text = content(path);
	assert_string_equal(text, "before\nafter\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	free(text);
	free(path);
	sample_directory_end(directory);
}

TEST(a_dash_is_standard_output)
{
	char *directory = sample_directory(), *path = mem_printf("%s/out", directory);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int saved = dup(STDOUT_FILENO);
	struct outcome o;
	char *text;
	bool ok;

	(void)fflush(stdout);
	assert_true(fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	ok = log_to_file("-", "shown", &o);
	assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
	assert_true(ok);
	text = content(path);
	assert_string_equal(text, "shown\n");
	(void)close(fd);
	(void)close(saved);
	free(text);
	free(path);
	sample_directory_end(directory);
}

TEST(a_file_that_cannot_be_written_is_named)
{
	static const struct {
		const char *path, *words;
	} cases[] = {
		{ "/nonexistent/log",
		    "cannot log to /nonexistent/log: cannot open: No such file" },
		{ "/tmp", "cannot log to /tmp: cannot open: Is a directory" },
		{ "/dev/full", "cannot log to /dev/full: cannot write: No space" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;

		check(cases[i].path, !log_to_file(cases[i].path, "x", &o));
		check_int(cases[i].path, o.cause, CAUSE_STORE);
		check_part(cases[i].path, o.text, cases[i].words);
	}
}

/* Whether the process has the file open. */
static bool
has_open(pid_t pid, const char *path)
{
	char *fds = mem_printf("/proc/%ld/fd", (long)pid);
	DIR *d = opendir(fds);
	const struct dirent *e;
	bool found = false;

	while (d != NULL && (e = readdir(d)) != NULL) {
		char *link = mem_printf("%s/%s", fds, e->d_name), target[512];
		ssize_t n = readlink(link, target, sizeof target);

		found |=
		    n == (ssize_t)strlen(path) && memcmp(target, path, (size_t)n) == 0;
		free(link);
	}
	if (d != NULL)
		(void)closedir(d);
	free(fds);
	return found;
}

/* The child comes to the locked file, and finds it free only when we let go. */
TEST(a_writer_waits_while_another_holds_the_lock)
{
	char *directory = sample_directory();
	char *path = sample_write(directory, "log", "first\n", 0600), *text;
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int fd = open(path, O_RDWR | O_CLOEXEC), status;
	struct pollfd ended = { .events = POLLIN };
	struct outcome o;
	pid_t child;

	assert_int_equal(fcntl(fd, F_SETLK, &all), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(log_to_file(path, "second", &o) ? 0 : 1);
	ended.fd = (int)syscall(SYS_pidfd_open, child, 0);
	while (!has_open(child, path) && poll(&ended, 1, 0) == 0)
		(void)sched_yield();
	assert_int_equal(poll(&ended, 1, 50), 0); /* it would end if it got the lock */
	text = content(path);
	/* closing any descriptor of the file gives the lock up: fcntl(2) */
	assert_string_equal(text, "first\n");
	free(text);
	(void)close(fd);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	text = content(path);
	assert_string_equal(text, "first\nsecond\n");
	(void)close(ended.fd);
	free(text);
	free(path);
	sample_directory_end(directory);
}

TEST(many_writers_at_once_lose_no_line)
{
	enum { WRITERS = 8, LINES = 25 };
	char *directory = sample_directory(), *path = mem_printf("%s/log", directory);
	char *text;
	struct span all, line;
	size_t lines = 0;

	for (int w = 0; w < WRITERS; w++)
		if (fork() == 0) {
			char *long_line = mem_new(10000);
			struct outcome o;
			bool ok = true;

			memset(long_line, 'a' + w, 9999);
			for (int i = 0; i < LINES; i++)
				ok = ok && log_to_file(path, long_line, &o);
			_exit(ok ? 0 : 1);
		}
	for (int w = 0; w < WRITERS; w++) {
		int status;

		assert_true(wait(&status) > 0);
		assert_int_equal(status, 0);
	}
	text = content(path);
	all = span_of(text);
	while (span_cut(&all, '\n', &line)) {
		assert_int_equal(line.n, 9999);
		for (size_t i = 0; i < line.n; i++)
			assert_int_equal(line.p[i], line.p[0]);
		lines++;
	}
	assert_int_equal(lines, WRITERS * LINES);
	free(text);
	free(path);
	sample_directory_end(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_appended_and_the_file_is_the_owners),
		cmocka_unit_test(what_stands_in_the_file_stays),
		cmocka_unit_test(a_dash_is_standard_output),
		cmocka_unit_test(a_file_that_cannot_be_written_is_named),
		cmocka_unit_test(a_writer_waits_while_another_holds_the_lock),
		cmocka_unit_test(many_writers_at_once_lose_no_line),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
