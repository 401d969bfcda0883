/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "serve/usage.h"

#define SECOND 1000000LL
#define START (1000000 * SECOND)

static char place[] = "/tmp/usage-XXXXXX";

static void
open_new(struct usage *u)
{
	struct outcome o;
	int fd;

	memcpy(place + sizeof place - 7, "XXXXXX", 6);
	fd = mkstemp(place);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_true(usage_open(u, place, &o));
}

static void
close_it(struct usage *u)
{
	usage_close(u);
	(void)unlink(place);
}

TEST(so_many_may_come_at_once_and_then_evenly)
{
	static const struct {
		int64_t at; /* seconds from the start */
		int64_t pause;
	} cases[] = {
		{ 0, 0 },
		{ 0, 0 },
		{ 1, 0 },
		{ 1, 1199 },
		{ 600, 600 },
		{ 1200, 0 },
		{ 1201, 1199 },
		{ 2400, 0 },
		{ 9000, 0 },
		{ 9000, 0 },
		{ 9000, 0 },
		{ 9000, 1200 },
	};
	const struct usage_limits limits = { .hour = 3 };
	struct usage u;

	open_new(&u);
	for (size_t i = 0; i < COUNT(cases); i++)
		check_int("pause",
		    usage_take(
			&u, "uid 1", USAGE_MAILS, &limits, START + cases[i].at * SECOND),
		    cases[i].pause);
	close_it(&u);
}

TEST(the_tighter_of_two_limits_counts_and_who_waits_is_not_charged)
{
	const struct usage_limits limits = { .hour = 2, .day = 3 };
	struct usage u;

	open_new(&u);
	for (int i = 0; i < 2; i++)
		check_int("at once", usage_take(&u, "a", USAGE_MAILS, &limits, START), 0);
	for (int i = 0; i < 5; i++)
		check_int(
		    "the hour", usage_take(&u, "a", USAGE_MAILS, &limits, START), 1800);
	check_int("the third",
	    usage_take(&u, "a", USAGE_MAILS, &limits, START + 1800 * SECOND), 0);
	check_int("the day",
	    usage_take(&u, "a", USAGE_MAILS, &limits, START + 3600 * SECOND),
	    28800 - 3600);
	close_it(&u);
}

TEST(each_client_and_each_kind_is_counted_alone)
{
	const struct usage_limits one = { .day = 1 };
	struct usage u;

	open_new(&u);
	check_int("a", usage_take(&u, "a", USAGE_MAILS, &one, START), 0);
	check_int("a again", usage_take(&u, "a", USAGE_MAILS, &one, START), 86400);
	check_int(
	    "its recipients", usage_take(&u, "a", USAGE_RECIPIENTS, &one, START), 0);
	check_int("b", usage_take(&u, "b", USAGE_MAILS, &one, START), 0);
	close_it(&u);
}

TEST(no_limit_is_none)
{
	const struct usage_limits none = { 0 }, one = { .hour = 1 };
	const struct usage closed = { -1 };
	struct usage u;

	open_new(&u);
	for (int i = 0; i < 10; i++)
		check_int("none", usage_take(&u, "a", USAGE_MAILS, &none, START), 0);
	close_it(&u);
	for (int i = 0; i < 3; i++)
		check_int(
		    "no file", usage_take(&closed, "a", USAGE_MAILS, &one, START), 0);
}

TEST(a_count_outlives_the_service)
{
	const struct usage_limits one = { .day = 1 };
	struct usage u;
	struct outcome o;

	open_new(&u);
	check_int("a", usage_take(&u, "a", USAGE_MAILS, &one, START), 0);
	usage_close(&u);
	assert_true(usage_open(&u, place, &o));
	check_int("a again", usage_take(&u, "a", USAGE_MAILS, &one, START), 86400);
	close_it(&u);
}

TEST(a_clock_that_was_set_back_makes_nobody_wait_for_years)
{
	const struct usage_limits one = { .hour = 1 };
	struct usage u;

	open_new(&u);
	check_int("a", usage_take(&u, "a", USAGE_MAILS, &one, START * 1000), 0);
	check_int("back", usage_take(&u, "a", USAGE_MAILS, &one, START), 3600);
	close_it(&u);
}

TEST(what_a_damaged_file_says_is_not_believed)
{
	const struct usage_limits one = { .hour = 1 };
	static const unsigned char damage[] = { 0x80, 0xff, 0x7f };
	struct usage_waiting w;
	struct usage u;

	for (size_t i = 0; i < COUNT(damage); i++) {
		unsigned char record[128];

		open_new(&u);
		check_int("a", usage_take(&u, "a", USAGE_MAILS, &one, START), 0);
		for (off_t at = 0; pread(u.fd, record, sizeof record, at) > 0;
		     at += sizeof record) {
			/* all but its mark and its name */
			if (record[0] != 0)
				memset(record + 72, damage[i], sizeof record - 72);
			(void)!pwrite(u.fd, record, sizeof record, at);
		}
		check_int("damaged", usage_take(&u, "a", USAGE_MAILS, &one, START), 0);
		w = usage_waiting(&u, "a", START);
		check_int("bytes", (int64_t)(w.bytes + w.since), 0);
		close_it(&u);
	}
}

TEST(the_file_has_a_bound_and_who_came_last_is_remembered)
{
	const struct usage_limits one = { .day = 1 };
	char name[20];
	struct usage u;
	off_t size;

	open_new(&u);
	for (int i = 0; i < 4 * USAGE_CLIENTS_MAX; i++) {
		(void)snprintf(name, sizeof name, "uid %d", i);
		(void)usage_take(&u, name, USAGE_MAILS, &one, START + i);
	}
	size = lseek(u.fd, 0, SEEK_END);
	assert_in_range(size, 1, USAGE_CLIENTS_MAX * 256);
	check_int("the last",
	    usage_take(&u, name, USAGE_MAILS, &one, START + 4LL * USAGE_CLIENTS_MAX),
	    86400);
	check_int("the first", usage_take(&u, "uid 0", USAGE_MAILS, &one, START), 0);
	close_it(&u);
}

TEST(many_processes_take_no_more_than_there_is)
{
	const struct usage_limits limits = { .day = 2000 };
	int taken = 0, status, ends[2];
	struct usage u;
	char byte;

	open_new(&u);
	assert_int_equal(pipe(ends), 0);
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			for (int k = 0; k < 1000; k++)
				if (usage_take(&u, "a", USAGE_MAILS, &limits, START) == 0)
					(void)!write(ends[1], "x", 1);
			_exit(0);
		}
	(void)close(ends[1]);
	while (read(ends[0], &byte, 1) == 1)
		taken++;
	(void)close(ends[0]);
	for (int i = 0; i < 4; i++)
		(void)wait(&status);
	assert_int_equal(taken, 2000);
	close_it(&u);
}

TEST(what_waits_is_a_count_and_what_came_since)
{
	struct usage_waiting w;
	struct usage u;

	open_new(&u);
	w = usage_waiting(&u, "a", START);
	assert_true(w.bytes == 0 && w.since == 0 && w.counted == 0);
	usage_set_waiting(&u, "a", 1000, START);
	usage_add_waiting(&u, "a", 10, START + 1);
	usage_add_waiting(&u, "a", 20, START + 2);
	w = usage_waiting(&u, "a", START + 3);
	assert_true(w.bytes == 1000 && w.since == 30 && w.counted == START);
	usage_set_waiting(&u, "a", 500, START + 4);
	w = usage_waiting(&u, "a", START + 5);
	assert_true(w.bytes == 500 && w.since == 0 && w.counted == START + 4);
	close_it(&u);
}

TEST(a_file_that_is_no_place_to_count_in_is_told)
{
	struct outcome o;
	struct usage u;

	assert_false(usage_open(&u, "/nowhere/at/all", &o));
	check_int("cause", o.cause, CAUSE_CONFIG);
	assert_non_null(strstr(o.text, "STATE_DIRECTORY"));
}

TEST(a_file_that_others_can_open_and_lock_is_not_used)
{
	static const mode_t modes[] = { 0640, 0604, 0620, 0602 };
	struct outcome o;
	struct usage u;

	open_new(&u);
	usage_close(&u);
	for (size_t i = 0; i < COUNT(modes); i++) {
		assert_int_equal(chmod(place, modes[i]), 0);
		assert_false(usage_open(&u, place, &o));
		assert_non_null(strstr(o.text, "can open that: rm "));
		usage_close(&u);
	}
	assert_int_equal(chmod(place, 0600), 0);
	assert_true(usage_open(&u, place, &o));
	close_it(&u);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_may_come_at_once_and_then_evenly),
		cmocka_unit_test(
		    the_tighter_of_two_limits_counts_and_who_waits_is_not_charged),
		cmocka_unit_test(each_client_and_each_kind_is_counted_alone),
		cmocka_unit_test(no_limit_is_none),
		cmocka_unit_test(a_count_outlives_the_service),
		cmocka_unit_test(a_clock_that_was_set_back_makes_nobody_wait_for_years),
		cmocka_unit_test(what_a_damaged_file_says_is_not_believed),
		cmocka_unit_test(the_file_has_a_bound_and_who_came_last_is_remembered),
		cmocka_unit_test(many_processes_take_no_more_than_there_is),
		cmocka_unit_test(what_waits_is_a_count_and_what_came_since),
		cmocka_unit_test(a_file_that_is_no_place_to_count_in_is_told),
		cmocka_unit_test(a_file_that_others_can_open_and_lock_is_not_used),
	};

	return cmocka_run_group_tests_name("usage", tests, NULL, NULL);
}
