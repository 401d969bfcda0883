/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "queue/bounce.h"

#define RCPT_MAX 4

/* One notice about one mail. */
struct sample {
	struct bounce bounce;
	struct bounce_item item;
	struct envelope envelope;
	const struct recipient *rcpt[RCPT_MAX];
	struct source message;
	struct source notice;
	struct buf text;
};

static void
begin(
    struct sample *s, enum bounce_kind kind, const char *recipients, const char *message)
{
	*s = (struct sample){ .bounce = { .kind = kind,
				  .host = "client.example",
				  .maildomain = "mail.example",
				  .now = 1000000000,
				  .until = 1000400000,
				  .n = 1 },
		.item = {
		    .id = "ab12", .arrived = 999900000, .server = "relay.example" } };
	sample_envelope(&s->envelope, "me@mail.example", recipients);
	sample_source(&s->message, span_of(message));
	for (size_t i = 0; i < s->envelope.n; i++) {
		s->rcpt[i] = &s->envelope.rcpt[i];
		(void)outcome_reply(
		    &s->envelope.rcpt[i].outcome, STAGE_RCPT, 550, "5.1.1 no such user");
	}
	s->item.envelope = &s->envelope;
	s->item.rcpt = s->rcpt;
	s->item.n = s->envelope.n;
	s->bounce.item = &s->item;
	s->bounce.message = &s->message;
}

static void
write_notice(struct sample *s)
{
	struct outcome o;

	source_init(&s->notice);
	assert_true(bounce_write(&s->notice, &s->bounce, &o));
	sample_text(&s->notice, &s->text);
}

static void
end(struct sample *s)
{
	envelope_free(&s->envelope);
	source_free(&s->message);
	source_free(&s->notice);
	buf_free(&s->text);
}

#define MESSAGE "Subject: hi\r\nFrom: me@mail.example\r\n\r\nthe body\r\n"

TEST(a_bounce_tells_people_and_programs_what_happened)
{
	static const char *const parts[] = {
		"\r\nFrom: Mail Delivery System <MAILER-DAEMON@mail.example>\r\n",
		"\r\nTo: <me@mail.example>\r\n",
		"\r\nSubject: Your mail could not be delivered\r\n",
		"\r\nAuto-Submitted: auto-replied\r\n",
		"\r\nContent-Type: multipart/report; report-type=delivery-status;\r\n",
		"\r\n  bob@there.example\r\n    the server refused the recipient\r\n"
		"    relay.example said (550):\r\n      5.1.1 no such user\r\n"
		"    Check the address: ",
		"\r\n\r\nReporting-MTA: dns; client.example\r\n",
		"\r\nX-Mailchute-Queue-ID: ab12\r\n",
		"\r\n\r\nFinal-Recipient: rfc822; bob@there.example\r\nAction: failed\r\n"
		"Status: 5.1.1\r\nRemote-MTA: dns; relay.example\r\n"
		"Diagnostic-Code: smtp; 550 5.1.1 no such user\r\nLast-Attempt-Date: ",
		"\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: "
		"7bit\r\n\r\n" MESSAGE "\r\n--=_",
	};
	struct sample s;

	begin(&s, BOUNCE_FAILED, "bob@there.example", MESSAGE);
	write_notice(&s);
	for (size_t i = 0; i < COUNT(parts); i++)
		check_part(parts[i], s.text.data, parts[i]);
	end(&s);
}

TEST(each_recipient_gets_fields_by_what_became_of_them)
{
	static const struct {
		const char *label;
		enum bounce_kind kind;
		int code;
		const char *said;
		const char *want;
	} cases[] = {
		{ "refused", BOUNCE_FAILED, 552, "5.2.2 full",
		    "Action: failed\r\nStatus: 5.2.2\r\n" },
		{ "no enhanced status", BOUNCE_FAILED, 550, "no",
		    "Action: failed\r\nStatus: 5.0.0\r\n" },
		{ "put off until it was too late", BOUNCE_FAILED, 451, "4.7.1 wait",
		    "Action: failed\r\nStatus: 4.4.7\r\nRemote-MTA: dns; "
		    "relay.example\r\n"
		    "Diagnostic-Code: smtp; 451 4.7.1 wait\r\n" },
		{ "put off", BOUNCE_DELAYED, 451, "4.7.1 wait",
		    "Action: delayed\r\nStatus: 4.7.1\r\n" },
		{ "held until it was late", BOUNCE_DELAYED, 535, "5.7.8 who?",
		    "Action: delayed\r\nStatus: 4.4.0\r\n" },
		{ "several lines", BOUNCE_FAILED, 554, "5.7.1 a\nb\r\377",
		    "Diagnostic-Code: smtp; 554 5.7.1 a\r\n b??\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample s;

		begin(&s, cases[i].kind, "bob@there.example", MESSAGE);
		(void)outcome_reply(&s.envelope.rcpt[0].outcome, STAGE_FINAL,
		    cases[i].code, cases[i].said);
		write_notice(&s);
		check_part(cases[i].label, s.text.data, cases[i].want);
		end(&s);
	}
}

TEST(what_was_seen_here_is_told_where_no_server_spoke)
{
	struct sample s;

	begin(&s, BOUNCE_FAILED, "bob@there.example", MESSAGE);
	(void)outcome_fail(
	    &s.envelope.rcpt[0].outcome, CAUSE_CONNECT, "no route\303\244");
	write_notice(&s);
	check_part("status", s.text.data,
	    "Status: 4.4.7\r\nDiagnostic-Code: x-mailchute; "
	    "no route??\r\n");
	check_part("words", s.text.data, "no route=C3=A4\r\n");
	end(&s);
}

TEST(a_success_is_told_without_a_diagnosis)
{
	struct sample s;

	begin(&s, BOUNCE_RELAYED, "bob@there.example", MESSAGE);
	outcome_accept(&s.envelope.rcpt[0].outcome, STAGE_FINAL, 250, "2.0.0 queued");
	write_notice(&s);
	check_part("fields", s.text.data,
	    "Action: relayed\r\nStatus: 2.0.0\r\nRemote-MTA: dns; relay.example\r\n"
	    "Last-Attempt-Date: ");
	check_part("header only", s.text.data,
	    "text/rfc822-headers; charset=utf-8\r\nContent-Transfer-Encoding: "
	    "7bit\r\n\r\n"
	    "Subject: hi\r\nFrom: me@mail.example\r\n\r\n--=_");
	end(&s);
}

TEST(a_delay_says_how_long_it_goes_on)
{
	struct sample s;

	begin(&s, BOUNCE_DELAYED, "bob@there.example", MESSAGE);
	write_notice(&s);
	check_part("field", s.text.data, "\r\nWill-Retry-Until: ");
	check_part("words", s.text.data, "it is tried again until\r\n");
	end(&s);
}

TEST(names_that_only_the_sender_knows_are_told)
{
	struct sample s;

	begin(&s, BOUNCE_FAILED, "bob@there.example, j\303\266rg@b\303\274.example",
	    MESSAGE);
	s.envelope.rcpt[0].orcpt = strdup("root");
	s.envelope.envid = strdup("QQ\n314");
	write_notice(&s);
	check_part("envid", s.text.data, "\r\nOriginal-Envelope-Id: QQ?314\r\n");
	check_part("orcpt", s.text.data,
	    "\r\nOriginal-Recipient: rfc822; root\r\nFinal-Recipient: rfc822; bob@");
	check_part("words", s.text.data, "(whom you called root)\r\n");
	check_part("utf-8", s.text.data,
	    "\r\nFinal-Recipient: utf-8; j\\x{F6}rg@b\\x{FC}.example\r\n");
	check("it is all ASCII", !span_has_8bit(buf_span(&s.text)));
	end(&s);
}

TEST(the_mail_itself_goes_back_only_where_it_may)
{
	static const struct {
		const char *label;
		enum bounce_kind kind;
		enum ret ret;
		size_t size;
		const char *line;
		const char *type;
	} cases[] = {
		{ "small", BOUNCE_FAILED, RET_UNSET, 1000, "abc", "message/rfc822" },
		{ "large", BOUNCE_FAILED, RET_UNSET, 60000, "abc",
		    "text/rfc822-headers" },
		{ "large and wanted", BOUNCE_FAILED, RET_FULL, 60000, "abc",
		    "message/rfc822" },
		{ "small and not wanted", BOUNCE_FAILED, RET_HDRS, 10, "abc",
		    "text/rfc822-headers" },
		{ "no failure", BOUNCE_DELAYED, RET_FULL, 10, "abc",
		    "text/rfc822-headers" },
		{ "8 bits", BOUNCE_FAILED, RET_UNSET, 10, "\344",
		    "message/rfc822\r\nContent-Transfer-Encoding: 8bit" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf text;
		struct sample s;

		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, MESSAGE);
		while (text.len < cases[i].size)
			buf_puts(&text, "more\r\n");
		buf_printf(&text, "%s\r\n", cases[i].line);
		begin(&s, cases[i].kind, "bob@there.example", text.data);
		s.envelope.ret = cases[i].ret;
		write_notice(&s);
		check_part(cases[i].label, s.text.data, cases[i].type);
		end(&s);
		buf_free(&text);
	}
}

/* The notice with the figures that it has, and with those that it should have. */
static void
check_figures(const char *label, struct sample *s)
{
	struct source counted;

	sample_source(&counted, buf_span(&s->text));
	check_int(label, s->notice.lines, counted.lines);
	check_int(label, s->notice.longest, counted.longest);
	check_int(label, s->notice.is_8bit, counted.is_8bit);
	check_int(label, s->notice.header_is_8bit, counted.header_is_8bit);
	source_free(&counted);
}

TEST(long_lines_and_8_bits_do_not_get_out)
{
	struct buf text;
	struct sample s;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "Subject: \303\244");
	sample_repeat(&text, "x", 2000);
	buf_puts(&text, "\r\n\r\n");
	sample_repeat(&text, "y", 2000);
	buf_puts(&text, "\r\n");
	begin(&s, BOUNCE_FAILED, "bob@there.example", text.data);
	write_notice(&s);
	check_part("quoted", s.text.data, "Subject: =C3=A4xxxx");
	check("no 8 bits", !span_has_8bit(buf_span(&s.text)));
	check("short lines", s.notice.longest < 100);
	check_figures("header", &s);
	end(&s);
	buf_free(&text);
}

TEST(the_figures_of_the_notice_are_right)
{
	struct sample s;

	begin(&s, BOUNCE_FAILED, "bob@there.example", MESSAGE "\303\244\r\n");
	write_notice(&s);
	check_figures("whole", &s);
	end(&s);
}

TEST(many_mails_are_told_of_at_once)
{
	struct bounce_item items[2];
	struct sample s;

	begin(&s, BOUNCE_FAILED, "bob@there.example", MESSAGE);
	items[0] = items[1] = s.item;
	s.bounce.item = items;
	s.bounce.n = 2;
	s.bounce.message = NULL;
	write_notice(&s);
	check_part("words", s.text.data, "2 of your mails");
	check("no third part", strstr(s.text.data, "rfc822-headers") == NULL &&
				   strstr(s.text.data, "message/rfc822") == NULL);
	check("no id of one", strstr(s.text.data, "Queue-ID") == NULL);
	end(&s);
}

TEST(who_wants_no_notice_gets_none)
{
	static const struct {
		const char *label, *sender;
		unsigned notify, own;
		bool failed, delayed, relayed;
	} cases[] = {
		{ "nothing said", "a@b", NOTIFY_UNSET, NOTIFY_UNSET, true, true, false },
		{ "never", "a@b", NOTIFY_NEVER, NOTIFY_UNSET, false, false, false },
		{ "success", "a@b", NOTIFY_SUCCESS, NOTIFY_UNSET, false, false, true },
		{ "failure", "a@b", NOTIFY_FAILURE, NOTIFY_UNSET, true, false, false },
		{ "delay", "a@b", NOTIFY_DELAY, NOTIFY_UNSET, false, true, false },
		{ "all", "a@b", NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY,
		    NOTIFY_UNSET, true, true, true },
		{ "one never", "a@b", NOTIFY_UNSET, NOTIFY_NEVER, false, false, false },
		{ "one in place of all", "a@b", NOTIFY_NEVER, NOTIFY_SUCCESS, false,
		    false, true },
		{ "the null sender", "", NOTIFY_FAILURE, NOTIFY_FAILURE, false, false,
		    false },
		{ "no sender", NULL, NOTIFY_FAILURE, NOTIFY_FAILURE, false, false,
		    false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct envelope e = { .notify = cases[i].notify };
		const struct recipient to = { .notify = cases[i].own };

		if (cases[i].sender != NULL)
			envelope_set_sender(&e, cases[i].sender);
		check_int(cases[i].label, bounce_is_wanted(&e, &to, BOUNCE_FAILED),
		    cases[i].failed);
		check_int(cases[i].label, bounce_is_wanted(&e, &to, BOUNCE_DELAYED),
		    cases[i].delayed);
		check_int(cases[i].label, bounce_is_wanted(&e, &to, BOUNCE_RELAYED),
		    cases[i].relayed);
		envelope_free(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bounce_tells_people_and_programs_what_happened),
		cmocka_unit_test(each_recipient_gets_fields_by_what_became_of_them),
		cmocka_unit_test(what_was_seen_here_is_told_where_no_server_spoke),
		cmocka_unit_test(a_success_is_told_without_a_diagnosis),
		cmocka_unit_test(a_delay_says_how_long_it_goes_on),
		cmocka_unit_test(names_that_only_the_sender_knows_are_told),
		cmocka_unit_test(the_mail_itself_goes_back_only_where_it_may),
		cmocka_unit_test(long_lines_and_8_bits_do_not_get_out),
		cmocka_unit_test(the_figures_of_the_notice_are_right),
		cmocka_unit_test(many_mails_are_told_of_at_once),
		cmocka_unit_test(who_wants_no_notice_gets_none),
	};

	return cmocka_run_group_tests_name("bounce", tests, NULL, NULL);
}
