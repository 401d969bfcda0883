/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "lib/sample.h"
#include "net/unix_socket.h"

/* A server that never accepts, and has room for `backlog` and one more. */
static int
listener_at(const char *path, int backlog)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(path) < sizeof a.sun_path);
	memcpy(a.sun_path, path, strlen(path));
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, backlog), 0);
	return fd;
}

TEST(a_connection_is_non_blocking_and_closed_for_other_programs)
{
	char *directory = sample_directory(), *path = mem_printf("%s/s", directory);
	int listener = listener_at(path, 5), fd;
	struct outcome o;
	char byte;

	assert_true(unix_socket_connect(path, clock_in(20000), &fd, &o));
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(recv(fd, &byte, 1, 0), -1);
	assert_int_equal(errno, EAGAIN);
	(void)close(fd);
	(void)close(listener);
	free(path);
	sample_directory_end(directory);
}

TEST(what_stands_in_the_way_is_told_with_the_path)
{
	char *directory = sample_directory();
	char *file = sample_write(directory, "file", "", 0600);
	char *nothing = mem_printf("%s/nothing", directory);
	char *longest = mem_printf("%s/%0200d", directory, 0);
	const struct {
		const char *path;
		enum cause cause;
		const char *words;
	} cases[] = {
		{ nothing, CAUSE_SOCKET, "No such file or directory" },
		{ file, CAUSE_SOCKET, "Connection refused" },
		{ longest, CAUSE_CONFIG, "longer than" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		int fd = 0;

		check(cases[i].words,
		    !unix_socket_connect(cases[i].path, clock_in(20000), &fd, &o));
		check_int(cases[i].words, o.cause, cases[i].cause);
		check_part(cases[i].words, o.text, cases[i].path);
		check_part(cases[i].words, o.text, cases[i].words);
		check_int(cases[i].words, fd, -1);
	}
	free(longest);
	free(nothing);
	free(file);
	sample_directory_end(directory);
}

TEST(a_server_whose_queue_is_full_is_waited_for_until_the_deadline)
{
	char *directory = sample_directory(), *path = mem_printf("%s/s", directory);
	int listener = listener_at(path, 0), first, fd;
	int64_t before;
	struct outcome o;

	assert_true(unix_socket_connect(path, clock_in(20000), &first, &o));
	before = clock_now();
	assert_false(unix_socket_connect(path, before + 200, &fd, &o));
	assert_true(clock_now() - before >= 200);
	assert_true(clock_now() - before < 10000);
	assert_int_equal(o.cause, CAUSE_SOCKET);
	check_part("full", o.text, "no answer in time");
	(void)close(first);
	(void)close(listener);
	free(path);
	sample_directory_end(directory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_connection_is_non_blocking_and_closed_for_other_programs),
		cmocka_unit_test(what_stands_in_the_way_is_told_with_the_path),
		cmocka_unit_test(
		    a_server_whose_queue_is_full_is_waited_for_until_the_deadline),
	};

	return cmocka_run_group_tests_name("unix_socket", tests, NULL, NULL);
}
