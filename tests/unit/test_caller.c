/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/caller.h"

/* What the user database has, or else would have. */
static char *
real_login(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw != NULL ? mem_dup(pw->pw_name)
			  : mem_printf("uid%lu", (unsigned long)getuid());
}

TEST(the_login_name_is_what_the_database_has_whatever_the_environment_says)
{
	static const char *const values[] = { NULL, "", "no-such-user", "daemon@x",
		"nobody" };
	char *want = real_login();

	for (size_t i = 0; i < COUNT(values); i++) {
		char *got;

		if (values[i] == NULL) {
			assert_int_equal(unsetenv("LOGNAME"), 0);
			assert_int_equal(unsetenv("USER"), 0);
		} else {
			assert_int_equal(setenv("LOGNAME", values[i], 1), 0);
			assert_int_equal(setenv("USER", values[i], 1), 0);
		}
		got = caller_login();
		if (values[i] == NULL || strcmp(want, "nobody") != 0)
			check_text(values[i] != NULL ? values[i] : "unset", got, want);
		free(got);
	}
	free(want);
}

TEST(the_full_name_is_that_of_the_environment_first)
{
	char *name;

	assert_int_equal(setenv("NAME", "N N", 1), 0);
	name = caller_full_name();
	assert_string_equal(name, "N N");
	free(name);
	assert_int_equal(setenv("NAME", "x\nBcc: y", 1), 0);
	name = caller_full_name();
	assert_string_equal(name, "x Bcc: y");
	free(name);
	assert_int_equal(unsetenv("NAME"), 0);
	name = caller_full_name();
	if (name != NULL)
		assert_null(strchr(name, ','));
	free(name);
}

TEST(a_mail_domain_is_never_localhost)
{
	char *domain = caller_domain();

	if (domain != NULL) {
		assert_true(*domain != '\0');
		assert_true(strncmp(domain, "localhost", 9) != 0);
	}
	free(domain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_login_name_is_what_the_database_has_whatever_the_environment_says),
		cmocka_unit_test(the_full_name_is_that_of_the_environment_first),
		cmocka_unit_test(a_mail_domain_is_never_localhost),
	};

	return cmocka_run_group_tests_name("caller", tests, NULL, NULL);
}
