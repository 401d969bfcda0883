/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/sample.h"
#include "queue/state.h"

static char work_name[] = "work", config_path[] = "/home/joe/a file";
static const struct ticket work = { .account = work_name },
			   other = { .account = work_name, .config = config_path };

static void
fail_with(struct outcome *o)
{
	(void)outcome_reply(o, STAGE_AUTH, 535, "5.7.8 who\nare you?");
	o->cause = CAUSE_AUTH_REFUSED;
}

/* A queue's directory with this file of its state; NULL: none. */
static struct spool
begin(char **directory, const char *text)
{
	struct spool spool = { .dir = -1 };

	*directory = sample_directory();
	if (text != NULL)
		free(sample_write(*directory, "state", text, 0600));
	spool.path = *directory;
	spool.dir = open(*directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return spool;
}

static void
end(struct spool *spool)
{
	(void)close(spool->dir);
	sample_directory_end(spool->path);
}

TEST(what_is_known_comes_back_from_the_file)
{
	struct account_state *a;
	struct outcome o, why;
	struct state s;
	char *directory;
	struct spool spool = begin(&directory, NULL);

	fail_with(&why);
	state_load(&s, &spool);
	check("it is news", state_fail(&s, &work, true, 77, &why, 1000));
	check("it isn't any more", !state_fail(&s, &work, true, 78, &why, 1100));
	check("another file has another account", state_find(&s, &other) == NULL);
	check("and trouble of its own", state_fail(&s, &other, false, 1, &why, 5));
	state_count_notice(&s, "a b@x", 1000);
	check("saved", state_save(&s, &spool, &o));
	state_free(&s);

	state_load(&s, &spool);
	a = state_find(&s, &work);
	assert_non_null(a);
	check("held", a->held);
	check_int("since", a->since, 1000);
	check_int("tried", a->tried, 1100);
	check_int("next", a->next, 1100 + 120);
	check_int("failures", a->failures, 2);
	check_int("mark", a->mark, 78);
	check_text("why", a->why.text, "5.7.8 who\nare you?");
	check_int("cause", a->why.cause, CAUSE_AUTH_REFUSED);
	a = state_find(&s, &other);
	assert_non_null(a);
	check("not held", !a->held);
	check_int("notices", state_notices_left(&s, "a b@x", 1100), NOTICES_MAX - 1);
	state_free(&s);
	end(&spool);
}

TEST(a_released_account_is_in_no_trouble)
{
	struct outcome o, why;
	struct state s;
	char *directory;
	struct spool spool = begin(&directory, NULL);

	fail_with(&why);
	state_load(&s, &spool);
	(void)state_fail(&s, &work, true, 77, &why, 1000);
	check("saved", state_save(&s, &spool, &o));
	state_free(&s);
	check("released", state_release(&spool, &work, &o));
	check("again", state_release(&spool, &work, &o));
	state_load(&s, &spool);
	check("gone", state_find(&s, &work) == NULL);
	check("nothing to clear", !state_clear(&s, &work));
	state_free(&s);
	end(&spool);
}

/* A file that was replaced twice may have the number that it had at first. */
TEST(what_others_have_written_is_seen_however_often)
{
	struct outcome o, why;
	char *directory;
	struct spool spool = begin(&directory, NULL);
	struct state ours, theirs;

	fail_with(&why);
	state_load(&theirs, &spool);
	check("first", state_save(&theirs, &spool, &o));
	state_load(&ours, &spool);
	(void)state_fail(&theirs, &work, false, 0, &why, 10);
	check("second", state_save(&theirs, &spool, &o));
	check("third", state_save(&theirs, &spool, &o));
	state_refresh(&ours, &spool);
	check("it waits", state_waits(&ours));
	check("it is hurried", state_hurry(&ours, false));
	check("once", !state_hurry(&ours, false));
	state_free(&ours);
	state_free(&theirs);
	end(&spool);
}

TEST(what_makes_no_sense_in_the_file_does_not_count)
{
	static const char *const texts[] = { "", "\n", "account\n", "account\twork\n",
		"account\twork\t-\theld\t1\t1\tnonsense\n", "notices\tme\n",
		"notices\tme\tx\t1\n", "\377\376\t\t\t\n", "else\twork\n" };

	for (size_t i = 0; i < COUNT(texts); i++) {
		struct state s;
		char *directory;
		struct spool spool = begin(&directory, texts[i]);

		state_load(&s, &spool);
		check_int(texts[i], s.n, 0);
		check_int(texts[i], s.n_notices, 0);
		state_free(&s);
		end(&spool);
	}
}

TEST(a_file_that_is_too_large_counts_as_none)
{
	struct state s;
	char *directory, *path;
	struct spool spool = begin(&directory, "notices\tme\t10\t20\n");

	path = mem_printf("%s/state", directory);
	state_load(&s, &spool);
	check_int("it is read", s.n_notices, 1);
	state_free(&s);
	check("it grows", truncate(path, STATE_MAX + 1) == 0);
	state_load(&s, &spool);
	check_int("it isn't", s.n_notices, 0);
	state_free(&s);
	free(path);
	end(&spool);
}

TEST(notices_are_counted_for_an_hour)
{
	struct state s = { .n = 0 };

	check_int("none", state_notices_left(&s, "me", 0), NOTICES_MAX);
	for (unsigned i = 0; i < NOTICES_MAX; i++)
		state_count_notice(&s, "me", 10);
	check_int("all", state_notices_left(&s, "me", 10 + 3599), 0);
	check_int("of others", state_notices_left(&s, "you", 10), NOTICES_MAX);
	check_int("later", state_notices_left(&s, "me", 10 + 3600), NOTICES_MAX);
	state_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_known_comes_back_from_the_file),
		cmocka_unit_test(a_released_account_is_in_no_trouble),
		cmocka_unit_test(what_others_have_written_is_seen_however_often),
		cmocka_unit_test(what_makes_no_sense_in_the_file_does_not_count),
		cmocka_unit_test(a_file_that_is_too_large_counts_as_none),
		cmocka_unit_test(notices_are_counted_for_an_hour),
	};

	return cmocka_run_group_tests_name("state", tests, NULL, NULL);
}
