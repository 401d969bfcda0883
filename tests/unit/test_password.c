/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/option.h"
#include "conf/password.h"
#include "lib/home.h"
#include "lib/sample.h"

#define NOBODY 65534

static const struct origin here = { "rc", 1, true };

/* Nobody is at a terminal. */
static int
leave_terminal(void **state)
{
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);

	(void)state;
	if (fd >= 0) {
		(void)ioctl(fd, TIOCNOTTY);
		(void)close(fd);
	}
	return 0;
}

static void
set(struct account *a, const char *name, const char *value)
{
	struct outcome o;

	if (value != NULL)
		assert_true(option_set(a, option_find(span_of(name)), span_of(value),
		    here, CAUSE_CONFIG, &o));
}

static struct account *
account_with(const char *password, const char *passwordeval)
{
	struct account *a = account_new("x");

	set(a, "password", password);
	set(a, "passwordeval", passwordeval);
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
		struct password p;
		struct outcome o;

		check(label, password_get(a, &p, &o));
		check_text(label, p.secret.data, cases[i].got);
		password_free(&p);
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
		struct password p;
		struct outcome o;

		check(cases[i].command, !password_get(a, &p, &o));
		check_int(cases[i].command, o.cause, CAUSE_PASSWORD);
		check_part(cases[i].command, o.text, cases[i].words);
		check(cases[i].command, !secret_given(&p.secret));
		password_free(&p);
		account_free(a);
	}
}

TEST(a_line_of_nothing_but_its_end_is_no_password)
{
	struct account *a = account_with(NULL, "printf '\\r\\n'");
	struct password p;
	struct outcome o;

	assert_false(password_get(a, &p, &o));
	assert_int_equal(o.cause, CAUSE_PASSWORD);
	account_free(a);
}

TEST(the_strongest_place_wins_and_is_told)
{
	static const struct {
		const char *password, *passwordeval, *file; /* NULL: not set */
		bool netrc;
		const char *got, *origin; /* a part of it */
	} cases[] = {
		{ "1", "echo 2", "file", true, "1", "password (rc:1)" },
		{ NULL, "echo 2", "file", true, "2", "passwordeval (rc:1)" },
		{ NULL, NULL, "file", true, "3", "/file" },
		{ NULL, NULL, NULL, true, "4", "/.netrc:2" },
	};

	free(sample_write(home, "file", "3\n", 0600));
	free(sample_write(
	    home, ".netrc", "# mine\nmachine h login joe password 4\n", 0600));
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", home, 1), 0);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a =
		    account_with(cases[i].password, cases[i].passwordeval);
		struct password p;
		struct outcome o;

		set(a, "password_file", cases[i].file);
		set(a, "user", "joe");
		set(a, "host", "h");
		check(cases[i].got, password_get(a, &p, &o));
		check_text(cases[i].got, p.secret.data, cases[i].got);
		check_part(cases[i].got, p.origin, cases[i].origin);
		check_text(cases[i].got, p.warning, NULL);
		password_free(&p);
		account_free(a);
	}
}

TEST(a_password_that_is_nowhere_is_told_with_the_places)
{
	struct account *a = account_with(NULL, NULL);
	struct password p;
	struct outcome o;

	set(a, "user", "joe");
	set(a, "host", "h");
	assert_false(password_get(a, &p, &o));
	assert_int_equal(o.cause, CAUSE_NO_PASSWORD);
	check_part("who", o.text, "for joe at h: ");
	check_part("keyring", o.text, "no keyring");
	check_part("netrc", o.text, "/.netrc: No such file or directory; ");
	check_part("system", o.text, SYSCONFDIR "/netrc");
	check_part("terminal", o.text, "; there is no terminal to ask at");
	password_free(&p);
	account_free(a);
}

TEST(behind_a_socket_the_server_has_a_name_all_the_same)
{
	struct account *a = account_with(NULL, NULL);
	struct password p;
	struct outcome o;

	free(
	    sample_write(home, ".netrc", "machine localhost login joe password s", 0600));
	set(a, "user", "joe");
	set(a, "socket", "/run/smtp");
	assert_true(password_get(a, &p, &o));
	assert_string_equal(p.secret.data, "s");
	assert_true(p.of_host);
	password_free(&p);
	account_free(a);
}

TEST(a_netrc_of_absurd_length_is_passed_over)
{
	static char text[1024 * 1024 + 2];
	struct account *a = account_with(NULL, NULL);
	struct password p;
	struct outcome o;

	memset(text, '\n', sizeof text - 1);
	memcpy(text, "machine h login joe password s", 30);
	free(sample_write(home, ".netrc", text, 0600));
	set(a, "user", "joe");
	set(a, "host", "h");
	check("too long", !password_get(a, &p, &o));
	check_part("too long", o.text, ".netrc: it is larger than 1 MB; ");
	password_free(&p);
	text[sizeof text - 2] = '\0';
	free(sample_write(home, ".netrc", text, 0600));
	check("as long as it may be", password_get(a, &p, &o));
	password_free(&p);
	account_free(a);
}

TEST(a_netrc_that_says_no_password_is_passed_over)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "machine h login ann password s", ".netrc has none; " },
		{ "machine h login joe password ''", ".netrc:1 holds no password; " },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(NULL, NULL);
		struct password p;
		struct outcome o;

		free(sample_write(home, ".netrc", cases[i].text, 0600));
		set(a, "user", "joe");
		set(a, "host", "h");
		check(cases[i].text, !password_get(a, &p, &o));
		check_part(cases[i].text, o.text, cases[i].words);
		password_free(&p);
		account_free(a);
	}
}

/* Gets a password as somebody who isn't root, and tells what came of it: a cause, or 100
 * for a password with a warning. */
static int
get_as_user(const struct account *a)
{
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		struct password p;
		struct outcome o;

		if (geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
			_exit(200);
		if (!password_get(a, &p, &o))
			_exit((int)o.cause);
		_exit(p.warning != NULL ? 100 : CAUSE_NONE);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void
put(const char *name, const char *text, int mode, uid_t owner)
{
	char *path = sample_write(home, name, text, 0600);

	if (geteuid() == 0)
		assert_int_equal(chown(path, owner, owner), 0);
	assert_int_equal(chmod(path, (mode_t)mode), 0);
	free(path);
}

TEST(who_else_may_read_the_password_file_matters)
{
	static const struct {
		int mode;
		uid_t owner;
		bool credential;
		int result;
	} cases[] = {
		{ 0600, NOBODY, false, CAUSE_NONE },
		{ 0400, NOBODY, false, CAUSE_NONE },
		{ 0644, NOBODY, false, CAUSE_EXPOSED },
		{ 0640, NOBODY, false, CAUSE_EXPOSED },
		{ 0440, NOBODY, true, CAUSE_NONE },
		{ 0444, 0, false, CAUSE_NONE },
		{ 0400, 0, false, CAUSE_PASSWORD },
		{ 0444, NOBODY - 1, false, CAUSE_EXPOSED },
		{ 0444, NOBODY - 1, true, CAUSE_NONE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(NULL, NULL);
		char *path = mem_printf("%s/secret", home);
		char label[64];

		if (geteuid() != 0 && cases[i].owner != NOBODY)
			continue; /* only root can give a file away */
		(void)snprintf(label, sizeof label, "%04o of %u%s",
		    (unsigned)cases[i].mode, (unsigned)cases[i].owner,
		    cases[i].credential ? ", a credential" : "");
		put("secret", "s\n", cases[i].mode, cases[i].owner);
		set(a, "password_file", cases[i].credential ? "secret" : path);
		if (cases[i].credential)
			check_int(label, setenv("CREDENTIALS_DIRECTORY", home, 1), 0);
		check_int(label, get_as_user(a), cases[i].result);
		check_int(label, unsetenv("CREDENTIALS_DIRECTORY"), 0);
		free(path);
		account_free(a);
	}
}

TEST(a_netrc_that_others_may_read_counts_with_a_warning)
{
	static const struct {
		int mode, result;
	} cases[] = { { 0600, CAUSE_NONE }, { 0644, 100 }, { 0660, 100 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(NULL, NULL);

		set(a, "user", "joe");
		set(a, "host", "h");
		put(".netrc", "machine h login joe password s", cases[i].mode, NOBODY);
		check_int(".netrc", get_as_user(a), cases[i].result);
		account_free(a);
	}
}

TEST(the_first_line_of_a_password_file_is_the_password)
{
	static const struct {
		const char *text;
		const char *got; /* NULL: none, because of */
		const char *words;
	} cases[] = {
		{ "s", "s", NULL },
		{ "s\n", "s", NULL },
		{ "s\r\nmore\n", "s", NULL },
		{ " a b \n", " a b ", NULL },
		{ "", NULL, "holds no password" },
		{ "\ns\n", NULL, "holds no password" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *path = sample_write(home, "f", cases[i].text, 0600);
		struct account *a = account_with(NULL, NULL);
		struct password p;
		struct outcome o;

		set(a, "password_file", path);
		check_int(cases[i].text, password_get(a, &p, &o), cases[i].got != NULL);
		check_text(cases[i].text, p.secret.data, cases[i].got);
		if (cases[i].words != NULL)
			check_part(cases[i].text, o.text, cases[i].words);
		password_free(&p);
		account_free(a);
		free(path);
	}
}

TEST(a_password_file_that_cannot_be_read_is_told)
{
	static const struct {
		const char *file, *words, *setting;
	} cases[] = {
		{ "name", "$CREDENTIALS_DIRECTORY", "" },
		{ "./name", "write the whole path", "" },
		{ "/nonexistent/f", "/nonexistent/f: No such file",
		    "install -m 600 /dev/stdin /nonexistent/f" },
		{ "/nonexistent/$f", "/nonexistent/$f: No such file", "" },
		{ "/", "/: Is a directory", "" },
		{ "~/none", "/none: No such file", NULL },
		{ "/dev/zero", "larger than 64 kB", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_with(NULL, NULL);
		struct password p;
		struct outcome o;

		set(a, "password_file", cases[i].file);
		check(cases[i].file, !password_get(a, &p, &o));
		check_int(cases[i].file, o.cause, CAUSE_PASSWORD);
		check_part(cases[i].file, o.text, cases[i].words);
		if (cases[i].setting != NULL)
			check_text(cases[i].file, o.setting, cases[i].setting);
		check(cases[i].file, !secret_given(&p.secret));
		password_free(&p);
		account_free(a);
	}
}

TEST(an_account_can_be_made_to_forget_where_its_password_is)
{
	struct account *a = account_with("s", "echo s");

	set(a, "password_file", "/f");
	set(a, "user", "joe");
	password_forget(a);
	assert_false(secret_given(&a->password));
	assert_null(a->passwordeval);
	assert_null(a->password_file);
	assert_string_equal(a->user, "joe");
	assert_null(option_origin(a, option_find(span_of("password"))).file);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_password_comes_from_the_setting_or_the_command),
		cmocka_unit_test(a_command_that_gives_no_password_is_an_error),
		cmocka_unit_test(a_line_of_nothing_but_its_end_is_no_password),
		with_home(the_strongest_place_wins_and_is_told),
		with_home(a_password_that_is_nowhere_is_told_with_the_places),
		with_home(behind_a_socket_the_server_has_a_name_all_the_same),
		with_home(a_netrc_of_absurd_length_is_passed_over),
		with_home(a_netrc_that_says_no_password_is_passed_over),
		with_home(who_else_may_read_the_password_file_matters),
		with_home(a_netrc_that_others_may_read_counts_with_a_warning),
		with_home(the_first_line_of_a_password_file_is_the_password),
		with_home(a_password_file_that_cannot_be_read_is_told),
		with_home(an_account_can_be_made_to_forget_where_its_password_is),
	};

	return cmocka_run_group_tests_name("password", tests, leave_terminal, NULL);
}
