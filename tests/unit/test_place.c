/* SPDX-License-Identifier: ISC
 *
 * test_place.c - directories in which a queue may be, and others
 */
#include "lib/unit.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "lib/queue.h"
#include "lib/sample.h"

static char *
made(const char *name, mode_t mode)
{
	char *path = queue_path(name);

	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

TEST(a_queue_that_cannot_be_trusted_is_refused_with_the_fix)
{
	char *open_to_all = made("open", 0777), *to_group = made("group", 0770);
	char *missing = queue_path("missing"), *linked = queue_path("linked");
	char *file = sample_write(queue_directory, "file", "", 0600);
	const struct {
		const char *path, *text, *setting;
		enum cause cause;
	} cases[] = {
		{ open_to_all, "others may write", "chmod 700 ", CAUSE_QUEUE_DIR },
		{ to_group, "others may write", "chmod 700 ", CAUSE_QUEUE_DIR },
		{ missing, "not there", "mkdir -m 700", CAUSE_NO_QUEUE },
		{ linked, "symbolic link", "queue_dir", CAUSE_QUEUE_DIR },
		{ file, "no directory", "queue_dir", CAUSE_QUEUE_DIR },
	};
	struct spool s;
	struct outcome o;

	assert_int_equal(symlink(queue_directory, linked), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		check(cases[i].path, !spool_open(&s, cases[i].path, SPOOL_USE, &o));
		spool_close(&s);
		check_int(cases[i].path, o.cause, cases[i].cause);
		check_part(cases[i].path, o.text, cases[i].text);
		check_part(cases[i].path, o.setting, cases[i].setting);
	}
	free(open_to_all);
	free(to_group);
	free(missing);
	free(linked);
	free(file);
}

TEST(in_a_place_for_all_users_each_has_a_queue)
{
	char *place = made("all", 01777);
	char *own = mem_printf("%s/u%u", place, (unsigned)geteuid());
	struct spool s;
	struct outcome o;
	struct stat st;

	assert_false(spool_open(&s, place, SPOOL_USE, &o));
	assert_int_equal(o.cause, CAUSE_NO_QUEUE);
	spool_close(&s);
	assert_true(spool_open(&s, place, SPOOL_SHARE, &o));
	assert_string_equal(s.path, own);
	spool_close(&s);
	assert_int_equal(stat(own, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_true(spool_open_of(&s, place, geteuid(), SPOOL_USE, &o));
	spool_close(&s);
	assert_int_equal(chmod(own, 0777), 0);
	assert_false(spool_open(&s, place, SPOOL_SHARE, &o));
	assert_int_equal(o.cause, CAUSE_QUEUE_DIR);
	spool_close(&s);
	free(own);
	free(place);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_queue(a_queue_that_cannot_be_trusted_is_refused_with_the_fix),
		with_queue(in_a_place_for_all_users_each_has_a_queue),
	};

	return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
