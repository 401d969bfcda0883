/* SPDX-License-Identifier: ISC
 *
 * test_keyring.c - with a script that answers for secret-tool
 */
#include "lib/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "conf/keyring.h"
#include "lib/sample.h"

/* Holds the script, and what it is asked. */
static char *folder;

/* The script comes first in PATH, and there is a session bus. */
static int
surround(void)
{
	char *path = mem_printf("%s:/usr/bin:/bin", folder);
	int ok = setenv("PATH", path, 1) == 0 && setenv("FOLDER", folder, 1) == 0 &&
		 setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", 1) == 0 &&
		 unsetenv("XDG_RUNTIME_DIR") == 0;

	free(path);
	return ok ? 0 : -1;
}

static int
make_folder(void **state)
{
	(void)state;
	folder = sample_directory();
	return surround();
}

static int
remove_folder(void **state)
{
	(void)state;
	sample_directory_end(folder);
	return 0;
}

static void
put_tool(const char *script)
{
	char *text = mem_printf("#!/bin/sh\n%s\n", script);

	free(sample_write(folder, "secret-tool", text, 0700));
	free(text);
}

/* Whether there is a password, which is `want` then; else `want` is a part of the reason.
 */
static void
check_find(const char *label, const char *user, bool found, const char *want)
{
	struct secret s = { 0 };
	struct buf why;

	buf_init(&why, 1000);
	check_int(label, keyring_find("mx.example", user, &s, &why), found);
	if (found)
		check_text(label, s.data, want);
	else
		check_part(label, why.data, want);
	check_int(label, secret_given(&s), found);
	secret_free(&s);
	buf_free(&why);
}

TEST(what_secret_tool_prints_is_the_password)
{
	static const struct {
		const char *script;
		bool found;
		const char *want;
	} cases[] = {
		{ "printf hunter2", true, "hunter2" },
		{ "printf ' a b '", true, " a b " },
		{ "echo noise >&2; printf s", true, "s" },
		{ "echo hunter2", true, "hunter2" },
		{ "printf 'hunter2\nmore\n'", true, "hunter2" },
		{ "exit 1", false, "the keyring has none" },
		{ "exit 0", false, "the keyring has none" },
		{ "echo 'Cannot autolaunch D-Bus' >&2; exit 1", false,
		    "secret-tool: Cannot autolaunch D-Bus" },
		{ "exit 2", false, "can't be asked (secret-tool ended with status 2)" },
		{ "kill -9 $$", false, "secret-tool ended with signal 9" },
		{ "head -c 100000 /dev/zero", false, "wrote more than" },
		{ "cat; printf s", true, "s" }, /* standard input is empty */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		put_tool(cases[i].script);
		check_find(cases[i].script, "joe", cases[i].found, cases[i].want);
	}
}

TEST(it_is_asked_as_msmtp_asks_and_then_as_older_ones_did)
{
	static const struct {
		const char *script;
		const char *want;
	} cases[] = {
		{ "[ \"$*\" = 'lookup host mx.example service smtp user joe' ] && printf "
		  "new",
		    "new" },
		{ "[ \"$*\" = 'lookup user joe protocol smtp server mx.example' ] && "
		  "printf old",
		    "old" },
		{ "[ $# = 7 ] && printf \"$2\"", "host" }, /* the newer one first */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		put_tool(cases[i].script);
		check_find(cases[i].script, "joe", true, cases[i].want);
	}
}

TEST(a_keyring_that_fails_is_not_asked_twice)
{
	char *log = mem_printf("%s/log", folder);

	put_tool(
	    "[ -e \"$FOLDER/log\" ] && printf again; : >\"$FOLDER/log\"; echo locked "
	    ">&2; exit 1");
	check_find("locked", "joe", false, "locked");
	assert_int_equal(access(log, F_OK), 0);
	free(log);
}

TEST(no_shell_sees_the_user)
{
	put_tool("printf '%s' \"$7\"");
	check_find("user", "$(id) 'a\" b;`c`", true, "$(id) 'a\" b;`c`");
}

TEST(without_tool_or_session_nobody_is_asked)
{
	char *runtime = mem_printf("%s/run", folder);

	assert_int_equal(setenv("PATH", folder, 1), 0);
	check_find("no tool", "joe", false, "secret-tool isn't installed");
	assert_int_equal(setenv("PATH", "", 1), 0);
	check_find("no path", "joe", false, "secret-tool isn't installed");
	assert_int_equal(surround(), 0);
	put_tool("printf s");
	assert_int_equal(setenv("DBUS_SESSION_BUS_ADDRESS", "", 1), 0);
	check_find("no session", "joe", false, "no D-Bus session");
	assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
	check_find("no bus", "joe", false, "no D-Bus session");
	free(sample_write(folder, "run/bus", "", 0600));
	check_find("bus", "joe", true, "s");
	free(runtime);
}

#define with_folder(test)                                                                \
	cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		with_folder(what_secret_tool_prints_is_the_password),
		with_folder(it_is_asked_as_msmtp_asks_and_then_as_older_ones_did),
		with_folder(a_keyring_that_fails_is_not_asked_twice),
		with_folder(no_shell_sees_the_user),
		with_folder(without_tool_or_session_nobody_is_asked),
	};

	return cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
}
