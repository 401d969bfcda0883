/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/clock.h"
#include "lib/sample.h"
#include "lib/script.h"
#include "smtp/reply.h"

/* One after the other, "250=text|" for each; at the end "!" and the cause's name. */
static void
read_all_but(struct script *s, struct span hidden, struct buf *got)
{
	struct stream stream;
	struct reply r;
	struct outcome o;

	script_stream(s, &stream);
	reply_init(&r);
	r.hide[0] = hidden;
	while (reply_read(&r, &stream, clock_in(1000), &o))
		buf_printf(got, "%d=%s|", r.code, r.text.data);
	buf_printf(got, "!%s", outcome_name(&o));
	reply_free(&r);
	stream_close(&stream);
}

static void
read_all(struct script *s, struct buf *got)
{
	read_all_but(s, span_of(""), got);
}

static void
check_replies(const char *says, const char *want)
{
	static const size_t pieces[] = { 0, 1, 3 };
	const struct script_step steps[] = { { NULL, says } };

	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct script s;
		struct buf got;

		script_init(&s, steps, COUNT(steps), SCRIPT_CLOSES);
		s.read_max = pieces[i];
		buf_init(&got, SAMPLE_MAX);
		read_all(&s, &got);
		check_text(says, got.data, want);
		buf_free(&got);
		script_free(&s);
	}
}

TEST(replies_are_read_one_by_one)
{
	static const struct {
		const char *says, *want;
	} cases[] = {
		{ "", "!HANGUP" },
		{ "250 ok\r\n", "250=ok|!HANGUP" },
		{ "250 ok\n", "250=ok|!HANGUP" },
		{ "250 ok\r\n550 5.1.1 no\r\n", "250=ok|550=5.1.1 no|!HANGUP" },
		{ "250\r\n", "250=|!HANGUP" },
		{ "250 \r\n", "250=|!HANGUP" },
		{ "250  two blanks\r\n", "250= two blanks|!HANGUP" },
		{ "250-a\r\n250-b\r\n250 c\r\n", "250=a\nb\nc|!HANGUP" },
		{ "250-\r\n250-\r\n250\r\n", "250=\n\n|!HANGUP" },
		{ "250-a\r\n250\r\n", "250=a\n|!HANGUP" },
		{ "250-a\n250 b\n220 c\n", "250=a\nb|220=c|!HANGUP" },
		{ "200 low\r\n599 high\r\n", "200=low|599=high|!HANGUP" },
		{ "354 go\r\n", "354=go|!HANGUP" },
		{ "250 250 twice\r\n", "250=250 twice|!HANGUP" },
		{ "250 \303\266\377\r\n", "250=\303\266\377|!HANGUP" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_replies(cases[i].says, cases[i].want);
}

TEST(what_is_no_reply_is_never_skipped_or_repaired)
{
	static const char *const lines[] = { "", " ", "25", "2", "hello", "250x",
		"250\tok", "250:ok", "250=ok", "250_ok", "25O ok", "2 50", " 250 ok",
		"199 low", "600 high", "000 zero", "999 no", "100 go on", "-250 ok",
		"2500 ok", "250.ok" };

	for (size_t i = 0; i < COUNT(lines); i++) {
		char says[200];

		(void)snprintf(says, sizeof says, "%s\r\n250 ok\r\n", lines[i]);
		check_replies(says, "!PROTOCOL");
		(void)snprintf(says, sizeof says, "250 a\r\n%s\r\n250 ok\r\n", lines[i]);
		check_replies(says, "250=a|!PROTOCOL");
		(void)snprintf(says, sizeof says, "250-a\r\n%s\r\n250 ok\r\n", lines[i]);
		check_replies(says, "!PROTOCOL");
	}
}

TEST(what_another_protocol_says_is_known)
{
	check_replies("HTTP/1.1 400 Bad Request\r\n", "!NOT_SMTP");
	check_replies("+OK ready\r\n", "!NOT_SMTP");
	check_replies("* OK [CAPABILITY IMAP4rev1] ready\r\n", "!NOT_SMTP");
	check_replies("SSH-2.0-OpenSSH_9.2\r\n", "!NOT_SMTP");
	check_replies("250-a\r\nHTTP/1.1 400 Bad Request\r\n", "!NOT_SMTP");
}

TEST(the_lines_of_one_reply_have_one_code)
{
	static const char *const cases[] = {
		"250-a\r\n251 b\r\n",
		"250-a\r\n550 b\r\n",
		"250-a\r\n250-b\r\n251-c\r\n250 d\r\n",
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_replies(cases[i], "!PROTOCOL");
}

TEST(a_reply_that_breaks_off_is_none)
{
	static const char *const cases[] = { "2", "250", "250 ok", "250-a\r\n",
		"250-a\r\n250 b", "250-a\r\n250" };

	for (size_t i = 0; i < COUNT(cases); i++)
		check_replies(cases[i], "!HANGUP");
}

TEST(a_bad_line_is_quoted_in_part_and_without_control_characters)
{
	const struct script_step steps[] = { { NULL, "\033[2J hello \001\r\n" } };
	struct stream stream;
	struct script s;
	struct reply r;
	struct outcome o;

	script_init(&s, steps, COUNT(steps), SCRIPT_CLOSES);
	script_stream(&s, &stream);
	reply_init(&r);
	assert_false(reply_read(&r, &stream, clock_in(1000), &o));
	check_part("quoted", o.text, "\"?[2J hello ?\"");
	reply_free(&r);
	stream_close(&stream);
	script_free(&s);
}

TEST(a_nul_in_a_reply_does_no_harm)
{
	static const char says[] = "250 a\0b\r\n250 c\r\n";
	struct stream stream;
	struct script s;
	struct reply r;
	struct outcome o;

	script_init_bytes(&s, span_bytes(says, sizeof says - 1), SCRIPT_CLOSES);
	script_stream(&s, &stream);
	reply_init(&r);
	assert_true(reply_read(&r, &stream, clock_in(1000), &o));
	assert_int_equal(r.text.len, 3);
	assert_true(reply_read(&r, &stream, clock_in(1000), &o));
	assert_string_equal(r.text.data, "c");
	reply_free(&r);
	stream_close(&stream);
	script_free(&s);
}

/* RFC 5321 says 512 for a line: the wild says more. Both limits are ours. */
TEST(lines_and_replies_have_limits)
{
	static const struct {
		size_t line, lines;
		bool ok;
	} cases[] = {
		{ 512, 1, true },
		{ REPLY_LINE_MAX - 4, 1, true },
		{ REPLY_LINE_MAX - 3, 1, false },
		{ 1000, 255, true },
		{ 1000, 300, false },
		{ 0, 10000, true },
		{ 0, REPLY_TEXT_MAX + 2, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf says, got;
		struct script s;
		char label[64];

		(void)snprintf(label, sizeof label, "%zu lines of %zu", cases[i].lines,
		    cases[i].line);
		buf_init(&says, SAMPLE_MAX);
		buf_init(&got, SAMPLE_MAX);
		for (size_t k = 1; k <= cases[i].lines; k++) {
			buf_puts(&says, k < cases[i].lines ? "250-" : "250 ");
			sample_repeat(&says, "x", cases[i].line);
			buf_puts(&says, "\r\n");
		}
		script_init_bytes(&s, buf_span(&says), SCRIPT_CLOSES);
		read_all(&s, &got);
		check_part(label, got.data, cases[i].ok ? "|!HANGUP" : "!PROTOCOL");
		script_free(&s);
		buf_free(&says);
		buf_free(&got);
	}
}

TEST(a_server_that_says_nothing_is_waited_for_until_the_deadline)
{
	struct stream stream;
	struct script s;
	struct reply r;
	struct outcome o;
	int64_t deadline = clock_in(12345);

	script_init(&s, NULL, 0, SCRIPT_SILENT);
	script_stream(&s, &stream);
	reply_init(&r);
	assert_false(reply_read(&r, &stream, deadline, &o));
	assert_int_equal(o.cause, CAUSE_TIMEOUT);
	assert_int_equal(s.deadline, deadline);
	reply_free(&r);
	stream_close(&stream);
	script_free(&s);
}

TEST(what_is_to_be_hidden_is_starred_wherever_it_stands)
{
	static const struct {
		const char *secret, *says, *want;
	} cases[] = {
		{ "sw0rd", "535 not sw0rd, nor sw0rdsw0rd\r\n",
		    "535=not *****, nor **********|!HANGUP" },
		{ "sw0rd", "535-sw0rd\r\n535 sw0rd\r\n", "535=*****\n*****|!HANGUP" },
		{ "sw0rd", "535 sw0r d\r\n", "535=sw0r d|!HANGUP" },
		{ "****", "535 ***** no\r\n", "535=***** no|!HANGUP" },
		{ "no", "535 no\r\n", "535=no|!HANGUP" },
		{ "", "535 no\r\n", "535=no|!HANGUP" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct script s;
		struct buf got;

		script_init_bytes(&s, span_of(cases[i].says), SCRIPT_CLOSES);
		buf_init(&got, SAMPLE_MAX);
		read_all_but(&s, span_of(cases[i].secret), &got);
		check_text(cases[i].says, got.data, cases[i].want);
		buf_free(&got);
		script_free(&s);
	}
}

TEST(a_line_that_is_no_reply_is_quoted_without_what_is_to_be_hidden)
{
	struct reply r;
	struct stream stream;
	struct script s;
	struct outcome o;

	script_init_bytes(&s, span_of("AUTH PLAIN sw0rd\r\n"), SCRIPT_CLOSES);
	script_stream(&s, &stream);
	reply_init(&r);
	r.hide[1] = span_of("sw0rd");
	assert_false(reply_read(&r, &stream, clock_in(1000), &o));
	assert_non_null(strstr(o.text, "\"AUTH PLAIN *****\""));
	reply_free(&r);
	stream_close(&stream);
	script_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read_one_by_one),
		cmocka_unit_test(what_is_no_reply_is_never_skipped_or_repaired),
		cmocka_unit_test(what_another_protocol_says_is_known),
		cmocka_unit_test(the_lines_of_one_reply_have_one_code),
		cmocka_unit_test(a_reply_that_breaks_off_is_none),
		cmocka_unit_test(
		    a_bad_line_is_quoted_in_part_and_without_control_characters),
		cmocka_unit_test(a_nul_in_a_reply_does_no_harm),
		cmocka_unit_test(what_is_to_be_hidden_is_starred_wherever_it_stands),
		cmocka_unit_test(
		    a_line_that_is_no_reply_is_quoted_without_what_is_to_be_hidden),
		cmocka_unit_test(lines_and_replies_have_limits),
		cmocka_unit_test(
		    a_server_that_says_nothing_is_waited_for_until_the_deadline),
	};

	return cmocka_run_group_tests_name("reply", tests, NULL, NULL);
}
