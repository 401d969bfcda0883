/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/command.h"
#include "base/mem.h"
#include "lib/sample.h"

#define LONG_ENOUGH 20000 /* ms: nothing here should take a tenth of it */

struct run {
	bool ok;
	struct buf out;
	struct outcome o;
	int64_t took;
};

static void
run(struct run *r, const char *command, int64_t limit_ms, size_t max)
{
	int64_t start = clock_now();

	*r = (struct run){ .ok = false };
	buf_init(&r->out, max);
	r->ok = command_run(command, clock_in(limit_ms), &r->out, CAUSE_PASSWORD, &r->o);
	r->took = clock_now() - start;
}

TEST(what_a_command_prints_is_gathered)
{
	static const struct {
		const char *command, *output;
	} cases[] = {
		{ "echo secret", "secret\n" },
		{ "printf 'a b\\n'; printf c", "a b\nc" },
		{ ":", "" },
		{ "echo noise >&2; echo out", "out\n" },
		{ "echo \"$((6 * 7))\" | cat", "42\n" },
		{ "exec printf x", "x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].command, LONG_ENOUGH, 1000);
		check(cases[i].command, r.ok);
		check_text(cases[i].command, r.out.data, cases[i].output);
		buf_free(&r.out);
	}
}

TEST(a_command_that_fails_is_told_by_its_name_and_with_its_own_words)
{
	static const struct {
		const char *command, *words, *fix;
	} cases[] = {
		{ "exit 3", "the command exit ended with status 3", "" },
		{ "echo 'no such key' >&2; exit 2",
		    "the command echo ended with status 2: no such key", "" },
		{ "kill -TERM $$", "the command kill was ended by signal 15 (Terminated)",
		    "" },
		{ "/nonexistent/program s3cret",
		    "the command /nonexistent/program ended with status 127: no such "
		    "program was found: ",
		    "command -v /nonexistent/program" },
		{ "no-such-program s3cret", "the command no-such-program ended with",
		    "command -v no-such-program" },
		{ "true; no-such-program s3cret",
		    "the command true ended with status 127", "" },
		{ "/dev/null s3cret",
		    "the command /dev/null ended with status 126: it can't be executed",
		    "chmod +x /dev/null" },
		{ "A=s3cret no-such-program", "the command ended with status 127", "" },
		{ "'no such program' s3cret", "the command ended with status 127", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, cases[i].command, LONG_ENOUGH, 1000);
		check(cases[i].command, !r.ok);
		check_int(cases[i].command, r.o.cause, CAUSE_PASSWORD);
		check_part(cases[i].command, r.o.text, cases[i].words);
		check_text(cases[i].command, r.o.setting, cases[i].fix);
		check(cases[i].command, outcome_hint(&r.o) != NULL);
		check(cases[i].command, strstr(r.o.text, "s3cret") == NULL);
		buf_free(&r.out);
	}
}

TEST(what_a_failed_command_printed_is_not_quoted)
{
	struct run r;

	run(&r, "printf hun; printf ter2; false", LONG_ENOUGH, 1000);
	assert_false(r.ok);
	assert_null(strstr(r.o.text, "hunter2"));
	buf_free(&r.out);
}

TEST(very_long_complaints_are_cut)
{
	struct run r;

	run(&r, "head -c 60000 /dev/zero | tr '\\0' x >&2; exit 1", LONG_ENOUGH, 1000);
	assert_false(r.ok);
	assert_non_null(strstr(r.o.text, "status 1: xxx"));
	buf_free(&r.out);
}

/* The mail stands on standard input: a command that reads must not get a byte of it. */
TEST(standard_input_is_empty_and_stays_unread)
{
	int fd = sample_file(span_of("Subject: mine\n")), saved = dup(STDIN_FILENO);
	struct run r;

	assert_true(saved >= 0 && dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	run(&r, "cat; cat; echo done", LONG_ENOUGH, 1000);
	assert_true(r.ok);
	assert_string_equal(r.out.data, "done\n");
	assert_int_equal(lseek(STDIN_FILENO, 0, SEEK_CUR), 0);
	buf_free(&r.out);
	assert_int_equal(dup2(saved, STDIN_FILENO), STDIN_FILENO);
	(void)close(saved);
	(void)close(fd);
}

/* Those that the test itself was given by its caller go on to the command. */
TEST(no_descriptor_but_the_standard_ones_is_passed_on)
{
	struct run r;

	run(&r, "for f in 3 4 5 6 7 8 9; do (: >&$f) 2>/dev/null && printf $f; done; :",
	    LONG_ENOUGH, 1000);
	assert_true(r.ok);
	for (const char *c = r.out.data; *c != '\0'; c++) {
		int flags = fcntl(*c - '0', F_GETFD);

		check(r.out.data, flags >= 0 && (flags & FD_CLOEXEC) == 0);
	}
	buf_free(&r.out);
}

TEST(a_command_that_takes_too_long_is_stopped)
{
	struct run r;

	run(&r, "echo early; exec sleep 60", 100, 1000);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_PASSWORD);
	assert_non_null(strstr(r.o.text, "did not end in time and was stopped"));
	assert_true(r.took >= 100 && r.took < LONG_ENOUGH);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and it was reaped */
	buf_free(&r.out);
}

TEST(a_command_that_closes_its_outputs_and_lives_on_is_stopped_as_well)
{
	struct run r;

	run(&r, "exec sleep 60 >/dev/null 2>&1", 100, 1000);
	assert_false(r.ok);
	assert_non_null(strstr(r.o.text, "did not end in time"));
	buf_free(&r.out);
}

TEST(too_much_output_is_an_error)
{
	struct run r;

	run(&r, "head -c 100001 /dev/zero", LONG_ENOUGH, 100000);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_PASSWORD);
	assert_non_null(strstr(r.o.text, "wrote more than 100000 bytes"));
	buf_free(&r.out);
	run(&r, "head -c 100000 /dev/zero", LONG_ENOUGH, 100000);
	assert_true(r.ok);
	assert_int_equal(r.out.len, 100000);
	buf_free(&r.out);
}

/* Its pipe is never empty: the deadline counts all the same. */
TEST(a_command_that_never_stops_writing_is_stopped)
{
	struct run r;

	(void)alarm(20); /* where it isn't, the test program ends */
	run(&r, "yes & yes & yes & yes", 300, 1000);
	(void)alarm(0);
	assert_false(r.ok);
	assert_true(r.took < LONG_ENOUGH);
	buf_free(&r.out);
}

/* gpg-agent and its like: started by the command, they keep its pipes. */
TEST(a_grandchild_that_keeps_the_pipes_open_is_not_waited_for)
{
	struct run r;

	run(&r, "sleep 60 & echo $!", LONG_ENOUGH, 1000);
	assert_true(r.ok);
	assert_true(r.took < LONG_ENOUGH / 2);
	assert_int_equal(kill((pid_t)strtol(r.out.data, NULL, 10), SIGKILL), 0);
	buf_free(&r.out);
}

TEST(sigpipe_does_to_a_command_what_it_always_does)
{
	void (*before)(int) = signal(SIGPIPE, SIG_IGN);
	struct run r;

	run(&r, "yes | head -n 1", LONG_ENOUGH, 1000);
	assert_true(r.ok);
	assert_string_equal(r.out.data, "y\n");
	buf_free(&r.out);
	(void)signal(SIGPIPE, before);
}

static void
hold(int how, int signal)
{
	sigset_t set;

	assert_int_equal(sigemptyset(&set), 0);
	assert_int_equal(sigaddset(&set, signal), 0);
	assert_int_equal(sigprocmask(how, &set, NULL), 0);
}

TEST(no_signal_is_held_back_from_a_program)
{
	static const char *const argv[] = { "grep", "SigBlk", "/proc/self/status", NULL };
	struct buf out, words;
	struct outcome o;
	int status;

	buf_init(&out, 1000);
	buf_init(&words, 1000);
	hold(SIG_BLOCK, SIGTERM);
	assert_true(command_execute(
	    argv, clock_in(LONG_ENOUGH), &out, &words, &status, CAUSE_PASSWORD, &o));
	hold(SIG_UNBLOCK, SIGTERM);
	assert_string_equal(out.data, "SigBlk:\t0000000000000000\n");
	buf_free(&words);
	buf_free(&out);
}

TEST(who_waits_for_another_child_hears_of_its_end)
{
	sigset_t pending;
	struct run r;
	siginfo_t end;
	pid_t pid;

	hold(SIG_BLOCK, SIGCHLD);
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)pid, &end, WEXITED | WNOWAIT), 0);
	run(&r, ":", LONG_ENOUGH, 1000);
	assert_true(r.ok);
	assert_int_equal(sigpending(&pending), 0);
	assert_int_equal(sigismember(&pending, SIGCHLD), 1);
	hold(SIG_UNBLOCK, SIGCHLD);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	buf_free(&r.out);
}

TEST(no_descriptor_is_left_open)
{
	int before = dup(STDIN_FILENO), after;

	for (int i = 0; i < 20; i++) {
		struct run r;

		run(&r, i % 2 == 0 ? "echo x" : "exit 1", LONG_ENOUGH, 1000);
		buf_free(&r.out);
	}
	after = dup(STDIN_FILENO);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
}

TEST(a_program_gets_its_arguments_as_they_are)
{
	static const char *const argv[] = { "printf", "<%s>", "$(id)", "a b", "", "'\"`;",
		NULL };
	struct buf out, words;
	struct outcome o;
	int status = -1;

	buf_init(&out, 1000);
	buf_init(&words, 1000);
	assert_true(command_execute(
	    argv, clock_in(LONG_ENOUGH), &out, &words, &status, CAUSE_PASSWORD, &o));
	assert_string_equal(out.data, "<$(id)><a b><><'\"`;>");
	assert_int_equal(status, 0);
	assert_int_equal(words.len, 0);
	buf_free(&out);
	buf_free(&words);
}

TEST(how_a_program_ended_is_for_the_caller_to_judge)
{
	static const struct {
		const char *argv[4];
		int status;
		const char *words;
	} cases[] = {
		{ { "sh", "-c", "exit 3" }, 3, "" },
		{ { "sh", "-c", "echo no >&2; exit 1" }, 1, "no\n" },
		{ { "there-is-no-such-program" }, 127, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *label = cases[i].argv[0];
		struct buf out, words;
		struct outcome o;
		int status = -1;

		buf_init(&out, 1000);
		buf_init(&words, 1000);
		check(label, command_execute(cases[i].argv, clock_in(LONG_ENOUGH), &out,
				 &words, &status, CAUSE_PASSWORD, &o));
		check(label, WIFEXITED(status));
		check_int(label, WEXITSTATUS(status), cases[i].status);
		check_text(label, words.data, cases[i].words);
		buf_free(&out);
		buf_free(&words);
	}
}

TEST(a_program_that_takes_too_long_is_stopped)
{
	static const char *const argv[] = { "sleep", "60", NULL };
	struct buf out, words;
	struct outcome o;
	int status;

	buf_init(&out, 1000);
	buf_init(&words, 1000);
	assert_false(command_execute(
	    argv, clock_in(100), &out, &words, &status, CAUSE_PASSWORD, &o));
	assert_int_equal(o.cause, CAUSE_PASSWORD);
	check_part("words", o.text, "the command sleep did not end in time");
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* and it was reaped */
	buf_free(&out);
	buf_free(&words);
}

TEST(a_program_is_looked_for_in_path)
{
	char *folder = sample_directory(), *path = mem_printf("/nonexistent::%s", folder),
	     *before = mem_dup(getenv("PATH"));

	free(sample_write(folder, "tool", "#!/bin/sh\n", 0700));
	free(sample_write(folder, "text", "", 0600));
	assert_int_equal(setenv("PATH", path, 1), 0);
	assert_true(command_exists("tool"));
	assert_false(command_exists("tools"));
	assert_int_equal(unsetenv("PATH"), 0);
	assert_false(command_exists("tool"));
	assert_int_equal(setenv("PATH", before, 1), 0);
	assert_true(command_exists("sh"));
	sample_directory_end(folder);
	free(path);
	free(before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_command_prints_is_gathered),
		cmocka_unit_test(
		    a_command_that_fails_is_told_by_its_name_and_with_its_own_words),
		cmocka_unit_test(what_a_failed_command_printed_is_not_quoted),
		cmocka_unit_test(very_long_complaints_are_cut),
		cmocka_unit_test(standard_input_is_empty_and_stays_unread),
		cmocka_unit_test(no_descriptor_but_the_standard_ones_is_passed_on),
		cmocka_unit_test(a_command_that_takes_too_long_is_stopped),
		cmocka_unit_test(
		    a_command_that_closes_its_outputs_and_lives_on_is_stopped_as_well),
		cmocka_unit_test(too_much_output_is_an_error),
		cmocka_unit_test(a_command_that_never_stops_writing_is_stopped),
		cmocka_unit_test(
		    a_grandchild_that_keeps_the_pipes_open_is_not_waited_for),
		cmocka_unit_test(sigpipe_does_to_a_command_what_it_always_does),
		cmocka_unit_test(no_signal_is_held_back_from_a_program),
		cmocka_unit_test(who_waits_for_another_child_hears_of_its_end),
		cmocka_unit_test(no_descriptor_is_left_open),
		cmocka_unit_test(a_program_gets_its_arguments_as_they_are),
		cmocka_unit_test(how_a_program_ended_is_for_the_caller_to_judge),
		cmocka_unit_test(a_program_that_takes_too_long_is_stopped),
		cmocka_unit_test(a_program_is_looked_for_in_path),
	};

	return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
