/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/secretfile.h"
#include "lib/sample.h"

static bool
is_ok(mode_t mode, uid_t owner)
{
	const struct stat st = { .st_mode = S_IFREG | mode, .st_uid = owner };
	struct outcome o = { 0 };
	bool ok = secretfile_check(&st, "/x/f", &o);

	check_int("cause", o.cause, ok ? CAUSE_NONE : CAUSE_EXPOSED);
	if (!ok)
		check_part("path", o.text, "/x/f");
	return ok;
}

TEST(nobody_but_the_owner_may_see_it)
{
	static const struct {
		mode_t mode;
		bool ok;
	} cases[] = { { 0600, true }, { 0400, true }, { 0000, true }, { 0640, false },
		{ 0604, false }, { 0620, false }, { 0602, false }, { 0601, false },
		{ 0700, false } };
	bool root = geteuid() == 0;

	for (size_t i = 0; i < COUNT(cases); i++) {
		char label[16];

		(void)snprintf(label, sizeof label, "%04o", (unsigned)cases[i].mode);
		check_int(label, is_ok(cases[i].mode, geteuid()), root || cases[i].ok);
		check_int(label, is_ok(cases[i].mode, geteuid() + 1), root);
	}
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
		check_int(cases[i].text, secretfile_read(path, &b, &st), cases[i].ok);
		check_int(cases[i].text, errno, cases[i].ok ? 0 : EFBIG);
		check_int(cases[i].text, st.st_mode & 0777, 0600);
		if (cases[i].ok)
			check_text(cases[i].text, b.data, cases[i].text);
		buf_free_secret(&b);
		free(path);
	}
	sample_directory_end(folder);
}

TEST(what_cannot_be_read_leaves_its_error)
{
	char *folder = sample_directory(), *none = mem_printf("%s/none", folder);
	struct stat st;
	struct buf b;

	buf_init(&b, 10);
	assert_false(secretfile_read(none, &b, &st));
	assert_int_equal(errno, ENOENT);
	assert_false(secretfile_read(folder, &b, &st));
	assert_int_equal(errno, EISDIR);
	buf_free(&b);
	free(none);
	sample_directory_end(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_but_the_owner_may_see_it),
		cmocka_unit_test(a_file_is_read_whole_up_to_the_limit),
		cmocka_unit_test(what_cannot_be_read_leaves_its_error),
	};

	return cmocka_run_group_tests_name("secretfile", tests, NULL, NULL);
}
