/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/option.h"
#include "conf/password.h"
#include "lib/sample.h"

static const struct origin here = { "rc", 1, true };

static struct account *
account_with(const char *password, const char *passwordeval)
{
	struct account *a = account_new("x");
	struct outcome o;

	if (password != NULL)
		assert_true(option_set(a, option_find(span_of("password")),
		    span_of(password), here, CAUSE_CONFIG, &o));
	if (passwordeval != NULL)
		assert_true(option_set(a, option_find(span_of("passwordeval")),
		    span_of(passwordeval), here, CAUSE_CONFIG, &o));
	return a;
}

TEST(a_password_comes_from_the_setting_or_the_command)
{
	static const struct {
		const char *password, *passwordeval;
		const char *got; /* NULL: none */
	} cases[] = {
		{ NULL, NULL, NULL },
		{ "hunter2", NULL, "hunter2" },
		{ "hunter2", "echo other", "hunter2" },
		{ NULL, "echo hunter2", "hunter2" },
		{ NULL, "printf hunter2", "hunter2" },
		{ NULL, "printf 'hunter2\\r\\n'", "hunter2" },
		{ NULL, "printf ' a b \\n'", " a b " },
		{ NULL, "printf 'one\\ntwo\\n'", "one" },
		{ NULL, "printf 'p\\303\\244ss\\n'", "p\303\244ss" },
		{ NULL, "echo hunter2; echo words >&2", "hunter2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a =
		    account_with(cases[i].password, cases[i].passwordeval);
		const char *label =
		    cases[i].passwordeval != NULL ? cases[i].passwordeval : "-";
		struct secret s = { 0 };
		struct outcome o;

		check(label, password_get(a, &s, &o));
		check_text(label, s.data, cases[i].got);
		secret_free(&s);
		account_free(a);
	}
}

TEST(a_command_that_gives_no_password_is_an_error)
{
	static const struct {
		const char *command, *words;
	} cases[] = {
		{ ":", "no password" },
		{ "echo", "no password" },
		{ "printf '\\nhunter2\\n'", "no password" },
		{ "exit 2", "status 2" },
		{ "echo 'agent is away' >&2; exit 2", "agent is away" },
		{ "echo hunter2; exit 1", "status 1" },
		{ "head -c 70000 /dev/zero", "more than 65536 bytes" },
		{ "/nonexistent/agent", "status 127" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(NULL, cases[i].command);
		struct secret s = { 0 };
		struct outcome o;

		check(cases[i].command, !password_get(a, &s, &o));
		check_int(cases[i].command, o.cause, CAUSE_PASSWORD);
		check_part(cases[i].command, o.text, cases[i].words);
		check(cases[i].command, !secret_given(&s));
		account_free(a);
	}
}

TEST(a_line_of_nothing_but_its_end_is_no_password)
{
	struct account *a = account_with(NULL, "printf '\\r\\n'");
	struct secret s = { 0 };
	struct outcome o;

	assert_false(password_get(a, &s, &o));
	assert_int_equal(o.cause, CAUSE_PASSWORD);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_comes_from_the_setting_or_the_command),
		cmocka_unit_test(a_command_that_gives_no_password_is_an_error),
		cmocka_unit_test(a_line_of_nothing_but_its_end_is_no_password),
	};

	return cmocka_run_group_tests_name("password", tests, NULL, NULL);
}
