/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

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
		[JOB_VERIFY] = "verify ",
		[JOB_ALIASES] = "aliases ",
		[JOB_QUEUE_LIST] = "list ",
		[JOB_QUEUE_RUN] = "run ",
		[JOB_SMTP] = "smtp ",
		[JOB_DAEMON] = "daemon ",
		[JOB_HELP] = "help ",
		[JOB_VERSION] = "version " };
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	buf_puts(&out, jobs[v->job]);
	if (v->file != NULL || v->account != NULL)
		buf_puts(&out, "ANOTHER CONFIGURATION ");
	if (v->envid != NULL)
		buf_printf(&out, "envid=%s ", v->envid);
	buf_puts(&out, v->read_recipients ? "-t " : "");
	buf_puts(&out, v->read_sender ? "author " : "");
	buf_puts(&out, v->verbose ? "-v " : "");
	buf_puts(&out, v->debug ? "SETTINGS SHOWN " : "");
	buf_puts(&out, v->ignore_dots ? "-i " : "");
	buf_puts(&out, v->quiet ? "quiet " : "");
	buf_puts(&out, v->errors_by_mail ? "mail " : "");
	buf_puts(&out, v->gateway ? "-G " : "");
	buf_puts(&out, v->queue_wish.all ? "all " : "");
	for (size_t i = 0; i < v->n; i++)
		buf_printf(&out, "%s=%s ", v->given[i].row->name, v->given[i].value);
	buf_puts(&out, "|");
	for (size_t i = 0; i < v->recipients; i++)
		buf_printf(&out, " %s", v->recipient[i]);
	return buf_take(&out);
}

static void
check_line(const char *line, const char *want)
{
	struct invocation v;
	struct line l;
	struct outcome o;
	char *got;

	if (!line_parse(&v, &l, line, &o))
		fail_msg("%s: %s", line, o.text);
	check(line, v.as_sendmail);
	got = shown(&v);
	check_text(line, got, want);
	free(got);
	invocation_free(&v);
	free(l.text);
}

TEST(a_command_line_of_sendmail_is_understood)
{
	static const struct {
		const char *line, *want;
	} cases[] = {
		{ "sendmail", "|" },
		{ "/usr/sbin/sendmail a@x b@x", "| a@x b@x" },
		{ "sendmail -t", "-t |" },
		{ "sendmail -ti a@x", "-t -i | a@x" },
		{ "sendmail -tv", "-t -v |" },
		{ "sendmail -oi -t -oi -fs@x -t", "-t -i from=s@x |" },
		{ "sendmail -FCronDaemon -i -B8BITMIME -oem root",
		    "-i mail from_full_name=CronDaemon | root" },
		{ "sendmail -odi -oMs foo -XV -N never -R hdrs -V env1 -v -L tag -O "
		  "DeliveryMode=i -U -G -n -m to@x",
		    "envid=env1 -v -G dsn_notify=never dsn_return=hdrs | to@x" },

		/* The sender */
		{ "sendmail -f s@x a@x", "from=s@x | a@x" },
		{ "sendmail -fs@x a@x", "from=s@x | a@x" },
		{ "sendmail -r s@x a@x", "from=s@x | a@x" },
		{ "sendmail -rs@x a@x", "from=s@x | a@x" },
		{ "sendmail -if s@x a@x", "-i from=s@x | a@x" },
		{ "sendmail -f _ a@x", "from=<> | a@x" },
		{ "sendmail -f <> a@x", "from=<> | a@x" },
		{ "sendmail -f<> a@x", "from=<> | a@x" },
		{ "sendmail -f -t a@x", "from=-t | a@x" },
		{ "sendmail -f -- -t", "-t from=-- |" },
		{ "sendmail --read-envelope-from -t", "-t author |" },

		/* A lone dot */
		{ "sendmail -i a@x", "-i | a@x" },
		{ "sendmail -o i a@x", "-i | a@x" },
		{ "sendmail -oitrue a@x", "-i | a@x" },
		{ "sendmail -oiv a@x", "-i | a@x" },
		{ "sendmail -OIgnoreDots=true a@x", "-i | a@x" },
		{ "sendmail -O IgnoreDots=f a@x", "| a@x" },

		/* Delivery notices */
		{ "sendmail -Nfailure,delay a@x", "dsn_notify=failure,delay | a@x" },
		{ "sendmail -N SUCCESS a@x", "dsn_notify=SUCCESS | a@x" },
		{ "sendmail -Rfull a@x", "dsn_return=full | a@x" },
		{ "sendmail -R HDRS a@x", "dsn_return=HDRS | a@x" },

		/* Errors */
		{ "sendmail -oep -eq a@x", "quiet | a@x" },
		{ "sendmail -e m a@x", "mail | a@x" },
		{ "sendmail -oem -oep a@x", "| a@x" },
		{ "sendmail -OErrorMode=q a@x", "quiet | a@x" },

		/* Jobs, by option and by name; an option wins */
		{ "sendmail -bv a@x", "verify | a@x" },
		{ "sendmail -bt a@x", "verify | a@x" },
		{ "sendmail -bi", "aliases |" },
		{ "sendmail -I", "aliases |" },
		{ "sendmail -bp", "list |" },
		{ "sendmail -bpc", "list |" },
		{ "sendmail -bs -odb -oem", "smtp mail |" },
		{ "sendmail -bd -q30m", "daemon |" },
		{ "sendmail -q30m -bd", "daemon |" },
		{ "sendmail -q", "run all |" },
		{ "sendmail -q1h30m", "run |" },
		{ "sendmail -qf", "run all |" },
		{ "sendmail -qR a@x", "run all |" },
		{ "sendmail -qIabc", "run all |" },
		{ "sendmail -bV", "version |" },
		{ "sendmail -d0.1", "version -v |" },
		{ "sendmail --version", "version |" },
		{ "sendmail --help", "help |" },
		{ "mailq", "list |" },
		{ "mailq -v", "list -v |" },
		{ "runq", "run all |" },
		{ "runq -qdue", "run |" },
		{ "runq -q30m", "run |" },
		{ "newaliases", "aliases |" },
		{ "/usr/bin/newaliases -bp", "list |" },
		{ "rmail a@x", "-i | a@x" },

		/* "--" */
		{ "sendmail -i -- -x@x", "-i | -x@x" },
		{ "sendmail -- -t -C", "| -t -C" },
		{ "sendmail -f a@x -i --", "-i from=a@x |" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_line(cases[i].line, cases[i].want);
}

TEST(options_of_old_change_nothing_and_their_values_are_no_recipients)
{
	static const char *const words[] = { "-bm", "-ba", "-B8BITMIME", "-B 8BITMIME",
		"-B 7bit", "-B odd", "-odb", "-odi", "-odq", "-oep", "-ep", "-e p",
		"-e x", "-om", "-oo", "-os", "-os 5m", "-o7", "-o8", "-oL9", "-or0s",
		"-or5m", "-or 5m", "-oA/x", "-oA /x", "-oQ/x", "-oX /x", "-oMrSMTP",
		"-oMr SMTP", "-oMs host", "-oMa 127.0.0.1", "-m", "-n", "-U", "-x",
		"-h 5", "-h5", "-L t", "-Lt", "-p X", "-pX", "-X f", "-Xf", "-D f", "-Df",
		"-O A=b", "-OA=b", "-O QueueDirectory=/x", "-ODeliveryMode=b", "-Am",
		"-Ac", "-E", "-J", "-J/x", "-c", "-s", "-MrSMTP",
		"-C /etc/mail/sendmail.cf", "-C/etc/exim4/exim4.conf", "-F _ -F _" };

	for (size_t i = 0; i < COUNT(words); i++) {
		struct buf line;

		buf_init(&line, SAMPLE_MAX);
		buf_printf(&line, "sendmail %s a@x", words[i]);
		check_line(line.data, strcmp(words[i], "-F _ -F _") == 0
					  ? "from_full_name= from_full_name= | a@x"
					  : "| a@x");
		buf_free(&line);
	}
}

/* What could come from a stranger, who has got at the command line by way of a form. */
TEST(nobody_gets_at_files_commands_or_settings)
{
	static const struct {
		const char *line;
		enum cause cause;
		const char *words;
	} cases[] = {
		/* behind an address */
		{ "sendmail a@x -i", CAUSE_USAGE, "\"-i\" is no address" },
		{ "sendmail a@x -C rc", CAUSE_USAGE, "\"-C\" is no address" },
		{ "sendmail a@x -Xlog", CAUSE_USAGE, "\"-Xlog\"" },
		{ "sendmail a@x --logfile=x", CAUSE_USAGE, "\"--logfile=x\"" },
		{ "sendmail -f s@x a@x -t", CAUSE_USAGE, "\"-t\"" },
		{ "sendmail -f -- a@x -t", CAUSE_USAGE, "\"-t\"" },
		{ "sendmail a@x --", CAUSE_USAGE, "\"--\"" },
		{ "sendmail a@x -- -b@x", CAUSE_USAGE, "\"--\"" },
		{ "sendmail -", CAUSE_USAGE, "\"-\"" },

		/* in front of it */
		{ "sendmail -C rc a@x", CAUSE_FORBIDDEN, "-C rc" },
		{ "sendmail -Crc a@x", CAUSE_FORBIDDEN, "-C rc" },
		{ "sendmail --file=rc a@x", CAUSE_FORBIDDEN, "--file" },
		{ "sendmail --passwordeval=id a@x", CAUSE_FORBIDDEN, "--passwordeval" },
		{ "sendmail --logfile=x a@x", CAUSE_FORBIDDEN, "--logfile" },
		{ "sendmail --socket=/x a@x", CAUSE_FORBIDDEN, "--socket" },
		{ "sendmail --tls=off a@x", CAUSE_FORBIDDEN, "--tls" },
		{ "sendmail --aliases=/etc/shadow a@x", CAUSE_FORBIDDEN, "--aliases" },
		{ "sendmail --account=b a@x", CAUSE_FORBIDDEN, "--account" },
		{ "sendmail --print-config", CAUSE_FORBIDDEN, "--print-config" },
		{ "sendmail --serverinfo", CAUSE_FORBIDDEN, "--serverinfo" },
		{ "sendmail --configure=a@x", CAUSE_FORBIDDEN, "--configure" },
		{ "sendmail --pass=x a@x", CAUSE_USAGE, "unknown option --pass" },
		{ "sendmail --xyzzy a@x", CAUSE_USAGE, "unknown option --xyzzy" },
		{ "sendmail --read-recipients=x", CAUSE_USAGE, "takes no argument" },

		/* letters that don't exist */
		{ "sendmail -a work a@x", CAUSE_USAGE, "option -a" },
		{ "sendmail -P", CAUSE_USAGE, "option -P" },
		{ "sendmail -S", CAUSE_USAGE, "option -S" },
		{ "sendmail -Z a@x", CAUSE_USAGE, "option -Z" },
		{ "sendmail -i -xyz@x", CAUSE_USAGE, "option -y, in \"-xyz@x\"" },
		{ "sendmail -bz a@x", CAUSE_USAGE, "-bz" },
		{ "sendmail -b _", CAUSE_USAGE, "-b" },
		{ "sendmail -N sometimes a@x", CAUSE_USAGE, "sometimes" },
		{ "sendmail -V _ a@x", CAUSE_USAGE, "-V" },
		{ "sendmail -i -f", CAUSE_USAGE, "-f needs an argument" },
		{ "sendmail -if", CAUSE_USAGE, "needs an argument" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct invocation v;
		struct line l;
		struct outcome o = { 0 };

		check(cases[i].line, !line_parse(&v, &l, cases[i].line, &o));
		check_int(cases[i].line, o.cause, cases[i].cause);
		check_part(cases[i].line, o.text, cases[i].words);
		invocation_free(&v);
		free(l.text);
	}
}

TEST(a_line_end_in_the_full_name_is_a_blank_and_in_a_sender_an_error)
{
	char program[] = "sendmail", name[] = "-Fx\nBcc: evil@x", to[] = "a@x";
	char sender[] = "-fa@b\r\nRCPT TO:<x>";
	char *named[] = { program, name, to, NULL },
	     *sent[] = { program, sender, to, NULL };
	struct invocation v;
	struct outcome o;

	assert_true(invocation_parse(&v, 3, named, &o));
	assert_string_equal(v.given[0].value, "x Bcc: evil@x");
	invocation_free(&v);
	assert_false(invocation_parse(&v, 3, sent, &o));
	assert_int_equal(o.cause, CAUSE_USAGE);
	invocation_free(&v);
}

TEST(only_its_own_names_are_names_of_sendmail)
{
	static const char *const lines[] = { "mailchute", "msmtp", "/usr/bin/msmtp", "_",
		"sendmai", "xsendmail", "sendmail/mailchute" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		struct invocation v;
		struct line l;
		struct outcome o;

		check(lines[i], line_parse(&v, &l, lines[i], &o));
		check(lines[i], !v.as_sendmail);
		check_int(lines[i], v.job, JOB_SEND);
		invocation_free(&v);
		free(l.text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_line_of_sendmail_is_understood),
		cmocka_unit_test(
		    options_of_old_change_nothing_and_their_values_are_no_recipients),
		cmocka_unit_test(nobody_gets_at_files_commands_or_settings),
		cmocka_unit_test(
		    a_line_end_in_the_full_name_is_a_blank_and_in_a_sender_an_error),
		cmocka_unit_test(only_its_own_names_are_names_of_sendmail),
	};

	return cmocka_run_group_tests_name("sendmail", tests, NULL, NULL);
}
