/* SPDX-License-Identifier: ISC
 *
 * test_catcher.c - sessions with a catcher: expectations, failures on purpose, commands
 */
#include "lib/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "lib/server.h"
#include "serve/catcher.h"
#include "serve/expect.h"
#include "serve/server.h"

#define TO(who) "MAIL FROM:<s@x> BODY=8BITMIME\r\nRCPT TO:<" who "@x>\r\n"
#define MAIL                                                                             \
	TO("a")                                                                          \
	"DATA\r\nSubject: =?utf-8?Q?W=C3=A4lcome?= home\r\n\r\nlink\r\n.\r\n"

struct fixture {
	char *directory;
	char *file;
	struct account *account;
	struct catcher catcher;
};

static void
set_up(struct fixture *f)
{
	char *to;

	*f = (struct fixture){ .directory = sample_directory() };
	f->file = mem_printf("%s/mails", f->directory);
	to = mem_printf("json:%s", f->file);
	f->account = account_new("a");
	server_account_set(f->account, "catch_to", to);
	free(to);
	f->catcher.account = f->account;
}

static void
tear_down(struct fixture *f)
{
	catcher_close(&f->catcher);
	account_free(f->account);
	sample_directory_end(f->directory);
	free(f->file);
}

/* What the server says in a session in which the client says this. */
static char *
play(struct fixture *f, const char *says)
{
	const struct service service = {
		.name = "c", .sink = &catcher_sink, .self = &f->catcher
	};
	struct visitor visitor = { .place = "test", .uid = -1 };
	struct script script;
	struct stream stream;
	struct outcome o;
	char *said;

	if (f->catcher.seen == NULL)
		assert_true(catcher_open(&f->catcher, 42, &o));
	script_init_bytes(&script, span_of(says), SCRIPT_CLOSES);
	script_stream(&script, &stream);
	serve_session(&service, &visitor, &stream, -1, NULL);
	said = mem_dup_bytes(script.heard.data, script.heard.len);
	script_free(&script);
	return said;
}

static char *
written(const struct fixture *f)
{
	struct buf text;
	struct stat st;

	buf_init(&text, SAMPLE_MAX);
	(void)file_read(f->file, &text, &st);
	buf_addc(&text, '\0');
	return buf_take(&text);
}

TEST(each_mail_is_written_and_counted)
{
	struct fixture f;
	char *said, *text;

	set_up(&f);
	said = play(&f, "EHLO c\r\n" MAIL MAIL);
	text = written(&f);
	check_part("said", said, "250 2.0.0 caught");
	check_part("written", text, "\"options\":\"BODY=8BITMIME\"");
	check_int("mails", f.catcher.seen->mails, 2);
	free(said);
	free(text);
	tear_down(&f);
}

TEST(an_expectation_is_met_or_not)
{
	static const struct {
		const char *expect;
		bool met;
	} cases[] = {
		{ "to=a@x", true },
		{ "to=A@X", true },
		{ "to=b@x", false },
		{ "to~@x", true },
		{ "from=s@x", true },
		{ "from=s", false },
		{ "subject~w\303\244lcome", true },
		{ "subject=\"W\303\244lcome home\"", true },
		{ "subject=W\303\244lcome", false },
		{ "text~link", true },
		{ "text~lonk", false },
		{ "to=a@x subject~home", true },
		{ "to=a@x subject~away", false },
		{ "to=b@x subject~home", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;

		set_up(&f);
		f.catcher.expect[f.catcher.expects++] = cases[i].expect;
		free(play(&f, "EHLO c\r\n" MAIL));
		check_int(cases[i].expect, catcher_is_content(&f.catcher), cases[i].met);
		check_int(cases[i].expect, catcher_is_done(&f.catcher), cases[i].met);
		tear_down(&f);
	}
}

TEST(what_cannot_be_expected_is_told)
{
	static const char *const cases[] = { "", " ", "to", "to=\"a", "who=me",
		"to=a b" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;

		check(cases[i], !expect_validate(cases[i], &o));
		check_int(cases[i], o.cause, CAUSE_USAGE);
	}
}

TEST(several_mails_may_meet_what_is_expected)
{
	struct fixture f;

	set_up(&f);
	f.catcher.expect[f.catcher.expects++] = "to=a@x";
	f.catcher.expect[f.catcher.expects++] = "to=b@x";
	free(play(&f, "EHLO c\r\n" MAIL));
	assert_false(catcher_is_done(&f.catcher));
	free(play(&f, "EHLO c\r\n" TO("b") "DATA\r\nA: b\r\n.\r\n"));
	assert_true(catcher_is_done(&f.catcher));
	tear_down(&f);
}

TEST(a_number_of_mails_ends_it_whatever_was_expected)
{
	struct fixture f;

	set_up(&f);
	f.catcher.expect[f.catcher.expects++] = "to=b@x";
	f.catcher.count = 1;
	assert_true(catcher_waits(&f.catcher));
	free(play(&f, "EHLO c\r\n" MAIL));
	assert_true(catcher_is_done(&f.catcher));
	assert_false(catcher_is_content(&f.catcher));
	tear_down(&f);
}

TEST(failures_happen_where_they_should)
{
	static const struct {
		const char *fault, *reply;
	} cases[] = {
		{ "connect:554", "554 " },
		{ "hello:drop", "220 " },
		{ "mail:452", "\r\n452 " },
		{ "rcpt:550", "\r\n550 " },
		{ "data:451", "\r\n451 " },
		{ "message:552", "\r\n552 " },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		struct outcome o;
		char *said;

		set_up(&f);
		assert_true(fault_parse(
		    &f.catcher.fault[f.catcher.faults++], span_of(cases[i].fault), &o));
		said = play(&f, "EHLO c\r\n" MAIL);
		check_part(cases[i].fault, said, cases[i].reply);
		check_int(cases[i].fault, f.catcher.seen->mails, 0);
		free(said);
		tear_down(&f);
	}
}

TEST(a_dropped_connection_ends_without_a_word)
{
	struct fixture f;
	struct outcome o;
	char *said;

	set_up(&f);
	assert_true(
	    fault_parse(&f.catcher.fault[f.catcher.faults++], span_of("rcpt:drop"), &o));
	said = play(&f, "EHLO c\r\n" MAIL);
	check("the reply to MAIL is the last", strstr(said, "250 2.1.0") != NULL &&
						   strstr(said, "250 2.1.5") == NULL &&
						   strstr(said, "421") == NULL);
	free(said);
	tear_down(&f);
}

TEST(a_command_says_what_becomes_of_a_mail)
{
	static const struct {
		const char *command, *reply;
		int mails;
	} cases[] = {
		{ "true", "\r\n250 2.0.0 taken", 1 },
		{ "exit 67", "\r\n550 5.1.1 no such user", 0 },
		{ "exit 75", "\r\n451 4.3.0 not now", 0 },
		{ "exit 3", "\r\n451 4.3.0 ", 0 },
		{ "kill -9 $$", "\r\n451 4.3.0 ", 0 },
		{ "echo 552 5.2.2 full", "\r\n552 5.2.2 full", 0 },
		{ "echo 250 kept as 7; exit 1", "\r\n250 2.0.0 kept as 7", 1 },
		{ "echo hello", "\r\n250 2.0.0 taken", 1 },
		{ "grep -q '^link$'", "\r\n250 2.0.0 taken", 1 },
		{ "! grep -q \"$(printf '\\r')\"", "\r\n250 2.0.0 taken", 1 },
		{ "test \"$CAUGHT_SENDER $CAUGHT_RECIPIENTS\" = 's@x a@x'",
		    "\r\n250 2.0.0 taken", 1 },
		{ "test \"$CAUGHT_MAIL_OPTIONS\" = BODY=8BITMIME", "\r\n250 2.0.0 taken",
		    1 },
		{ "test $CAUGHT_SIZE -eq 48", "\r\n250 2.0.0 taken", 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct fixture f;
		char *said;

		set_up(&f);
		f.catcher.command = cases[i].command;
		said = play(&f, "EHLO c\r\n" MAIL);
		check_part(cases[i].command, said, cases[i].reply);
		check_int(cases[i].command, f.catcher.seen->mails, cases[i].mails);
		free(said);
		tear_down(&f);
	}
}

TEST(sessions_in_other_processes_are_seen_and_their_mails_stay_whole)
{
	enum { PROCESSES = 8 };
	pid_t child[PROCESSES];
	struct outcome o;
	struct fixture f;
	struct span left, line;
	char *text;

	set_up(&f);
	assert_true(catcher_open(&f.catcher, 1, &o));
	for (size_t i = 0; i < PROCESSES; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			free(play(&f, "EHLO c\r\n" MAIL MAIL MAIL));
			_exit(0);
		}
	}
	for (size_t i = 0; i < PROCESSES; i++)
		assert_int_equal(waitpid(child[i], NULL, 0), child[i]);
	check_int("mails", f.catcher.seen->mails, 3 * PROCESSES);
	text = written(&f);
	left = span_of(text);
	while (span_cut(&left, '\n', &line))
		check("an object a line",
		    line.n > 2 && line.p[0] == '{' && line.p[line.n - 1] == '}');
	free(text);
	tear_down(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mail_is_written_and_counted),
		cmocka_unit_test(an_expectation_is_met_or_not),
		cmocka_unit_test(what_cannot_be_expected_is_told),
		cmocka_unit_test(several_mails_may_meet_what_is_expected),
		cmocka_unit_test(a_number_of_mails_ends_it_whatever_was_expected),
		cmocka_unit_test(failures_happen_where_they_should),
		cmocka_unit_test(a_dropped_connection_ends_without_a_word),
		cmocka_unit_test(a_command_says_what_becomes_of_a_mail),
		cmocka_unit_test(
		    sessions_in_other_processes_are_seen_and_their_mails_stay_whole),
	};

	return cmocka_run_group_tests_name("catcher", tests, NULL, NULL);
}
