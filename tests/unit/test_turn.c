/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "queue/turn.h"

#define LONG 20000

/* A process that only waits, and may not want to end. */
static pid_t
begin(struct turns *t, uid_t user, bool is_stubborn)
{
	pid_t pid;
	sigset_t term;

	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	if (is_stubborn)
		(void)sigprocmask(SIG_BLOCK, &term, NULL);
	pid = fork();
	if (pid == 0) {
		(void)alarm(LONG / 1000);
		while (true)
			(void)pause();
	}
	(void)sigprocmask(SIG_UNBLOCK, &term, NULL);
	turns_begin(t, turns_add(t, user), pid);
	return pid;
}

/* Until so many were told to end, or one was told so often: how one has ended, and whose
 * it was. Nobody is told more while that takes its time. */
static int
end_of_one(struct turns *t, unsigned times, uid_t *user)
{
	const int64_t end = clock_in(LONG);
	int status = 0;
	pid_t pid;

	while (times > 0 && clock_left(end) > 0) {
		const int64_t before = t->pressed;

		(void)turns_press(t);
		times -= t->pressed != before;
		(void)usleep(1000);
	}
	assert_int_equal(times, 0);
	pid = waitpid(-1, &status, 0);
	assert_true(pid > 0);
	*user = turns_end(t, pid, status)->user;
	return status;
}

TEST(whoever_has_had_the_longest_turn_is_asked_to_end_and_no_other)
{
	struct turns t;
	uid_t user;

	turns_init(&t, 2);
	t.time = 10;
	(void)begin(&t, 1, false);
	assert_int_equal(turns_find(&t, 1)->user, 1);
	assert_null(turns_find(&t, 2));
	(void)usleep(2000);
	(void)begin(&t, 2, false);
	assert_int_equal(t.running, 2);
	assert_int_equal(WTERMSIG(end_of_one(&t, 1, &user)), SIGTERM);
	assert_int_equal(user, 1);
	assert_int_equal(t.running, 1);
	assert_false(turns_find(&t, 2)->is_asked);
	assert_int_equal(WTERMSIG(end_of_one(&t, 1, &user)), SIGTERM);
	assert_int_equal(user, 2);
	turns_free(&t);
}

TEST(whoever_does_not_end_is_killed)
{
	struct turns t;
	uid_t user;

	turns_init(&t, 1);
	t.time = t.grace = 10;
	(void)begin(&t, 1, true);
	assert_int_equal(WTERMSIG(end_of_one(&t, 2, &user)), SIGKILL);
	turns_free(&t);
}

TEST(nobody_is_asked_whose_time_is_not_over)
{
	struct turns t;
	pid_t pid;

	turns_init(&t, 1);
	pid = begin(&t, 1, false);
	assert_in_range(clock_left(turns_press(&t)), TURN_TIME - LONG, TURN_TIME);
	assert_false(t.v[0].is_asked);
	turns_stop(&t);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	turns_free(&t);
}

TEST(a_queue_is_run_again_later_and_later_where_that_fails)
{
	static const struct {
		int status;
		int64_t minutes;
		bool is_asked, is_cut;
	} cases[] = {
		{ 0, 1, false, false },
		{ 0, 1, true, true },
		{ 1 << 8, 2, false, false },
		{ SIGSEGV, 4, false, false },
		{ SIGKILL, 8, true, false },
		{ SIGSEGV, 16, false, false },
		{ SIGSEGV, 16, false, false },
		{ 0, 1, false, false },
	};
	struct turn *turn;
	struct turns t;

	turns_init(&t, 1);
	turn = turns_add(&t, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		turns_begin(&t, turn, 4194305); /* past the largest that there can be */
		turn->is_asked = cases[i].is_asked;
		assert_int_equal(turns_next(&t), INT64_MAX);
		assert_ptr_equal(turns_end(&t, 4194305, cases[i].status), turn);
		assert_null(turns_end(&t, 4194305, 0));
		assert_int_equal(turn->is_cut, cases[i].is_cut);
		assert_in_range(clock_left(turns_next(&t)),
		    cases[i].minutes * 60000 - LONG, cases[i].minutes * 60000);
	}
	turns_free(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    whoever_has_had_the_longest_turn_is_asked_to_end_and_no_other),
		cmocka_unit_test(whoever_does_not_end_is_killed),
		cmocka_unit_test(nobody_is_asked_whose_time_is_not_over),
		cmocka_unit_test(a_queue_is_run_again_later_and_later_where_that_fails),
	};

	return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}
