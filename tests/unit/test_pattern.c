/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "conf/pattern.h"

static void
set_environment(const char *user, const char *host)
{
	assert_int_equal(setenv("USER", user, 1), 0);
	assert_int_equal(setenv("HOSTNAME", host, 1), 0);
}

TEST(patterns_stand_for_who_and_where)
{
	static const struct pattern_context sender = { true, "author@a.example" };
	static const struct pattern_context nobody = { true, NULL };
	static const struct pattern_context host = { false, "author@a.example" };
	static const struct {
		const char *text;
		const struct pattern_context *context;
		const char *want;
	} cases[] = {
		{ "plain@x", &sender, "plain@x" },
		{ "%U@x", &sender, "joe@x" },
		{ "%U@%H", &sender, "joe@h.example" },
		{ "%F", &sender, "author@a.example" },
		{ "%F", &nobody, "%F" },
		{ "%H", &host, "h.example" },
		{ "%U.%H", &host, "%U.h.example" },
		{ "%F", &host, "%F" },
		{ "100%", &sender, "100%" },
		{ "%%U", &sender, "%joe" },
		{ "%u@%x", &sender, "%u@%x" },
		{ "", &sender, "" },
	};

	set_environment("joe", "h.example");
	for (size_t i = 0; i < COUNT(cases); i++) {
		char *text = mem_dup(cases[i].text);
		struct outcome o;

		check(cases[i].text, pattern_expand(&text, cases[i].context, &o));
		check_text(cases[i].text, text, cases[i].want);
		free(text);
	}
}

/* What the environment says is no more to be trusted than a mail. */
TEST(what_is_put_in_is_no_pattern_and_holds_no_control_characters)
{
	static const struct pattern_context sender = { true, "a\r\nb@x" };
	char *text = mem_dup("%U %F");
	struct outcome o;

	set_environment("%H\n\033", "h.example");
	assert_true(pattern_expand(&text, &sender, &o));
	assert_string_equal(text, "%H?? a??b@x");
	free(text);
}

TEST(a_missing_mailname_is_told)
{
	static const struct pattern_context host = { false, NULL };
	char *text = mem_dup("a.%M");
	struct outcome o;

	if (pattern_expand(&text, &host, &o))
		assert_string_not_equal(text, "a.%M");
	else
		assert_int_equal(o.cause, CAUSE_CONFIG);
	free(text);
}

TEST(what_becomes_too_long_is_told)
{
	char from[3000];
	const struct pattern_context sender = { true, from };
	char *text = mem_dup("%F%F");
	struct outcome o;

	memset(from, 'a', sizeof from);
	from[2048] = '\0';
	assert_true(pattern_expand(&text, &sender, &o));
	assert_int_equal(strlen(text), 4096);
	free(text);
	text = mem_dup("%F%F.");
	assert_false(pattern_expand(&text, &sender, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG);
	assert_string_equal(text, "%F%F.");
	free(text);
}

TEST(nothing_stays_nothing)
{
	static const struct pattern_context host = { false, NULL };
	char *text = NULL;
	struct outcome o;

	assert_true(pattern_expand(&text, &host, &o));
	assert_null(text);
	assert_true(pattern_has("a%Fb", 'F'));
	assert_false(pattern_has("a%b F", 'F'));
	assert_false(pattern_has("%", 'F'));
}

TEST(the_canonical_name_is_one_in_any_case)
{
	static const struct pattern_context host = { false, NULL };
	char *text = mem_dup("%C");
	struct outcome o;

	set_environment("joe", "localhost");
	assert_true(pattern_expand(&text, &host, &o));
	assert_true(strlen(text) > 0 && strchr(text, '%') == NULL);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_stand_for_who_and_where),
		cmocka_unit_test(
		    what_is_put_in_is_no_pattern_and_holds_no_control_characters),
		cmocka_unit_test(a_missing_mailname_is_told),
		cmocka_unit_test(what_becomes_too_long_is_told),
		cmocka_unit_test(nothing_stays_nothing),
		cmocka_unit_test(the_canonical_name_is_one_in_any_case),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
