/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <unistd.h>

#include "conf/secretfile.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_but_the_owner_may_see_it),
	};

	return cmocka_run_group_tests_name("secretfile", tests, NULL, NULL);
}
