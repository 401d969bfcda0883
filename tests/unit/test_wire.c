/* SPDX-License-Identifier: ISC
 *
 * test_wire.c - what goes over the wire when a message is handed over: how many writes,
 * which parameters, where the dots; what becomes of the mail is test_transaction.c's
 */
#include "lib/unit.h"

#include "base/mem.h"
#include "lib/delivery.h"
#include "lib/sample.h"

#define PIPELINING "mx\nPIPELINING\n"

TEST(with_pipelining_a_mail_leaves_in_two_writes)
{
	/* the server says nothing before a whole group has come */
	const struct script_step steps[] = {
		{ "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n",
		    "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n" },
		{ DELIVERY_MESSAGE ".\r\nQUIT\r\n", "250 2.0.0 queued\r\n221 bye\r\n" },
	};
	const struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	delivery_run(&r, &setting, steps, COUNT(steps));
	assert_true(r.ok);
	assert_int_equal(r.script.writes, 2);
	assert_true(r.b.quit);
	assert_int_equal(envelope_accepted(&r.e), 2);
	assert_string_equal(r.e.rcpt[0].outcome.text, "2.0.0 queued");
	assert_int_equal(r.e.rcpt[0].outcome.stage, STAGE_FINAL);
	delivery_end(&r);
}

TEST(without_pipelining_the_same_mail_goes_step_by_step)
{
	const struct script_step steps[] = {
		{ "MAIL FROM:<s@x>\r\n", "250 ok\r\n" },
		{ "RCPT TO:<a@x>\r\n", "250 ok\r\n" },
		{ "RCPT TO:<b@x>\r\n", "250 ok\r\n" },
		{ "DATA\r\n", "354 go\r\n" },
		{ DELIVERY_MESSAGE ".\r\n", "250 queued\r\n" },
	};
	const struct delivery_setting setting = { .caps = "mx" };
	struct delivery r;

	delivery_run(&r, &setting, steps, COUNT(steps));
	assert_true(r.ok);
	assert_int_equal(r.script.writes, 5);
	assert_false(r.b.quit); /* the server may not take it before its answer */
	assert_true(script_is_over(&r.script));
	assert_int_equal(envelope_accepted(&r.e), 2);
	delivery_end(&r);
}

TEST(quit_goes_along_only_with_the_last_message)
{
	const struct delivery_setting setting = { .caps = PIPELINING,
		.more_follows = true };
	struct delivery r;

	delivery_said(
	    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
	assert_true(r.ok);
	assert_false(r.b.quit);
	assert_null(strstr(r.script.heard.data, "QUIT"));
	assert_int_equal(envelope_accepted(&r.e), 2);
	delivery_end(&r);
}

/* RFC 5321, 4.5.2. The message comes in pieces of 64 kB where it is read from a file. */
TEST(a_dot_at_the_start_of_a_line_is_doubled_and_no_other)
{
	static const struct {
		const char *message, *sent;
	} cases[] = {
		{ "A: b\r\n\r\n.\r\n", "A: b\r\n\r\n..\r\n.\r\n" },
		{ "A: b\r\n\r\n..\r\n", "A: b\r\n\r\n...\r\n.\r\n" },
		{ "A: b\r\n\r\n.x\r\n.y\r\n", "A: b\r\n\r\n..x\r\n..y\r\n.\r\n" },
		{ "A: b\r\n\r\nx.\r\n a. b\r\n", "A: b\r\n\r\nx.\r\n a. b\r\n.\r\n" },
		{ ".A: b\r\n\r\n", "..A: b\r\n\r\n.\r\n" },
		{ ".\r\n.\r\n.\r\n", "..\r\n..\r\n..\r\n.\r\n" },
		{ "\r\n", "\r\n.\r\n" },
		{ "", ".\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct delivery_setting setting = {
			.caps = PIPELINING,
			.message = cases[i].message,
			.more_follows = true,
		};
		struct delivery r;

		delivery_said(
		    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
		check(cases[i].message, r.ok);
		check_text(cases[i].message, strstr(r.script.heard.data, "DATA\r\n") + 6,
		    cases[i].sent);
		delivery_end(&r);
	}
}

/* Takes the dots off again, as a server does; checks that the message ends with its dot
 * and nowhere before. */
static void
unstuff(const char *label, struct span text, struct buf *out)
{
	struct span l = { "", 0 };
	bool over = false;

	while (span_cut(&text, '\n', &l)) {
		check(label, !over && l.n > 0 && l.p[l.n - 1] == '\r');
		over = span_is(l, ".\r");
		if (over)
			continue;
		if (l.p[0] == '.')
			l = span_bytes(l.p + 1, l.n - 1);
		buf_add_span(out, l);
		buf_addc(out, '\n');
	}
	check(label, over);
}

TEST(dots_at_the_edges_of_pieces_are_doubled_once)
{
	for (size_t shift = 0; shift < 6; shift++) {
		struct buf text, back;
		struct delivery_setting setting = { .caps = PIPELINING,
			.more_follows = true };
		char label[16];
		struct delivery r;

		(void)snprintf(label, sizeof label, "shift %zu", shift);
		buf_init(&text, SAMPLE_MAX);
		buf_init(&back, SAMPLE_MAX);
		buf_puts(&text, "A: b\r\n\r\n");
		sample_repeat(&text, "x", shift);
		/* "\r\n." across every edge, whatever its place */
		while (text.len < 5 * SOURCE_CHUNK)
			buf_puts(&text, ".\r\n..\r\n");
		setting.message = text.data;
		delivery_said(
		    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
		check(label, r.ok);
		unstuff(
		    label, span_of(strstr(r.script.heard.data, "DATA\r\n") + 6), &back);
		check_text(label, back.data, text.data);
		delivery_end(&r);
		buf_free(&text);
		buf_free(&back);
	}
}

TEST(a_message_that_is_too_large_is_not_even_begun)
{
	static const struct {
		const char *caps;
		bool sent;
	} cases[] = {
		{ "mx\nPIPELINING\nSIZE 20", false },
		{ "mx\nPIPELINING\nSIZE 21", true },
		{ "mx\nPIPELINING\nSIZE", true },
		{ "mx\nPIPELINING\nSIZE 0", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct delivery_setting setting = { .caps = cases[i].caps };
		struct delivery r;

		assert_int_equal(strlen(DELIVERY_MESSAGE), 21);
		delivery_said(
		    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
		check(cases[i].caps, r.ok);
		if (cases[i].sent) {
			check_part(cases[i].caps, r.script.heard.data,
			    "MAIL FROM:<s@x> SIZE=21\r\n");
			check_int(cases[i].caps, envelope_accepted(&r.e), 2);
		} else {
			check_int(cases[i].caps, r.script.heard.len, 0);
			check_int(
			    cases[i].caps, r.e.rcpt[1].outcome.cause, CAUSE_TOO_LARGE);
			check_part(cases[i].caps, r.e.rcpt[1].outcome.text, "21 bytes");
		}
		delivery_end(&r);
	}
}

/* What stands behind MAIL FROM: and RCPT TO:, by what the server can do and what the mail
 * needs. */
TEST(parameters_are_said_where_they_are_needed_and_understood)
{
	static const struct {
		const char *label, *caps, *sender, *recipients, *message;
		const char *mail, *rcpt;
	} cases[] = {
		{ "nothing", "mx\nPIPELINING", "s@x", "a@x", DELIVERY_MESSAGE,
		    "MAIL FROM:<s@x>\r\n", "RCPT TO:<a@x>\r\n" },
		{ "the null sender", "mx\nPIPELINING", "", "a@x", DELIVERY_MESSAGE,
		    "MAIL FROM:<>\r\n", "RCPT TO:<a@x>\r\n" },
		{ "size", "mx\nPIPELINING\nSIZE 1000", "s@x", "a@x", DELIVERY_MESSAGE,
		    "MAIL FROM:<s@x> SIZE=21\r\n", "RCPT TO:<a@x>\r\n" },
		{ "8 bits, not needed", "mx\nPIPELINING\n8BITMIME", "s@x", "a@x",
		    DELIVERY_MESSAGE, "MAIL FROM:<s@x>\r\n", "RCPT TO:<a@x>\r\n" },
		{ "8 bits in the body", "mx\nPIPELINING\n8BITMIME", "s@x", "a@x",
		    "A: b\r\n\r\n\303\244\r\n", "MAIL FROM:<s@x> BODY=8BITMIME\r\n",
		    "RCPT TO:<a@x>\r\n" },
		{ "8 bits in the header", "mx\nPIPELINING\n8BITMIME", "s@x", "a@x",
		    "A: \303\244\r\n\r\nb\r\n", "MAIL FROM:<s@x> BODY=8BITMIME\r\n",
		    "RCPT TO:<a@x>\r\n" },
		{ "8 bits, not understood", "mx\nPIPELINING", "s@x", "a@x",
		    "A: b\r\n\r\n\303\244\r\n", "MAIL FROM:<s@x>\r\n",
		    "RCPT TO:<a@x>\r\n" },
		{ "UTF-8, not needed", "mx\nPIPELINING\nSMTPUTF8", "s@x", "a@x",
		    DELIVERY_MESSAGE, "MAIL FROM:<s@x>\r\n", "RCPT TO:<a@x>\r\n" },
		{ "UTF-8 in a recipient", "mx\nPIPELINING\nSMTPUTF8", "s@x",
		    "m\303\274@b\303\274.x", DELIVERY_MESSAGE,
		    "MAIL FROM:<s@x> SMTPUTF8\r\n",
		    "RCPT TO:<m\303\274@b\303\274.x>\r\n" },
		{ "UTF-8 in the sender", "mx\nPIPELINING\nSMTPUTF8\n8BITMIME\nSIZE",
		    "s\303\274@x", "a@x", DELIVERY_MESSAGE,
		    "MAIL FROM:<s\303\274@x> SIZE=21 SMTPUTF8\r\n", "RCPT TO:<a@x>\r\n" },
		{ "only the domain, not understood", "mx\nPIPELINING",
		    "s@b\303\274cher.x", "a@b\303\274cher.x", DELIVERY_MESSAGE,
		    "MAIL FROM:<s@xn--bcher-kva.x>\r\n",
		    "RCPT TO:<a@xn--bcher-kva.x>\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct delivery_setting setting = {
			.caps = cases[i].caps,
			.sender = cases[i].sender,
			.recipients = cases[i].recipients,
			.message = cases[i].message,
		};
		struct delivery r;

		delivery_said(&r, &setting, "250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
		check(cases[i].label, r.ok);
		check_int(cases[i].label, envelope_accepted(&r.e), 1);
		check_part(cases[i].label, r.script.heard.data, cases[i].mail);
		check_part(cases[i].label, r.script.heard.data, cases[i].rcpt);
		delivery_end(&r);
	}
}

TEST(notices_are_asked_for_in_the_words_of_rfc_3461)
{
	const struct delivery_setting setting = { .caps = "mx\nPIPELINING\nDSN\nSIZE" };
	struct delivery r;

	delivery_prepare_said(
	    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 ok\r\n");
	r.e.notify = NOTIFY_FAILURE | NOTIFY_DELAY;
	r.e.ret = RET_HDRS;
	r.e.envid = mem_dup("a+b=c");
	r.e.rcpt[1].orcpt = mem_dup("old+tag@x");
	delivery_go(&r);
	assert_true(r.ok);
	check_part("mail", r.script.heard.data,
	    "MAIL FROM:<s@x> SIZE=21 RET=HDRS ENVID=a+2Bb+3Dc\r\n");
	check_part("a", r.script.heard.data, "RCPT TO:<a@x> NOTIFY=FAILURE,DELAY\r\n");
	check_part("b", r.script.heard.data,
	    "RCPT TO:<b@x> NOTIFY=FAILURE,DELAY ORCPT=rfc822;old+2Btag@x\r\n");
	delivery_end(&r);
}

TEST(very_many_recipients_go_in_several_flights_and_none_is_mixed_up)
{
	enum { MANY = 1200 };
	struct buf list, says;
	struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	buf_init(&list, SAMPLE_MAX);
	buf_init(&says, SAMPLE_MAX);
	buf_puts(&says, "250 ok\r\n");
	for (int i = 0; i < MANY; i++) {
		buf_printf(&list, "user%d@list.example,", i);
		if (i % 7 == 0)
			buf_printf(&says, "550 5.1.1 no user%d\r\n", i);
		else
			buf_puts(&says, "250 ok\r\n");
	}
	buf_puts(&says, "354 go\r\n250 2.0.0 queued\r\n221 bye\r\n");
	setting.recipients = list.data;
	{
		delivery_said(&r, &setting, says.data);
	}
	assert_true(r.ok);
	for (int i = 0; i < MANY; i++) {
		const struct outcome *o = &r.e.rcpt[i].outcome;
		char text[64];

		(void)snprintf(text, sizeof text,
		    i % 7 == 0 ? "5.1.1 no user%d" : "2.0.0 queued", i);
		check_text(text, o->text, text);
	}
	assert_in_range(r.script.writes, 2, 8);
	delivery_end(&r);
	buf_free(&list);
	buf_free(&says);
}

/* Each flight waits for its answers: a refusal in the first is known in time. */
TEST(a_refused_sender_is_not_followed_by_very_many_recipients)
{
	struct buf list, says;
	struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	buf_init(&list, SAMPLE_MAX);
	buf_init(&says, SAMPLE_MAX);
	buf_puts(&says, "550 5.7.1 not you\r\n");
	for (int i = 0; i < 3000; i++) {
		buf_printf(&list, "user%d@list.example,", i);
		buf_puts(&says, "503 no sender\r\n");
	}
	setting.recipients = list.data;
	{
		delivery_said(&r, &setting, says.data);
	}
	assert_true(r.ok);
	assert_null(strstr(r.script.heard.data, "user2999@"));
	assert_int_equal(r.e.rcpt[0].outcome.code, 550);
	assert_int_equal(r.e.rcpt[0].outcome.stage, STAGE_MAIL);
	assert_int_equal((&r.e.rcpt[2999].outcome)->code, 550);
	assert_int_equal((&r.e.rcpt[2999].outcome)->stage, STAGE_MAIL);
	delivery_end(&r);
	buf_free(&list);
	buf_free(&says);
}

/* A server that stops reading while its own answers lie unread (RFC 2920, 3.1). */
TEST(a_server_with_small_buffers_is_no_deadlock)
{
	enum { MANY = 400 };
	struct script_step steps[MANY + 3];
	struct buf list;
	struct delivery_setting setting = { .caps = PIPELINING, .end = SCRIPT_SILENT };
	struct delivery r;

	buf_init(&list, SAMPLE_MAX);
	steps[0] = (struct script_step){ "MAIL FROM:", "250 ok\r\n" };
	for (int i = 0; i < MANY; i++) {
		buf_printf(&list, "user%d@list.example,", i);
		steps[1 + i] = (struct script_step){ "RCPT TO:", "250 ok\r\n" };
	}
	steps[MANY + 1] = (struct script_step){ "DATA\r\n", "354 go\r\n" };
	steps[MANY + 2] = (struct script_step){ ".\r\nQUIT\r\n", "250 queued\r\n" };
	setting.recipients = list.data;
	delivery_prepare(&r, &setting, steps, COUNT(steps));
	r.script.backlog_max = 100;
	r.script.write_max = 512;
	r.script.read_max = 64;
	delivery_go(&r);
	assert_true(r.ok);
	assert_int_equal(envelope_accepted(&r.e), MANY);
	delivery_end(&r);
	buf_free(&list);
}

static void
note(void *arg, char who, struct span l)
{
	buf_printf(arg, "%c:%.*s|", who, (int)l.n, l.p);
}

TEST(the_message_is_not_shown_but_its_size_is)
{
	struct buf seen;
	const struct observer observer = { .said = note, .arg = &seen };
	const struct delivery_setting setting = { .caps = PIPELINING };
	struct delivery r;

	buf_init(&seen, SAMPLE_MAX);
	delivery_prepare_said(
	    &r, &setting, "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n");
	r.channel.observer = &observer;
	delivery_go(&r);
	assert_string_equal(seen.data,
	    "C:MAIL FROM:<s@x>|C:RCPT TO:<a@x>|C:RCPT TO:<b@x>|C:DATA|"
	    "S:250 ok|S:250 ok|S:250 ok|S:354 go|"
	    "C:(the message: 21 bytes, 3 lines)|C:.|C:QUIT|S:250 queued|");
	delivery_end(&r);
	buf_free(&seen);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_pipelining_a_mail_leaves_in_two_writes),
		cmocka_unit_test(without_pipelining_the_same_mail_goes_step_by_step),
		cmocka_unit_test(quit_goes_along_only_with_the_last_message),
		cmocka_unit_test(a_dot_at_the_start_of_a_line_is_doubled_and_no_other),
		cmocka_unit_test(dots_at_the_edges_of_pieces_are_doubled_once),
		cmocka_unit_test(a_message_that_is_too_large_is_not_even_begun),
		cmocka_unit_test(
		    parameters_are_said_where_they_are_needed_and_understood),
		cmocka_unit_test(notices_are_asked_for_in_the_words_of_rfc_3461),
		cmocka_unit_test(
		    very_many_recipients_go_in_several_flights_and_none_is_mixed_up),
		cmocka_unit_test(
		    a_refused_sender_is_not_followed_by_very_many_recipients),
		cmocka_unit_test(a_server_with_small_buffers_is_no_deadlock),
		cmocka_unit_test(the_message_is_not_shown_but_its_size_is),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
