/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <getopt.h>
#include <stdlib.h>

#include "cmd/invocation.h"
#include "lib/line.h"
#include "lib/sample.h"

/* What was asked for, as a text: the job unless it is to send, what was given, and the
 * recipients. The caller frees it. */
static char *
shown(const struct invocation *v)
{
	static const char *const jobs[] = { [JOB_SEND] = "",
		[JOB_PRINT_CONFIG] = "print-config ",
		[JOB_SERVERINFO] = "serverinfo ",
		[JOB_RMQS] = "rmqs ",
		[JOB_CONFIGURE] = "configure ",
		[JOB_EXPLAIN] = "explain ",
		[JOB_CATCH] = "catch ",
		[JOB_CHECK] = "check ",
		[JOB_TEST] = "test ",
		[JOB_HAS_EXTN] = "has-extn ",
		[JOB_VRFY] = "vrfy ",
		[JOB_EXPN] = "expn ",
		[JOB_VERIFY] = "verify ",
		[JOB_ALIASES] = "aliases ",
		[JOB_QUEUE_LIST] = "queue-list ",
		[JOB_QUEUE_RUN] = "queue-run ",
		[JOB_SMTP] = "smtp ",
		[JOB_DAEMON] = "daemon ",
		[JOB_HELP] = "help ",
		[JOB_VERSION] = "version " };
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	buf_puts(&out, jobs[v->job]);
	if (v->account != NULL)
		buf_printf(&out, "account=%s ", v->account);
	if (v->file != NULL)
		buf_printf(&out, "file=%s ", v->file);
	if (v->envid != NULL)
		buf_printf(&out, "envid=%s ", v->envid);
	buf_puts(&out, v->read_recipients ? "-t " : "");
	buf_puts(&out, v->verbose ? "-v " : "");
	for (size_t i = 0; i < v->n; i++)
		buf_printf(&out, "%s=%s ", v->given[i].row->name, v->given[i].value);
	for (size_t i = 0; i < v->wishes; i++)
		buf_printf(&out, "wish=%s ", v->wish[i].value);
	buf_puts(&out, "|");
	for (size_t i = 0; i < v->recipients; i++)
		buf_printf(&out, " %s", v->recipient[i]);
	return buf_take(&out);
}

TEST(a_command_line_is_understood)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "mailchute", "|" },
		{ "mailchute a@x", "| a@x" },
		{ "mailchute a@x b@x", "| a@x b@x" },
		{ "mailchute -t", "-t |" },
		{ "mailchute -t a@x", "-t | a@x" },
		{ "mailchute a@x -t", "-t | a@x" },
		{ "mailchute -v", "-v |" },
		{ "mailchute -d", "-v |" },
		{ "mailchute -d5 a@x", "-v | a@x" },
		{ "mailchute --debug=5", "-v |" },
		{ "mailchute --verbose --read-recipients", "-t -v |" },
		{ "mailchute -tv", "-t -v |" },

		/* Accounts, files, envelope */
		{ "mailchute -a work", "account=work |" },
		{ "mailchute -awork", "account=work |" },
		{ "mailchute --account=work", "account=work |" },
		{ "mailchute --account work a@x", "account=work | a@x" },
		{ "mailchute -C rc", "file=rc |" },
		{ "mailchute --file=rc", "file=rc |" },
		{ "mailchute -V id", "envid=id |" },
		{ "mailchute --envid=id", "envid=id |" },
		{ "mailchute -a one -a two", "account=two |" },

		/* Jobs */
		{ "mailchute --explain=QUOTA", "explain |" },
		{ "mailchute --explain QUOTA", "explain |" },
		{ "mailchute --check", "check |" },
		{ "mailchute --check work", "check account=work |" },
		{ "mailchute -a work --check --to a@x --json", "check account=work |" },
		{ "mailchute --test a@x", "test set_to_header=on | a@x" },
		{ "mailchute --has-extn=size,dsn", "has-extn |" },
		{ "mailchute --vrfy a@x", "vrfy |" },
		{ "mailchute --expn list", "expn |" },
		{ "mailchute --help", "help |" },
		{ "mailchute --version", "version |" },
		{ "mailchute -P", "print-config |" },
		{ "mailchute --print-config", "print-config |" },
		{ "mailchute --pretend", "print-config |" },
		{ "mailchute --test=a@x --pretend", "print-config |" },
		{ "mailchute --version -P", "version |" },
		{ "mailchute -P --version", "version |" },
		{ "mailchute -P --help", "help |" },
		{ "mailchute -S", "serverinfo |" },
		{ "mailchute --serverinfo -v", "serverinfo -v |" },
		{ "mailchute --rmqs=@x", "rmqs |" },
		{ "mailchute --rmqs #x", "rmqs |" },
		{ "mailchute --configure a@x", "configure |" },
		{ "mailchute -P -S", "print-config |" },
		{ "mailchute -S -P", "print-config |" },
		{ "mailchute --rmqs=x --pretend", "print-config |" },
		{ "mailchute --configure=a@x -P -S", "configure |" },
		{ "mailchute -S --version", "version |" },
		{ "mailchute --help --rmqs=x", "help |" },

		/* Settings, by letter and by long name */
		{ "mailchute -f a@x", "from=a@x |" },
		{ "mailchute -fa@x b@x", "from=a@x | b@x" },
		{ "mailchute -f _ a@x", "from=<> | a@x" },
		{ "mailchute --from=a@x", "from=a@x |" },
		{ "mailchute --from=", "from=<> |" },
		{ "mailchute -f <>", "from=<> |" },
		{ "mailchute -F Joe", "from_full_name=Joe |" },
		{ "mailchute --from-full-name=Joe", "from_full_name=Joe |" },
		{ "mailchute -F _", "from_full_name= |" },
		{ "mailchute -N never", "dsn_notify=never |" },
		{ "mailchute -N failure,delay", "dsn_notify=failure,delay |" },
		{ "mailchute -R full", "dsn_return=full |" },
		{ "mailchute -X log", "logfile=log |" },
		{ "mailchute -X -", "logfile=- |" },
		{ "mailchute --host=h --port=25", "host=h port=25 |" },
		{ "mailchute --host h --port 25 a@x", "host=h port=25 | a@x" },
		{ "mailchute --port=25 --port=26", "port=25 port=26 |" },
		{ "mailchute --tls-trust-file=f", "tls_trust_file=f |" },
		{ "mailchute --user=", "user= |" },
		{ "mailchute --logfile=", "logfile= |" },

		/* An optional argument is one only with '=' */
		{ "mailchute --tls", "tls= |" },
		{ "mailchute --tls=off", "tls=off |" },
		{ "mailchute --tls off", "tls= | off" },
		{ "mailchute --auth", "auth= |" },
		{ "mailchute --auth=plain", "auth=plain |" },
		{ "mailchute --auth a@x", "auth= | a@x" },
		{ "mailchute --set-from-header", "set_from_header= |" },
		{ "mailchute --remove-bcc-headers=off", "remove_bcc_headers=off |" },
		{ "mailchute --syslog", "syslog= |" },

		/* A catcher's values of them may, wherever it is asked for */
		{ "mailchute --catch --tls self :0", "catch wish=self | :0" },
		{ "mailchute --tls self --catch :0", "catch wish=self | :0" },
		{ "mailchute :0 --auth any --catch", "catch wish=any | :0" },
		{ "mailchute --auth ops:geheim --tls self --catch=:0",
		    "catch wish=ops:geheim wish=self |" },
		{ "mailchute --auth :0 --catch", "catch auth= | :0" },
		{ "mailchute --tls --catch :0", "catch tls= | :0" },
		{ "mailchute --tls self -- --catch", "tls= | self --catch" },

		/* Long names may be shortened, as far as they stay clear */
		{ "mailchute --read-r", "-t |" },
		{ "mailchute --acc=work", "account=work |" },
		{ "mailchute --maild=d", "maildomain=d |" },
		{ "mailchute --from-full=J", "from_full_name=J |" },
		{ "mailchute --verb", "-v |" },

		/* and mean what they mean to msmtp, though we have more names */
		{ "mailchute --ver", "version |" },
		{ "mailchute --v", "version |" },
		{ "mailchute --time=5", "timeout=5 |" },
		{ "mailchute --ti 5 a@x", "timeout=5 | a@x" },
		{ "mailchute --pass=cat", "passwordeval=cat |" },
		{ "mailchute --passwor cat a@x", "passwordeval=cat | a@x" },
		{ "mailchute --tls-p=NORMAL", "tls_priorities=NORMAL |" },
		{ "mailchute --tls-min=1024", "tls_min_dh_prime_bits=1024 |" },
		{ "mailchute --tls-min-v=1.3", "tls_min_version=1.3 |" },
		{ "mailchute --fr=a@x", "from=a@x |" },
		{ "mailchute --fro a@x b@x", "from=a@x | b@x" },
		{ "mailchute --al=f", "aliases=f |" },
		{ "mailchute --pre", "print-config |" },

		/* "--": what follows are recipients */
		{ "mailchute -- a@x", "| a@x" },
		{ "mailchute -t -- -v", "-t | -v" },
		{ "mailchute a@x -- -b@x", "| a@x -b@x" },
		{ "mailchute --", "|" },
		{ "mailchute -", "| -" },

		/* Those of sendmail's that msmtp takes */
		{ "msmtp -i a@x", "| a@x" },
		{ "msmtp -oi -t", "-t |" },
		{ "msmtp -oem -oi -f s@x a@x", "from=s@x | a@x" },
		{ "msmtp -bm a@x", "| a@x" },
		{ "msmtp -B8BITMIME -i a@x", "| a@x" },
		{ "msmtp -G -i -f s@x -- a@x b@x", "from=s@x | a@x b@x" },
		{ "msmtp -O DeliveryMode=b a@x", "| a@x" },
		{ "msmtp -h 5 -L tag -Am -n -m a@x", "| a@x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invocation v;
		struct line l;
		struct outcome o;
		char *got;

		if (!line_parse(&v, &l, cases[i].line, &o))
			fail_msg("%s: %s", cases[i].line, o.text);
		got = shown(&v);
		check_text(cases[i].line, got, cases[i].want);
		free(got);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(what_is_nearly_right_is_offered_as_it_is_to_be_written)
{
	static const struct {
		const char *line, *fix;
	} cases[] = {
		{ "mailchute --hsot=x", "--host=NAME" },
		{ "mailchute --verbos3", "--verbose" },
		{ "mailchute --verbose=5", "--verbose" },
		{ "mailchute --file", "--file=filename" },
		{ "mailchute -C", "-C filename" },
		{ "mailchute --auth=plian", "--auth=plain" },
		{ "mailchute --dsn-return=heders", "--dsn-return=headers" },
		{ "mailchute --xyzzy", "" },
		{ "mailchute -Z", "" },
		{ "sendmail --verbos", "--verbose" },
		{ "sendmail --xyzzy", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invocation v;
		struct outcome o;
		struct line l;

		check(cases[i].line, !line_parse(&v, &l, cases[i].line, &o));
		check_int(cases[i].line, o.cause, CAUSE_USAGE);
		check_text(cases[i].line, o.setting, cases[i].fix);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(whoever_asks_for_help_gets_it_under_each_name)
{
	static const char *const names[] = { "mailchute", "msmtp", "sendmail", "mailq",
		"runq", "newaliases", "rmail" };
	static const char *const words[] = { "-h", "-?", "-help", "--help" };

	for (size_t i = 0; i < COUNT(names) * COUNT(words); i++) {
		char line[80];
		struct invocation v;
		struct outcome o;
		struct line l;

		(void)snprintf(line, sizeof line, "%s %s", names[i / COUNT(words)],
		    words[i % COUNT(words)]);
		check(line, line_parse(&v, &l, line, &o));
		check_int(line, v.job, JOB_HELP);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(what_is_not_understood_is_told_with_what_may_have_been_meant)
{
	static const struct {
		const char *line, *words[2];
	} cases[] = {
		{ "mailchute -Z", { "-Z", "" } },
		{ "mailchute -tZ", { "-Z", "" } },
		{ "mailchute -Zt a@x", { "-Z", "" } },
		{ "mailchute --hsot=x", { "--hsot", "did you mean --host?" } },
		{ "mailchute --verbos3", { "--verbos3", "did you mean --verbose?" } },
		{ "mailchute --xyzzy", { "--xyzzy", "" } },
		{ "mailchute --verbose=5", { "--verbose", "takes no argument" } },
		{ "mailchute --help=me", { "--help", "takes no argument" } },
		{ "mailchute --set", { "--set", "ambiguous" } },
		{ "mailchute --tls-c", { "--tls-c", "ambiguous" } },
		{ "mailchute --t", { "--t", "--timeout, --timeout-connect," } },
		{ "mailchute --p", { "--p", "ambiguous" } },
		{ "mailchute --port=many", { "port", "many" } },
		{ "mailchute --port=0", { "port", "1..65535" } },
		{ "mailchute --tls=maybe", { "tls", "maybe" } },
		{ "mailchute --auth=plian", { "auth", "did you mean \"plain\"?" } },
		{ "mailchute -N sometimes", { "dsn_notify", "sometimes" } },
		{ "mailchute -R nothing", { "dsn_return", "nothing" } },
		{ "mailchute -bz", { "bz", "" } },
		{ "mailchute -V _", { "-V", "100" } },
		{ "mailchute -S --rmqs=x", { "--serverinfo", "--rmqs" } },
		{ "mailchute -P -S --rmqs=x", { "--serverinfo", "--rmqs" } },
		{ "mailchute queue delete --all -P", { "-P", "queue" } },
		{ "mailchute -S a@x", { "too many arguments", "a@x" } },
		{ "mailchute --rmqs=x a@x", { "too many arguments", "a@x" } },
		{ "mailchute --configure=b@x a@x", { "too many arguments", "a@x" } },
		{ "mailchute --rmqs=", { "--rmqs", "" } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invocation v;
		struct line l;
		struct outcome o = { 0 };

		check(cases[i].line, !line_parse(&v, &l, cases[i].line, &o));
		check_int(cases[i].line, o.cause, CAUSE_USAGE);
		check_part(cases[i].line, o.text, cases[i].words[0]);
		check_part(cases[i].line, o.text, cases[i].words[1]);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(a_missing_argument_is_told_as_such)
{
	static const struct {
		const char *line, *option;
	} cases[] = {
		{ "mailchute -f", "-f" },
		{ "mailchute -a", "-a" },
		{ "mailchute -t -V", "-V" },
		{ "mailchute --host", "--host" },
		{ "mailchute --from", "--from" },
		{ "mailchute --account", "--account" },
		{ "mailchute --acc", "--acc" },
		{ "mailchute --verbose -f", "-f" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invocation v;
		struct line l;
		struct outcome o = { 0 };

		check(cases[i].line, !line_parse(&v, &l, cases[i].line, &o));
		check_int(cases[i].line, o.cause, CAUSE_USAGE);
		check_part(cases[i].line, o.text, cases[i].option);
		check_part(cases[i].line, o.text, "needs an argument");
		invocation_free(&v);
		free(l.text);
	}
}

/* getopt(3) has not moved on yet when the letter is not the last of its word. */
TEST(a_wrong_letter_is_told_whatever_stands_before_it)
{
	static const char *const lines[] = { "mailchute --verbose -Zt",
		"mailchute --account=a -Zt", "mailchute --tls -Zt", "mailchute -Zt" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct invocation v;
		struct line l;
		struct outcome o = { 0 };

		check(lines[i], !line_parse(&v, &l, lines[i], &o));
		check_part(lines[i], o.text, "-Z");
		invocation_free(&v);
		free(l.text);
	}
}

/* Everybody can see a command line. And the whole name is no short form of
 * --passwordeval: the password would be run as a command. */
TEST(a_password_is_not_taken_from_the_command_line)
{
	static const char *const lines[] = { "mailchute --password=hunter2",
		"mailchute --password hunter2" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct invocation v;
		struct line l;
		struct outcome o = { 0 };

		check(lines[i], !line_parse(&v, &l, lines[i], &o));
		check_int(lines[i], o.cause, CAUSE_USAGE);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(an_envelope_id_has_a_limit)
{
	for (size_t n = 99; n <= 101; n++) {
		struct invocation v;
		struct outcome o;
		struct buf text;
		struct line l;
		bool ok;

		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "mailchute -V ");
		sample_repeat(&text, "x", n);
		ok = line_parse(&v, &l, text.data, &o);
		assert_int_equal(ok, n <= 100);
		invocation_free(&v);
		free(l.text);
		buf_free(&text);
	}
}

TEST(the_program_is_called_what_it_was_called)
{
	static const struct {
		const char *line, *program;
	} cases[] = {
		{ "mailchute", "mailchute" },
		{ "/usr/sbin/sendmail", "sendmail" },
		{ "./build/mailchute -t", "mailchute" },
		{ "_", "mailchute" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invocation v;
		struct line l;
		struct outcome o;

		assert_true(line_parse(&v, &l, cases[i].line, &o));
		check_text(cases[i].line, v.program, cases[i].program);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(no_words_at_all_are_a_command_line_too)
{
	char *argv[] = { NULL };
	struct invocation v;
	struct outcome o;

	optind = 0;
	assert_true(invocation_parse(&v, 0, argv, &o));
	assert_string_equal(v.program, "mailchute");
	assert_int_equal(v.recipients, 0);
	invocation_free(&v);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_nearly_right_is_offered_as_it_is_to_be_written),
		cmocka_unit_test(whoever_asks_for_help_gets_it_under_each_name),
		cmocka_unit_test(a_command_line_is_understood),
		cmocka_unit_test(
		    what_is_not_understood_is_told_with_what_may_have_been_meant),
		cmocka_unit_test(a_missing_argument_is_told_as_such),
		cmocka_unit_test(a_wrong_letter_is_told_whatever_stands_before_it),
		cmocka_unit_test(a_password_is_not_taken_from_the_command_line),
		cmocka_unit_test(an_envelope_id_has_a_limit),
		cmocka_unit_test(the_program_is_called_what_it_was_called),
		cmocka_unit_test(no_words_at_all_are_a_command_line_too),
	};

	return cmocka_run_group_tests_name("invocation", tests, NULL, NULL);
}
