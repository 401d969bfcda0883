/* SPDX-License-Identifier: ISC
 *
 * test_config.c - which files are read, and who may read them
 *
 * The system's own files may be there or not: nothing here depends on them.
 */
#include "lib/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/config.h"
#include "conf/load.h"
#include "conf/option.h"
#include "lib/home.h"
#include "lib/sample.h"

#define NOBODY 65534

static void
put(const char *name, const char *text, int mode)
{
	free(sample_write(home, name, text, mode));
}

TEST(the_first_of_the_users_files_is_read_and_no_other)
{
	static const char *const places[] = { ".config/mailchute/config", ".msmtprc",
		".config/msmtp/config" };

	for (size_t last = COUNT(places); last > 0; last--) {
		struct config c = { 0 };
		struct outcome o;
		char account[64];

		(void)snprintf(account, sizeof account, "account of%zu\n", last - 1);
		put(places[last - 1], account, 0600);
		assert_true(config_load(&c, NULL, &o));
		for (size_t i = 0; i < COUNT(places); i++) {
			char name[32];

			(void)snprintf(name, sizeof name, "of%zu", i);
			check_int(name, config_find(&c, name) != NULL, i == last - 1);
		}
		for (size_t i = 0; i < last; i++) {
			check_part(places[i], c.file[i]->path, places[i]);
			check_int(
			    places[i], c.file[i]->error, i == last - 1 ? 0 : ENOENT);
			check(places[i], !c.file[i]->is_system);
		}
		check("system", c.file[last]->is_system);
		config_free(&c);
	}
}

TEST(xdg_config_home_takes_the_place_of_dot_config)
{
	char *xdg = mem_printf("%s/elsewhere", home);
	struct config c = { 0 };
	struct outcome o;

	put(".config/mailchute/config", "account wrong\n", 0600);
	put("elsewhere/mailchute/config", "account right\n", 0600);
	assert_int_equal(setenv("XDG_CONFIG_HOME", xdg, 1), 0);
	assert_true(config_load(&c, NULL, &o));
	assert_non_null(config_find(&c, "right"));
	assert_null(config_find(&c, "wrong"));
	config_free(&c);
	assert_int_equal(setenv("XDG_CONFIG_HOME", "", 1), 0);
	assert_true(config_load(&c, NULL, &o));
	assert_non_null(config_find(&c, "wrong"));
	config_free(&c);
	free(xdg);
}

TEST(no_file_at_all_is_no_error)
{
	struct config c = { 0 };
	struct outcome o;

	assert_true(config_load(&c, NULL, &o));
	assert_true(c.files >= 4);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(c.file[i]->error, ENOENT);
	config_free(&c);
	config_free(&c);
}

/* ~/.config/mailchute may be something else than a directory: then its config isn't
 * there. */
TEST(a_way_that_leads_nowhere_is_a_file_that_is_not_there)
{
	struct config c = { 0 };
	struct outcome o;

	put(".config/mailchute", "no directory\n", 0600);
	put(".msmtprc", "account a\n", 0600);
	assert_true(config_load(&c, NULL, &o));
	assert_non_null(config_find(&c, "a"));
	config_free(&c);
}

TEST(a_file_that_was_named_must_be_there)
{
	char *path = mem_printf("%s/nothing", home);
	struct config c = { 0 };
	struct outcome o;

	assert_false(config_load(&c, path, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG_FILE);
	check_part("path", o.text, path);
	check_part("why", o.text, "No such file or directory");
	config_free(&c);
	free(path);
}

TEST(a_file_that_was_named_is_read_in_place_of_the_users_own)
{
	char *path = sample_write(home, "named", "account named\n", 0600);
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "account own\n", 0600);
	assert_true(config_load(&c, path, &o));
	assert_non_null(config_find(&c, "named"));
	assert_null(config_find(&c, "own"));
	assert_string_equal(config_find(&c, "named")->file, path);
	config_free(&c);
	free(path);
}

TEST(what_is_no_file_cannot_be_read)
{
	struct config c = { 0 };
	struct outcome o;

	assert_false(config_load(&c, home, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG_FILE);
	check_part("path", o.text, home);
	check_part("why", o.text, "Is a directory");
	config_free(&c);
}

TEST(a_file_of_absurd_size_is_refused)
{
	struct config c = { 0 };
	struct outcome o;
	struct buf text;
	char *path;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "# 567890123456\n", 70000);
	path = sample_write(home, "large", text.data, 0600);
	assert_false(config_load(&c, path, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG_FILE);
	check_part("why", o.text, "1 MB");
	config_free(&c);
	buf_free(&text);
	free(path);
}

TEST(a_mistake_in_a_file_is_told_with_its_path)
{
	struct config c = { 0 };
	struct outcome o;
	char *where = mem_printf("%s/.msmtprc:2: ", home);

	put(".msmtprc", "account a\nprot 25\n", 0600);
	assert_false(config_load(&c, NULL, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG);
	check_part("where", o.text, where);
	config_free(&c);
	free(where);
}

/* Runs config_load() as somebody who isn't root, and tells what came of it. */
static int
load_as_user(const char *path)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct config c = { 0 };
		struct outcome o;

		if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
			_exit(200);
		_exit(config_load(&c, path, &o) ? CAUSE_NONE : (int)o.cause);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

TEST(a_password_that_others_can_read_is_refused)
{
	static const struct {
		int mode;
		const char *text;
		enum cause cause;
	} cases[] = {
		{ 0600, "password s\n", CAUSE_NONE },
		{ 0400, "password s\n", CAUSE_NONE },
		{ 0644, "password s\n", CAUSE_EXPOSED },
		{ 0640, "password s\n", CAUSE_EXPOSED },
		{ 0604, "password s\n", CAUSE_EXPOSED },
		{ 0620, "password s\n", CAUSE_EXPOSED },
		{ 0602, "password s\n", CAUSE_EXPOSED },
		{ 0700, "password s\n", CAUSE_EXPOSED },
		{ 0644, "defaults\npassword s\n", CAUSE_EXPOSED },
		{ 0644, "passwordeval p\n", CAUSE_NONE },
		{ 0644, "host h\n", CAUSE_NONE },
		{ 0666, "# password s\n", CAUSE_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = sample_write(home, "rc", cases[i].text, 0600);
		char label[64];

		(void)snprintf(label, sizeof label, "%04o %s", (unsigned)cases[i].mode,
		    cases[i].text);
		if (geteuid() == 0)
			check_int(label, chown(path, NOBODY, NOBODY), 0);
		check_int(label, chmod(path, (mode_t)cases[i].mode), 0);
		check_int(label, load_as_user(path), cases[i].cause);
		free(path);
	}
}

TEST(a_password_in_a_file_of_somebody_else_is_refused)
{
	char *path;

	if (geteuid() != 0)
		skip(); /* only root can give a file away */
	path = sample_write(home, "rc", "password s\n", 0644);
	assert_int_equal(load_as_user(path), CAUSE_EXPOSED);
	free(path);
	path = sample_write(home, "rc", "host h\n", 0644);
	assert_int_equal(load_as_user(path), CAUSE_NONE);
	free(path);
}

/* Whoever names the file: a line, a pattern, or the output of a command. */
TEST(a_password_in_an_included_file_must_be_hidden_too)
{
	static const struct {
		const char *main;
		int mode;
		enum cause cause;
	} cases[] = {
		{ "include inc\n", 0644, CAUSE_EXPOSED },
		{ "include in?\n", 0644, CAUSE_EXPOSED },
		{ "eval echo include inc\n", 0644, CAUSE_EXPOSED },
		{ "defaults\ninclude inc\n", 0640, CAUSE_EXPOSED },
		{ "include inc\n", 0600, CAUSE_NONE },
		{ "eval echo include inc\n", 0600, CAUSE_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = sample_write(home, "rc", cases[i].main, 0644);
		char *included = sample_write(home, "inc", "password s\n", 0600);

		if (geteuid() == 0)
			check_int(cases[i].main, chown(included, NOBODY, NOBODY), 0);
		check_int(cases[i].main, chmod(included, (mode_t)cases[i].mode), 0);
		check_int(cases[i].main, load_as_user(path), cases[i].cause);
		free(included);
		free(path);
	}
}

TEST(what_cannot_be_included_is_told_with_the_line)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "\ninclude rc\n", "rc:2: include rc: 16 files are inside each other" },
		{ "include ~/rc\n", "is it a loop?" },
		{ "include r*\n", "is it a loop?" },
		{ "eval echo include rc\n", "is it a loop?" },
		{ "include nothing\n", "nothing: No such file or directory" },
		{ "include .\n", "Is a directory" },
		{ "include /dev/zero\n", "/dev/zero: it is larger than 1 MB" },
		{ "include\n", "include needs the name of a file" },
		{ "include a\rb\n", "include needs the name of a file" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = sample_write(home, "rc", cases[i].text, 0600);
		struct config c = { 0 };
		struct outcome o = { 0 };

		check(cases[i].text, !config_load(&c, path, &o));
		check_part(cases[i].text, o.text, cases[i].words);
		config_free(&c);
		free(path);
	}
}

TEST(files_that_include_each_other_many_times_come_to_an_end)
{
	struct config c = { 0 };
	struct outcome o = { 0 };
	char *path = sample_write(home, "a", "include b\ninclude b\ninclude b\n", 0600);

	put("b", "include c\ninclude c\ninclude c\ninclude c\n", 0600);
	put("c", "include d\ninclude d\ninclude d\ninclude d\n", 0600);
	put("d", "include e\ninclude e\ninclude e\ninclude e\n", 0600);
	put("e", "include f\ninclude f\ninclude f\ninclude f\n", 0600);
	put("f", "include g\ninclude g\ninclude g\ninclude g\n", 0600);
	put("g", "# nothing\n", 0600);
	assert_false(config_load(&c, path, &o));
	check_part("words", o.text, "1000 files are read already: is it a loop?");
	config_free(&c);
	free(path);
}

TEST(an_account_that_is_not_there_is_told_with_what_there_is)
{
	struct config c = { 0 };
	struct outcome o;

	put(".msmtprc", "account work\nhost h\naccount home\n", 0600);
	assert_true(config_load(&c, NULL, &o));
	assert_ptr_equal(config_account(&c, "work", &o), c.v[0]);
	assert_null(config_account(&c, "wrok", &o));
	assert_int_equal(outcome_sysexit(&o), 78);
	check_part("name", o.text, "wrok");
	check_part("near", o.text, "work");
	assert_null(config_account(&c, "default", &o));
	check_part("name", o.text, "default");
	config_free(&c);
}

TEST(the_only_account_is_offered_as_the_default)
{
	char *path = sample_write(home, "one", "account work\nhost h\n", 0600);
	struct config c = { 0 };
	struct outcome o;

	assert_true(config_load(&c, path, &o));
	assert_null(config_account(&c, "default", &o));
	assert_int_equal(o.cause, CAUSE_NO_ACCOUNT);
	assert_string_equal(o.setting, "account default : work");
	assert_null(config_account(&c, "wrok", &o));
	assert_string_equal(o.setting, "");
	config_free(&c);
	free(path);
}

TEST(a_file_without_an_account_is_told_with_what_to_write)
{
	static const char *const files[] = { "", "# nothing\n", "defaults\ntls on\n" };

	for (size_t i = 0; i < COUNT(files); i++) {
		char *path = sample_write(home, "none", files[i], 0600);
		struct config c = { 0 };
		struct outcome o;

		check(files[i], config_load(&c, path, &o));
		check(files[i], config_account(&c, "default", &o) == NULL);
		check_int(files[i], o.cause, CAUSE_NO_CONFIG);
		check_text(files[i], o.text, path);
		check_part(files[i], o.setting, "account default\nhost ");
		check_part(files[i], outcome_hint(&o), "no line there begins with");
		config_free(&c);
		free(path);
	}
}

TEST(a_copy_has_all_accounts_and_changes_nothing)
{
	struct config c = { 0 }, copy = { 0 };
	struct account *a;
	struct outcome o;

	put(".msmtprc",
	    "defaults\nport 26\naccount one\nhost h\npassword p\naccount default : one\n",
	    0600);
	assert_true(config_load(&c, NULL, &o));
	config_copy(&copy, &c);
	assert_int_equal(copy.n, c.n);
	assert_int_equal(copy.files, c.files);
	a = config_find(&copy, "default");
	check_text("host", a->host, "h");
	check_int("port", a->port, 26);
	check_text("label", account_label(a), "one");
	check_text("file", a->file, config_find(&c, "default")->file);
	assert_false(config_is_system(&copy, a));
	assert_int_equal(option_origin(a, option_find(span_of("port"))).line, 2);
	config_free(&copy);
	check_text("the first", config_find(&c, "default")->host, "h");
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_home(the_first_of_the_users_files_is_read_and_no_other),
		with_home(xdg_config_home_takes_the_place_of_dot_config),
		with_home(no_file_at_all_is_no_error),
		with_home(a_way_that_leads_nowhere_is_a_file_that_is_not_there),
		with_home(a_file_that_was_named_must_be_there),
		with_home(a_file_that_was_named_is_read_in_place_of_the_users_own),
		with_home(what_is_no_file_cannot_be_read),
		with_home(a_file_of_absurd_size_is_refused),
		with_home(a_mistake_in_a_file_is_told_with_its_path),
		with_home(a_password_that_others_can_read_is_refused),
		with_home(a_password_in_a_file_of_somebody_else_is_refused),
		with_home(a_password_in_an_included_file_must_be_hidden_too),
		with_home(what_cannot_be_included_is_told_with_the_line),
		with_home(files_that_include_each_other_many_times_come_to_an_end),
		with_home(an_account_that_is_not_there_is_told_with_what_there_is),
		with_home(a_copy_has_all_accounts_and_changes_nothing),
		with_home(the_only_account_is_offered_as_the_default),
		with_home(a_file_without_an_account_is_told_with_what_to_write),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
