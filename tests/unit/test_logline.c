/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "conf/option.h"
#include "lib/sample.h"
#include "relay/logline.h"
#include "relay/relay.h"

struct mail {
	struct account *account;
	struct envelope e;
	struct source m;
};

static void
set(struct account *a, const char *name, const char *value)
{
	const struct origin here = { "test", 1, true };
	struct outcome o;

	if (!option_set(
		a, option_find(span_of(name)), span_of(value), here, CAUSE_CONFIG, &o))
		fail_msg("%s", o.text);
}

static void
begin(struct mail *m, const char *recipients)
{
	m->account = account_new("test");
	set(m->account, "host", "mx.example");
	sample_envelope(&m->e, "s@x", recipients);
	sample_source(&m->m, span_of("A: b\r\n\r\nhello\r\n"));
}

static void
check_line(const char *label, const struct mail *m, const char *want)
{
	struct buf line;

	buf_init(&line, LOGLINE_MAX);
	logline_add(&line, m->account, &m->e, &m->m, relay_sysexit(&m->e, false));
	check_text(label, line.data, want);
	buf_free(&line);
}

static void
end(struct mail *m)
{
	account_free(m->account);
	envelope_free(&m->e);
	source_free(&m->m);
}

/* The line end counts as one byte: 15 bytes on the wire, 12 in the log. */
TEST(a_mail_that_was_taken_is_one_line)
{
	struct mail m;

	begin(&m, "a@x, b@x");
	for (size_t i = 0; i < 2; i++)
		outcome_accept(
		    &m.e.rcpt[i].outcome, STAGE_FINAL, 250, "2.0.0 queued as 1");
	check_line("plain", &m,
	    "host=mx.example tls=off auth=off from=s@x recipients=a@x,b@x mailsize=12 "
	    "smtpstatus=250 smtpmsg='250 2.0.0 queued as 1' exitcode=EX_OK");
	set(m.account, "tls", "on");
	set(m.account, "auth", "on");
	check_line("no user", &m,
	    "host=mx.example tls=on auth=on from=s@x recipients=a@x,b@x mailsize=12 "
	    "smtpstatus=250 smtpmsg='250 2.0.0 queued as 1' exitcode=EX_OK");
	set(m.account, "user", "joe");
	check_line("user", &m,
	    "host=mx.example tls=on auth=on user=joe from=s@x recipients=a@x,b@x "
	    "mailsize=12 smtpstatus=250 smtpmsg='250 2.0.0 queued as 1' exitcode=EX_OK");
	end(&m);
}

TEST(a_socket_stands_in_place_of_the_host)
{
	struct mail m;

	begin(&m, "a@x");
	outcome_accept(&m.e.rcpt[0].outcome, STAGE_FINAL, 250, "ok");
	set(m.account, "socket", "/run/a b");
	check_line("with a host", &m,
	    "socket=/run/a?b tls=off auth=off from=s@x recipients=a@x mailsize=12 "
	    "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK");
	set(m.account, "proxy_host", "p");
	set(m.account, "socket", "");
	check_line("a proxy changes nothing", &m,
	    "host=mx.example tls=off auth=off from=s@x recipients=a@x mailsize=12 "
	    "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK");
	end(&m);
}

TEST(the_null_sender_is_empty)
{
	struct mail m;

	begin(&m, "a@x");
	outcome_accept(&m.e.rcpt[0].outcome, STAGE_FINAL, 250, "ok");
	envelope_set_sender(&m.e, "");
	check_line("empty", &m,
	    "host=mx.example tls=off auth=off from= recipients=a@x mailsize=12 "
	    "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK");
	free(m.e.sender);
	m.e.sender = NULL;
	check_line("none", &m,
	    "host=mx.example tls=off auth=off from= recipients=a@x mailsize=12 "
	    "smtpstatus=250 smtpmsg='250 ok' exitcode=EX_OK");
	end(&m);
}

TEST(the_lines_of_a_reply_are_joined_in_their_form)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "'550 '" },
		{ "no", "'550 no'" },
		{ "5.1.1 no\nsuch user", "'550-5.1.1 no\\n550 such user'" },
		{ "a\n\nc", "'550-a\\n550-\\n550 c'" },
		{ "it's 'so'", "'550 it?s ?so?'" },
		{ "a\\nb", "'550 a\\nb'" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail m;
		struct buf line;

		begin(&m, "a@x");
		(void)outcome_reply(&m.e.rcpt[0].outcome, STAGE_RCPT, 550, cases[i].text);
		buf_init(&line, LOGLINE_MAX);
		logline_add(&line, m.account, &m.e, &m.m, relay_sysexit(&m.e, false));
		check_part(cases[i].text, line.data, cases[i].shown);
		check_part(cases[i].text, line.data, " smtpstatus=550 ");
		buf_free(&line);
		end(&m);
	}
}

TEST(a_failure_is_told_with_words_and_exit_code)
{
	struct mail m;

	begin(&m, "a@x, b@x");
	outcome_accept(&m.e.rcpt[0].outcome, STAGE_FINAL, 250, "ok");
	(void)outcome_reply(&m.e.rcpt[1].outcome, STAGE_RCPT, 550, "5.1.1 no");
	check_line("refused", &m,
	    "host=mx.example tls=off auth=off from=s@x recipients=a@x,b@x "
	    "smtpstatus=550 smtpmsg='550 5.1.1 no' errormsg='the server refused the "
	    "recipient <b@x>' exitcode=EX_NOUSER");
	(void)outcome_reply(&m.e.rcpt[1].outcome, STAGE_RCPT, 450, "4.2.0 full");
	check_line("put off, and one has it", &m,
	    "host=mx.example tls=off auth=off from=s@x recipients=a@x,b@x "
	    "smtpstatus=450 smtpmsg='450 4.2.0 full' errormsg='the server refused the "
	    "recipient <b@x>, for now' exitcode=EX_UNAVAILABLE");
	m.e.rcpt[0].outcome = m.e.rcpt[1].outcome;
	(void)outcome_fail(&m.e.rcpt[0].outcome, CAUSE_TIMEOUT, "it's late");
	m.e.rcpt[1].outcome = m.e.rcpt[0].outcome;
	check_line("nothing was said", &m,
	    "host=mx.example tls=off auth=off from=s@x recipients=a@x,b@x "
	    "errormsg='the server did not answer in time: it?s late' "
	    "exitcode=EX_TEMPFAIL");
	end(&m);
}

TEST(every_exit_code_has_its_name)
{
	for (int cause = 1; cause < CAUSE_LAST; cause++) {
		struct mail m;
		struct buf line;

		begin(&m, "a@x");
		(void)outcome_fail(&m.e.rcpt[0].outcome, (enum cause)cause, "%s", "why");
		buf_init(&line, LOGLINE_MAX);
		logline_add(&line, m.account, &m.e, &m.m, relay_sysexit(&m.e, false));
		check_part(
		    outcome_name(&m.e.rcpt[0].outcome), line.data, " exitcode=EX_");
		check(
		    outcome_name(&m.e.rcpt[0].outcome), strchr(line.data, '\n') == NULL);
		buf_free(&line);
		end(&m);
	}
}

TEST(a_line_has_no_control_characters_whatever_the_server_says)
{
	struct mail m;
	struct buf line;

	begin(&m, "a@x");
	(void)outcome_reply(&m.e.rcpt[0].outcome, STAGE_RCPT, 550, "a\033[2Jb\rc\nd\te");
	buf_init(&line, LOGLINE_MAX);
	logline_add(&line, m.account, &m.e, &m.m, relay_sysexit(&m.e, false));
	assert_false(span_has_control(buf_span(&line)));
	buf_free(&line);
	end(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_that_was_taken_is_one_line),
		cmocka_unit_test(a_socket_stands_in_place_of_the_host),
		cmocka_unit_test(the_null_sender_is_empty),
		cmocka_unit_test(the_lines_of_a_reply_are_joined_in_their_form),
		cmocka_unit_test(a_failure_is_told_with_words_and_exit_code),
		cmocka_unit_test(every_exit_code_has_its_name),
		cmocka_unit_test(
		    a_line_has_no_control_characters_whatever_the_server_says),
	};

	return cmocka_run_group_tests_name("logline", tests, NULL, NULL);
}
