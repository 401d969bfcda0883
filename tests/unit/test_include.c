/* SPDX-License-Identifier: ISC
 *
 * test_include.c - lines that come from elsewhere: include and eval
 */
#include "lib/unit.h"

#include <stdlib.h>
#include <string.h>

#include "conf/config.h"
#include "conf/load.h"
#include "lib/home.h"
#include "lib/sample.h"

static void
put(const char *name, const char *text)
{
	free(sample_write(home, name, text, 0600));
}

static struct account *
account(const struct config *c, const char *name)
{
	struct account *a = config_find(c, name);

	assert_non_null(a);
	return a;
}

TEST(the_lines_of_another_file_stand_where_it_is_included)
{
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "include common\naccount a\nhost a\ninclude more/of-a\n"
			"account b : a\n");
	put("common", "defaults\nport 26\n");
	put("more/of-a", "user joe\naccount c\nhost c\nuser ann\n");
	assert_true(config_load(&c, NULL, &o));
	assert_int_equal(account(&c, "a")->port, 26);
	assert_string_equal(account(&c, "a")->user, "joe");
	assert_string_equal(account(&c, "b")->user, "joe");
	assert_int_equal(account(&c, "c")->port, 26);
	check_part("its file", account(&c, "c")->file, "/more/of-a");
	config_free(&c);
}

TEST(names_are_relative_to_the_file_that_includes)
{
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "include sub/one\n");
	put("sub/one", "include two\ninclude ~/three\n");
	put("sub/two", "account two\n");
	put("three", "account three\n");
	assert_true(config_load(&c, NULL, &o));
	(void)account(&c, "two");
	(void)account(&c, "three");
	config_free(&c);
}

TEST(a_pattern_includes_all_that_match_in_order)
{
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "include accounts.d/*.rc\ninclude nothing.d/*\n");
	put("accounts.d/20.rc", "account late\n");
	put("accounts.d/10.rc", "account early\n");
	put("accounts.d/note.txt", "this is no setting\n");
	assert_true(config_load(&c, NULL, &o));
	assert_int_equal(c.n, 2);
	assert_string_equal(c.v[0]->name, "early");
	assert_string_equal(c.v[1]->name, "late");
	config_free(&c);
}

/* Each is another file: only how deep they stand inside each other tells. */
TEST(files_inside_each_other_have_a_limit)
{
	for (int depth = 16; depth <= 17; depth++) {
		struct config c = { 0 };
		struct outcome o;

		put(".msmtprc", "include f1\n");
		for (int i = 1; i <= depth; i++) {
			char name[16], text[64];

			(void)snprintf(name, sizeof name, "f%d", i);
			if (i < depth)
				(void)snprintf(text, sizeof text, "include f%d\n", i + 1);
			else
				(void)snprintf(text, sizeof text, "account last\n");
			put(name, text);
		}
		check_int("depth", config_load(&c, NULL, &o), depth == 16);
		if (depth == 17)
			check_part("where", o.text, "/f16:1: include f17: 16 files");
		config_free(&c);
	}
}

TEST(a_mistake_is_told_where_it_is)
{
	static const struct {
		const char *rc, *where, *what;
	} cases[] = {
		{ "account a\ninclude inner\n", "/inner:2: ", "prot" },
		{ "include inner\nprot 5\n", "/inner:2: ", "prot" },
		{ "include good\nprot 5\n", "/.msmtprc:2: ", "prot" },
		{ "\ninclude missing\n", "/.msmtprc:2: ", "/missing: No such file" },
		{ "include\n", "/.msmtprc:1: ", "needs the name of a file" },
		{ "include .msmtprc\n", "/.msmtprc:1: ", "loop" },
		{ "include ring\n", "/ring:1: ", "loop" },
		{ "\neval\n", "/.msmtprc:2: ", "needs a command" },
		{ "\neval echo prot 5\n", "/.msmtprc:2: ", "eval prints" },
		{ "eval echo eval echo host h\n", "/.msmtprc:1: ", "eval" },
	};

	put("inner", "user joe\nprot 25\n");
	put("good", "user joe\n");
	put("ring", "include ring\n");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		struct outcome o;

		put(".msmtprc", cases[i].rc);
		check(cases[i].rc, !config_load(&c, NULL, &o));
		check_int(cases[i].rc, o.cause, CAUSE_CONFIG);
		check_part(cases[i].rc, o.text, cases[i].where);
		check_part(cases[i].rc, o.text, cases[i].what);
		config_free(&c);
	}
}

TEST(what_a_command_prints_stands_in_place_of_it)
{
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "account a\neval echo port $((20 + 5)); echo ignored\n"
			"eval printf 'password s e c'\neval cat; echo user nobody\n");
	assert_true(config_load(&c, NULL, &o));
	assert_int_equal(account(&c, "a")->port, 25);
	assert_string_equal(account(&c, "a")->password.data, "s e c");
	assert_string_equal(account(&c, "a")->user, "nobody");
	config_free(&c);
}

/* msmtp ends with 74 here. What stands behind the command's name may be secret. */
TEST(a_command_that_fails_or_prints_nothing_is_told_where_it_stands)
{
	static const struct {
		const char *rc, *words;
	} cases[] = {
		{ "eval true s3cret\n",
		    "/.msmtprc:1: the command succeeded and printed" },
		{ "eval echo broken >&2; exit 3 # s3cret\n",
		    "/.msmtprc:1: the command echo ended with status 3: broken" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		struct outcome o;

		put(".msmtprc", cases[i].rc);
		check(cases[i].rc, !config_load(&c, NULL, &o));
		check_int(cases[i].rc, o.cause, CAUSE_EVAL);
		check_int(cases[i].rc, outcome_sysexit(&o), 74);
		check_part(cases[i].rc, o.text, cases[i].words);
		check(cases[i].rc, strstr(o.text, "s3cret") == NULL);
		config_free(&c);
	}
}

TEST(an_empty_line_of_a_command_is_an_empty_line)
{
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "account a\neval echo\nport 25\n");
	assert_true(config_load(&c, NULL, &o));
	assert_int_equal(account(&c, "a")->port, 25);
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_home(the_lines_of_another_file_stand_where_it_is_included),
		with_home(names_are_relative_to_the_file_that_includes),
		with_home(a_pattern_includes_all_that_match_in_order),
		with_home(files_inside_each_other_have_a_limit),
		with_home(a_mistake_is_told_where_it_is),
		with_home(what_a_command_prints_stands_in_place_of_it),
		with_home(a_command_that_fails_or_prints_nothing_is_told_where_it_stands),
		with_home(an_empty_line_of_a_command_is_an_empty_line),
	};

	return cmocka_run_group_tests_name("include", tests, NULL, NULL);
}
