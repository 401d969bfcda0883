/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/choose.h"
#include "conf/option.h"
#include "lib/line.h"
#include "lib/sample.h"

static const char rc[] =
    "defaults\ntimeout 7\naccount default\nhost d\nport 1\n"
    "from d@x.example\n"
    "account work\nhost w\npassword s\nfrom me@w.example\n"
    "account wild\nhost wild\nfrom *@wild.example\n"
    "account list\nhost l\nfrom ?x@l.example, a@l.example, b@l.example\n"
    "account fixed\nhost f\nfrom f@f.example\n"
    "allow_from_override off\n"
    "account user\nhost u\nfrom %U@u.example\ndomain %H\n"
    "account auto\nhost a\nauto_from on\nmaildomain a.example\n"
    "account author\nhost a\nfrom %F\n"
    "account empty\nhost e\n";

struct chosen {
	struct line line;
	struct invocation v;
	struct config config;
	struct choice_made made;
	struct outcome o;
	bool ok;
};

static void
select_account(struct chosen *c, const char *words, const char *from_header)
{
	char *home = sample_directory();
	char *path = sample_write(home, ".msmtprc", rc, 0600);

	*c = (struct chosen){ .ok = false };
	assert_int_equal(setenv("HOME", home, 1), 0);
	assert_int_equal(setenv("USER", "joe", 1), 0);
	assert_int_equal(setenv("HOSTNAME", "host.example", 1), 0);
	assert_int_equal(unsetenv("XDG_CONFIG_HOME"), 0);
	c->ok = line_parse(&c->v, &c->line, words, &c->o) &&
		choose_account(&c->made, &c->v, &c->config, from_header, &c->o) &&
		choose_sender(&c->made, from_header, &c->o);
	free(path);
	sample_directory_end(home);
}

static void
end(struct chosen *c)
{
	choice_free(&c->made);
	config_free(&c->config);
	invocation_free(&c->v);
	free(c->line.text);
}

TEST(the_account_is_the_named_one_or_the_default_or_a_host_of_its_own)
{
	static const struct {
		const char *line, *name, *host;
		int port, timeout;
	} cases[] = {
		{ "mailchute a@x", "default", "d", 1, 7 },
		{ "mailchute -a work", "work", "w", 25, 7 },
		{ "mailchute -a work --port=5", "work", "w", 5, 7 },
		{ "mailchute --port=5 --port=6", "default", "d", 6, 7 },
		{ "mailchute --timeout=off", "default", "d", 1, 0 },
		{ "mailchute --connect-timeout=3", "default", "d", 1, 3 },
		{ "mailchute --host=h", "command line", "h", 25, 0 },
		{ "mailchute --host=h --port=5", "command line", "h", 5, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct chosen c;

		select_account(&c, cases[i].line, NULL);
		check(cases[i].line, c.ok);
		check_text(cases[i].line, c.made.account->name, cases[i].name);
		check_text(cases[i].line, c.made.account->host, cases[i].host);
		check_int(cases[i].line, account_port(c.made.account), cases[i].port);
		check_int(cases[i].line, c.made.account->timeouts.any, cases[i].timeout);
		end(&c);
	}
}

TEST(who_sends_chooses_the_account_and_the_account_who_sends)
{
	static const struct {
		const char *line, *header, *name, *from;
		enum choice_by by;
	} cases[] = {
		{ "mailchute", NULL, "default", "d@x.example", CHOICE_DEFAULT },
		{ "mailchute", "me@w.example", "default", "d@x.example", CHOICE_DEFAULT },
		{ "mailchute -f me@w.example", NULL, "work", "me@w.example",
		    CHOICE_SENDER },
		{ "mailchute -f ME@W.example", NULL, "work", "ME@W.example",
		    CHOICE_SENDER },
		{ "mailchute -f me+tag@w.example", NULL, "work", "me+tag@w.example",
		    CHOICE_SENDER },
		{ "mailchute -f <me@w.example>", NULL, "work", "<me@w.example>",
		    CHOICE_SENDER },
		{ "mailchute -f you@w.example", NULL, "default", "you@w.example",
		    CHOICE_DEFAULT },
		{ "mailchute -f any+x@wild.example", NULL, "wild", "any+x@wild.example",
		    CHOICE_SENDER },
		{ "mailchute -f b@l.example", NULL, "list", "b@l.example",
		    CHOICE_SENDER },
		{ "mailchute -f yx@l.example", NULL, "list", "yx@l.example",
		    CHOICE_SENDER },
		{ "mailchute -f _", NULL, "default", "<>", CHOICE_DEFAULT },
		{ "mailchute -a list", NULL, "list", "a@l.example", CHOICE_NAME },
		{ "mailchute -a list -f c@c.example", NULL, "list", "c@c.example",
		    CHOICE_NAME },
		{ "mailchute -a fixed -f evil@x", NULL, "fixed", "f@f.example",
		    CHOICE_NAME },
		{ "mailchute -a empty -f e@e.example", NULL, "empty", "e@e.example",
		    CHOICE_NAME },
		{ "mailchute --read-envelope-from", "me@w.example", "work",
		    "me@w.example", CHOICE_SENDER },
		{ "mailchute -a fixed --read-envelope-from", "me@w.example", "fixed",
		    "f@f.example", CHOICE_NAME },
		{ "mailchute -a user", NULL, "user", "joe@u.example", CHOICE_NAME },
		{ "mailchute -f %U@%H", NULL, "default", "joe@host.example",
		    CHOICE_DEFAULT },
		{ "mailchute -a auto", NULL, "auto", "joe@a.example", CHOICE_NAME },
		{ "mailchute -a auto -f x@x", NULL, "auto", "x@x", CHOICE_NAME },
		{ "mailchute -a author", "a@b.example", "author", "a@b.example",
		    CHOICE_NAME },
		{ "mailchute -a author", NULL, "author", "%F", CHOICE_NAME },
		{ "mailchute -f x@x -a fixed --allow-from-override=on", NULL, "fixed",
		    "x@x", CHOICE_NAME },
		{ "mailchute -a list --allow-from-override=off -f x@x", NULL, "list",
		    "a@l.example", CHOICE_NAME },
		{ "mailchute -a list -f y@y --from=x@x", NULL, "list", "x@x",
		    CHOICE_NAME },
		{ "mailchute -f x@x,b@l.example", NULL, "default", "x@x,b@l.example",
		    CHOICE_DEFAULT },
		{ "mailchute --read-envelope-from", "%U%H%M@x", "default", "%U%H%M@x",
		    CHOICE_DEFAULT },
		{ "mailchute --host=h -f x@x", NULL, "command line", "x@x",
		    CHOICE_COMMAND_LINE },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct chosen c;

		select_account(&c, cases[i].line, cases[i].header);
		check(cases[i].line, c.ok);
		check_text(cases[i].line, c.made.account->name, cases[i].name);
		check_text(cases[i].line, c.made.account->from, cases[i].from);
		check_int(cases[i].line, c.made.by, cases[i].by);
		check(cases[i].line, !c.made.is_pattern);
		end(&c);
	}
}

TEST(an_account_with_patterns_only_does_not_say_who_sends)
{
	struct chosen c;

	select_account(&c, "mailchute -a wild", NULL);
	assert_true(c.ok && c.made.is_pattern);
	end(&c);
}

TEST(the_name_of_this_machine_may_be_a_pattern)
{
	struct chosen c;

	select_account(&c, "mailchute -a user", NULL);
	assert_true(c.ok);
	assert_string_equal(c.made.account->domain, "host.example");
	end(&c);
}

TEST(what_the_command_line_gives_has_its_origin)
{
	struct origin port;
	struct chosen c;

	select_account(&c, "mailchute --port=5", NULL);
	port = option_origin(c.made.account, option_find(span_of("port")));
	assert_string_equal(port.file, "command line");
	assert_int_equal(port.line, 0);
	assert_true(port.given);
	end(&c);
}

TEST(an_account_that_cannot_be_is_an_error)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "mailchute -a wrok", "wrok" },
		{ "mailchute -a work --host=h", "--account" },
		{ "mailchute -C /nonexistent/rc", "/nonexistent/rc" },
		{ "mailchute --read-envelope-from", "no envelope from address" },
		{ "mailchute --read-envelope-from -f a@x", "--from" },
		{ "mailchute -f a@%M", "/mailname" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct chosen c;

		select_account(&c, cases[i].line, NULL);
		check(cases[i].line, !c.ok);
		check_part(cases[i].line, c.o.text, cases[i].words);
		end(&c);
	}
}

/* Only where no file has a default, and nothing is named. */
TEST(the_environment_may_be_an_account)
{
	struct chosen c;
	char *home = sample_directory();

	assert_int_equal(setenv("HOME", home, 1), 0);
	assert_int_equal(setenv("SMTPSERVER", "env.example", 1), 0);
	assert_int_equal(setenv("EMAIL", "e@x.example", 1), 0);
	c = (struct chosen){ .ok = false };
	assert_true(line_parse(&c.v, &c.line, "mailchute", &c.o));
	assert_true(choose_account(&c.made, &c.v, &c.config, NULL, &c.o));
	assert_int_equal(c.made.by, CHOICE_ENVIRONMENT);
	assert_string_equal(c.made.account->host, "env.example");
	assert_string_equal(c.made.account->from, "e@x.example");
	end(&c);
	assert_int_equal(setenv("EMAIL", "e\n@x.example", 1), 0);
	c = (struct chosen){ .ok = false };
	assert_true(line_parse(&c.v, &c.line, "mailchute", &c.o));
	assert_false(choose_account(&c.made, &c.v, &c.config, NULL, &c.o));
	check_part("EMAIL", c.o.text, "from: it holds a control character");
	end(&c);
	assert_int_equal(unsetenv("EMAIL"), 0);
	c = (struct chosen){ .ok = false };
	assert_true(line_parse(&c.v, &c.line, "mailchute", &c.o));
	assert_false(choose_account(&c.made, &c.v, &c.config, NULL, &c.o));
	assert_int_equal(c.o.cause, CAUSE_NO_CONFIG);
	end(&c);
	assert_int_equal(unsetenv("SMTPSERVER"), 0);
	sample_directory_end(home);
}

/* Under the name sendmail nobody takes the place of what the administrator has said. */
TEST(a_server_that_is_named_already_stays)
{
	static const struct {
		const char *line, *variable, *value;
	} cases[] = {
		{ "sendmail --host=evil", "MAILCHUTE_HOST", "env.example" },
		{ "sendmail --port=5", "MAILCHUTE_HOST", "env.example" },
		{ "sendmail --host=evil", "SMTPSERVER", "env.example" },
		{ "sendmail --host=evil", "XDG_CONFIG_HOME", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *home = sample_directory();
		char *path = mem_printf("%s/.msmtprc", home);
		struct chosen c = { .ok = false };

		assert_int_equal(setenv("HOME", home, 1), 0);
		assert_int_equal(setenv(cases[i].variable, cases[i].value, 1), 0);
		if (*cases[i].value == '\0') /* can't be read, not even by root */
			assert_int_equal(symlink(".msmtprc", path), 0);
		assert_true(line_parse(&c.v, &c.line, cases[i].line, &c.o));
		check(
		    cases[i].line, !choose_account(&c.made, &c.v, &c.config, NULL, &c.o));
		check(cases[i].line, c.o.cause == CAUSE_FORBIDDEN);
		assert_int_equal(unsetenv(cases[i].variable), 0);
		end(&c);
		free(path);
		sample_directory_end(home);
	}
}

TEST(a_file_that_cannot_be_read_is_named)
{
	char *home = sample_directory();
	char *path = mem_printf("%s/.msmtprc", home);
	struct chosen c = { .ok = false };

	assert_int_equal(setenv("HOME", home, 1), 0);
	assert_int_equal(symlink(".msmtprc", path), 0); /* not even by root */
	assert_true(line_parse(&c.v, &c.line, "sendmail a@x", &c.o));
	assert_false(choose_account(&c.made, &c.v, &c.config, NULL, &c.o));
	assert_int_equal(c.o.cause, CAUSE_CONFIG);
	check_part("path", c.o.text, path);
	check_part("who", c.o.text, "has to be able to read it");
	end(&c);
	free(path);
	sample_directory_end(home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_account_is_the_named_one_or_the_default_or_a_host_of_its_own),
		cmocka_unit_test(who_sends_chooses_the_account_and_the_account_who_sends),
		cmocka_unit_test(an_account_with_patterns_only_does_not_say_who_sends),
		cmocka_unit_test(the_name_of_this_machine_may_be_a_pattern),
		cmocka_unit_test(what_the_command_line_gives_has_its_origin),
		cmocka_unit_test(an_account_that_cannot_be_is_an_error),
		cmocka_unit_test(the_environment_may_be_an_account),
		cmocka_unit_test(a_server_that_is_named_already_stays),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named),
	};

	return cmocka_run_group_tests_name("choose", tests, NULL, NULL);
}
