/* SPDX-License-Identifier: ISC
 *
 * test_terminal.c - a person, played over a pseudo-terminal
 */
#include "lib/unit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/terminal.h"

#define LONG_ENOUGH 20000 /* ms */

/* A child that asks at a terminal whose other end is ours; its exit status: 0 it got
 * "hunter2", 1 another answer, 2 none. */
struct asker {
	int person; /* our end */
	int terminal;
	pid_t child;
};

static void
ask_here(int64_t limit_ms)
{
	struct secret s = { 0 };
	struct buf why;

	buf_init(&why, 1000);
	(void)close(STDIN_FILENO);
	if (!terminal_ask("password: ", clock_in(limit_ms), &s, &why))
		_exit(why.len > 0 && !secret_given(&s) ? 2 : 101);
	_exit(strcmp(s.data, "hunter2") == 0 ? 0 : 1);
}

static void
open_terminal(struct asker *a)
{
	a->person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(a->person >= 0);
	assert_int_equal(grantpt(a->person), 0);
	assert_int_equal(unlockpt(a->person), 0);
	a->terminal = open(ptsname(a->person), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(a->terminal >= 0);
}

static void
asker_start(struct asker *a, int64_t limit_ms)
{
	open_terminal(a);
	a->child = fork();
	assert_true(a->child >= 0);
	if (a->child == 0) {
		if (setsid() < 0 || ioctl(a->terminal, TIOCSCTTY, 0) != 0)
			_exit(100);
		ask_here(limit_ms);
	}
}

/* Reads what the terminal shows until `text` has come. */
static void
see(const struct asker *a, const char *text)
{
	char shown[1000] = "";
	size_t n = 0;

	while (strstr(shown, text) == NULL) {
		struct pollfd p = { a->person, POLLIN, 0 };
		ssize_t got;

		assert_int_equal(poll(&p, 1, LONG_ENOUGH), 1);
		got = fd_read(a->person, shown + n, sizeof shown - 1 - n);
		assert_true(got > 0);
		n += (size_t)got;
		assert_null(strstr(shown, "hunter2"));
	}
}

static void
type(const struct asker *a, const char *text)
{
	assert_true(fd_write(a->person, text, strlen(text)));
}

static bool
echoes(const struct asker *a)
{
	struct termios modes;

	assert_int_equal(tcgetattr(a->terminal, &modes), 0);
	return (modes.c_lflag & ECHO) != 0;
}

/* Whether the child stops is told by `options` of waitpid(2). */
static int
asker_wait(const struct asker *a, int options)
{
	int status;

	assert_int_equal(waitpid(a->child, &status, options), a->child);
	return status;
}

static void
asker_end(struct asker *a, int64_t status)
{
	int got = asker_wait(a, 0);

	assert_true(WIFEXITED(got));
	assert_int_equal(WEXITSTATUS(got), status);
	assert_true(echoes(a));
	(void)close(a->person);
	(void)close(a->terminal);
}

TEST(a_line_is_read_and_not_shown)
{
	static const struct {
		const char *typed;
		int status;
	} cases[] = {
		{ "hunter2\n", 0 },
		{ "hunter2\r", 0 },
		{ "hunterr\177"
		  "2\n",
		    0 }, /* and can be corrected */
		{ "other\n", 1 },
		{ "\n", 2 },
		{ "\004", 2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct asker a;

		asker_start(&a, LONG_ENOUGH);
		see(&a, "password: ");
		assert_false(echoes(&a));
		type(&a, cases[i].typed);
		asker_end(&a, cases[i].status);
	}
}

TEST(nobody_who_answers_is_waited_for_until_the_deadline)
{
	struct asker a;

	asker_start(&a, 50);
	see(&a, "password: ");
	asker_end(&a, 2);
}

TEST(a_signal_ends_the_process_and_leaves_the_terminal_as_it_was)
{
	static const struct {
		const char *typed; /* NULL: the signal is sent */
		int signal;
	} cases[] = { { "\003", SIGINT }, { "\034", SIGQUIT }, { NULL, SIGTERM },
		{ NULL, SIGHUP } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct asker a;
		int status;

		asker_start(&a, LONG_ENOUGH);
		see(&a, "password: ");
		type(&a, "hunt");
		if (cases[i].typed != NULL)
			type(&a, cases[i].typed);
		else
			assert_int_equal(kill(a.child, cases[i].signal), 0);
		status = asker_wait(&a, 0);
		assert_true(WIFSIGNALED(status));
		assert_int_equal(WTERMSIG(status), cases[i].signal);
		assert_true(echoes(&a));
		(void)close(a.person);
		(void)close(a.terminal);
	}
}

/* The rest of a child of asker_start() that plays a shell: it runs the asker as a job of
 * its own, in the foreground or not, and lets it go on once when it was stopped. */
static void
run_job(int terminal, bool foreground)
{
	struct termios modes;
	int status = 0;
	pid_t job;

	if (setsid() < 0 || ioctl(terminal, TIOCSCTTY, 0) != 0)
		_exit(100);
	(void)signal(SIGTTOU, SIG_IGN);
	job = fork();
	if (job == 0) {
		if (setpgid(0, 0) != 0 ||
		    (foreground && tcsetpgrp(terminal, getpid()) != 0))
			_exit(100);
		(void)signal(SIGTTOU, SIG_DFL);
		ask_here(LONG_ENOUGH);
	}
	if (waitpid(job, &status, WUNTRACED) == job && WIFSTOPPED(status)) {
		if (WSTOPSIG(status) != SIGTSTP || tcgetattr(terminal, &modes) != 0 ||
		    (modes.c_lflag & ECHO) == 0)
			_exit(102);
		(void)kill(job, SIGCONT);
		(void)waitpid(job, &status, 0);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 103);
}

static void
job_start(struct asker *a, bool foreground)
{
	open_terminal(a);
	a->child = fork();
	assert_true(a->child >= 0);
	if (a->child == 0)
		run_job(a->terminal, foreground);
}

/* Who is asked presses Ctrl-Z, and is asked again. */
static void
stop_in_the_middle(struct asker *a)
{
	see(a, "password: ");
	type(a, "hunt\032");
	see(a, "password: ");
	assert_false(echoes(a));
	type(a, "hunter2\n");
	asker_end(a, 0);
}

TEST(who_is_stopped_leaves_the_terminal_as_it_was_and_asks_again)
{
	struct asker a;

	job_start(&a, true);
	stop_in_the_middle(&a);
}

TEST(nobody_is_asked_from_the_background)
{
	struct asker a;

	job_start(&a, false);
	asker_end(&a, 2);
}

/* The group of who has nobody in the session to let it go on can't be stopped: the kernel
 * ignores the key. */
TEST(who_cannot_be_stopped_asks_again)
{
	struct asker a;

	asker_start(&a, LONG_ENOUGH);
	stop_in_the_middle(&a);
}

TEST(a_terminal_that_goes_away_ends_the_wait)
{
	struct asker a;
	int status;

	asker_start(&a, LONG_ENOUGH);
	see(&a, "password: ");
	(void)close(a.person);
	status = asker_wait(&a, 0); /* by the hang-up, or without an answer */
	assert_true(
	    WIFSIGNALED(status) ? WTERMSIG(status) == SIGHUP : WEXITSTATUS(status) == 2);
	(void)close(a.terminal);
}

TEST(without_a_terminal_nobody_is_asked)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct secret s = { 0 };
		struct buf why;

		buf_init(&why, 1000);
		if (setsid() < 0 || terminal_ask("?", clock_in(LONG_ENOUGH), &s, &why))
			_exit(1);
		_exit(strcmp(why.data, "there is no terminal to ask at") == 0 ? 0 : 2);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_read_and_not_shown),
		cmocka_unit_test(nobody_who_answers_is_waited_for_until_the_deadline),
		cmocka_unit_test(
		    a_signal_ends_the_process_and_leaves_the_terminal_as_it_was),
		cmocka_unit_test(
		    who_is_stopped_leaves_the_terminal_as_it_was_and_asks_again),
		cmocka_unit_test(nobody_is_asked_from_the_background),
		cmocka_unit_test(who_cannot_be_stopped_asks_again),
		cmocka_unit_test(a_terminal_that_goes_away_ends_the_wait),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
	};

	/* the shell that started us may ignore them, and who is asked would, too */
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGQUIT, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	return cmocka_run_group_tests_name("terminal", tests, NULL, NULL);
}
