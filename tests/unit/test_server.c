/* SPDX-License-Identifier: ISC
 *
 * test_server.c - a whole session: what a client says, what it hears, and what is kept
 *
 * What is heard is given as codes: "220 250 ..." with a '-' behind those of lines that
 * have more behind them.
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/basket.h"
#include "lib/sample.h"
#include "lib/script.h"

#define HELLO "EHLO c\r\n"
#define HEARD "220 250+ " /* the greeting, and the answer to EHLO */

/* The codes of replies, each once: "220 250+ 354". A '+' is for more lines than one. */
static void
codes(const char *said, char *out, size_t size)
{
	struct span left = span_of(said), line;
	bool more = false;
	size_t n = 0;

	out[0] = '\0';
	while (span_cut(&left, '\n', &line)) {
		bool last = line.n > 3 && line.p[3] == ' ';

		if (last)
			n += (size_t)snprintf(out + n, size - n, "%s%.3s%s",
			    n > 0 ? " " : "", line.p, more ? "+" : "");
		more = !last;
	}
}

static void
check_session(const char *label, const struct service *service, const char *says,
    const char *want, const char *log)
{
	char got[2000];
	struct basket b;
	char *said;

	basket_init(&b);
	said = basket_play(&b, service, span_of(says));
	codes(said, got, sizeof got);
	check_text(label, got, want);
	if (log != NULL)
		check_text(label, b.log.data, log);
	check_int(label, b.ended, 0);
	free(said);
	basket_free(&b);
}

TEST(every_command_has_its_reply)
{
	static const struct {
		const char *says, *codes;
	} cases[] = {
		{ "", "220" },
		{ "EHLO c\r\nQUIT\r\n", "220 250+ 221" },
		{ "HELO c\r\nQUIT\r\n", "220 250 221" },
		{ "EHLO\r\n", "220 501" },
		{ "HELO [127.0.0.1]\r\n", "220 250" },
		{ "LHLO c\r\n", "220 500" },
		{ "NOOP\r\nnoop x y\r\nRSET\r\nHELP\r\nHELP MAIL\r\n",
		    "220 250 250 250 214+ 214+" },
		{ "VRFY root\r\nVRFY\r\nEXPN staff\r\n", "220 252 501 502" },
		{ "STARTTLS\r\nAUTH PLAIN x\r\n", "220 502 502" },
		{ "FOO\r\n\r\n \r\nEHLOX c\r\n", "220 500 500 500 500" },
		{ "NOOP a\001b\r\n", "220 501" },
		{ "RCPT TO:<a@x>\r\nDATA\r\nBDAT 0 LAST\r\n", "220 503 503 503" },
		{ "MAIL FROM:<s@x>\r\nMAIL FROM:<s@x>\r\nDATA\r\n", "220 250 503 554" },
		{ "MAIL FROM:<s@x\r\nMAIL FROM:<s@x> FOO=1\r\nMAIL TO:<a@x>\r\n",
		    "220 501 555 501" },
		{ "MAIL FROM:<s@x>\r\nRCPT TO:<>\r\nRCPT TO:<a@x> FOO=1\r\nDATA x\r\n",
		    "220 250 501 555 501" },
		{ "MAIL FROM:<s@x> SIZE=1001\r\n", "220 552" },
		{ "MAIL FROM:<s@x>\r\nEHLO c\r\nRCPT TO:<a@x>\r\n", "220 250 250+ 503" },
		{ "MAIL FROM:<s@x>\r\nRSET\r\nRCPT TO:<a@x>\r\n", "220 250 250 503" },
		{ "GET / HTTP/1.0\r\nNOOP\r\n", "220 421" },
		{ "QUIT\r\nNOOP\r\n", "220 221" },
	};
	const struct service service = { .limits = { .size = 1000 } };

	for (size_t i = 0; i < COUNT(cases); i++)
		check_session(
		    cases[i].says, &service, cases[i].says, cases[i].codes, NULL);
}

TEST(a_message_is_kept_with_its_envelope)
{
	static const struct {
		const char *label, *says, *codes, *log;
	} cases[] = {
		{ "one",
		    "MAIL FROM:<s@x> BODY=8BITMIME\r\nRCPT TO:<a@x> NOTIFY=NEVER\r\n"
		    "RCPT TO:<b@x>\r\nDATA\r\na\r\n..\r\n.\r\nQUIT\r\n",
		    "220 250 250 250 354 250 221",
		    "MAIL s@x [BODY=8BITMIME]\nRCPT a@x notify=1 orcpt=-\n"
		    "RCPT b@x notify=0 orcpt=-\nMESSAGE a@x(NOTIFY=NEVER) b@x():\n"
		    "a\r\n.\r\nEND\n" },
		{ "two of them, the second with no sender",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n1\r\n.\r\n"
		    "MAIL FROM:<>\r\nRCPT TO:<b@x>\r\nDATA\r\n2\r\n.\r\n",
		    "220 250 250 354 250 250 250 354 250",
		    "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nMESSAGE a@x():\n1\r\nEND\n"
		    "MAIL  []\nRCPT b@x notify=0 orcpt=-\nMESSAGE b@x():\n2\r\nEND\n" },
		{ "in chunks",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nBDAT 4\r\na\r\n.BDAT 2\r\n\r\n"
		    "BDAT 1 LAST\r\nbNOOP\r\n",
		    "220 250 250 250 250 250 250",
		    "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nMESSAGE a@x():\n"
		    "a\r\n.\r\nb\r\nEND\n" },
		{ "chunks and DATA don't mix",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nBDAT 1\r\naDATA\r\n"
		    "RCPT TO:<b@x>\r\nMAIL FROM:<t@x>\r\nRSET\r\nNOOP\r\n",
		    "220 250 250 250 503 503 503 250 250",
		    "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nEND\n" },
		{ "a chunk that nobody wants is no command",
		    "BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n", "220 503 250", "" },
		{ "the client vanishes",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\na\r\n",
		    "220 250 250 354", "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nEND\n" },
		{ "the client vanishes from a chunk",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nBDAT 5 LAST\r\na\r\n",
		    "220 250 250", "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nEND\n" },
		{ "nobody is left",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<no-rcpt@x>\r\nDATA\r\nRSET\r\n",
		    "220 250 550+ 554 250",
		    "MAIL s@x []\nRCPT no-rcpt@x notify=0 orcpt=-\nEND\n" },
		{ "the sender isn't wanted",
		    "MAIL FROM:<later-mail@x>\r\nRCPT TO:<a@x>\r\n", "220 451 503",
		    "MAIL later-mail@x []\n" },
		{ "it is too large",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n"
		    "0123456789012345678901234567890123456789\r\n.\r\nNOOP\r\n",
		    "220 250 250 354 552 250",
		    "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nEND\n" },
		{ "one recipient too many",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\n"
		    "RCPT TO:<c@x>\r\nDATA\r\na\r\n.\r\n",
		    "220 250 250 250 452 354 250", NULL },
		{ "one message too many",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\na\r\n.\r\n"
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\na\r\n.\r\n"
		    "MAIL FROM:<s@x>\r\n",
		    "220 250 250 354 250 250 250 354 250 452", NULL },
		{ "it is refused in the end",
		    "MAIL FROM:<s@x>\r\nRCPT "
		    "TO:<no-final@x>\r\nDATA\r\na\r\n.\r\nNOOP\r\n",
		    "220 250 250 354 550+ 250", NULL },
		{ "some get it",
		    "MAIL FROM:<s@x>\r\nRCPT TO:<no-final@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n"
		    "a\r\n.\r\n",
		    "220 250 250 250 354 250", NULL },
	};
	const struct service service = {
		.limits = { .size = 40, .recipients = 2, .messages = 2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_session(cases[i].label, &service, cases[i].says, cases[i].codes,
		    cases[i].log);
}

TEST(in_lmtp_each_recipient_has_an_answer_of_its_own)
{
	const struct service service = { .lmtp = true };

	check_session("lmtp", &service,
	    "EHLO c\r\nMAIL FROM:<s@x>\r\nLHLO c\r\nMAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\n"
	    "RCPT TO:<no-final@x>\r\nRCPT TO:<no-rcpt@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n"
	    "x\r\n.\r\nQUIT\r\n",
	    "220 500 503 250+ 250 250 250 550+ 250 354 250 550+ 250 221", NULL);
}

TEST(who_ends_lines_with_lf_may_end_messages_so_only_where_that_is_safe)
{
	static const char says[] = "mail from:<s@x>\nrcpt to:<a@x>\ndata\na\n.\nnoop\n";
	const struct service bare = { .bare = true }, strict = { .bare = false };

	check_session("bare", &bare, says, "220 250 250 354 250 250", NULL);
	check_session("strict", &strict, says, "220 250 250 354", NULL);
	/* whoever says DATA with CR LF has to end the message so */
	check_session("mixed", &bare,
	    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\na\n.\nMAIL FROM:<t@x>\n\r\n.\r\n"
	    "NOOP\r\n",
	    "220 250 250 354 250 250",
	    "MAIL s@x []\nRCPT a@x notify=0 orcpt=-\nMESSAGE a@x():\n"
	    "a\r\n.\r\nMAIL FROM:<t@x>\r\n\r\nEND\n");
}

TEST(who_talks_on_and_on_without_a_message_is_sent_away)
{
	static const char *const words[] = { "NOOP", "RSET", "HELP", "VRFY a", "EHLO c",
		"HELO c", "MAIL FROM:<s@x>\r\nEHLO c" };
	const struct service service = { .limits = { .chatter = 6, .errors = 100 } };

	for (size_t i = 0; i < COUNT(words); i++) {
		const size_t at_once = strchr(words[i], '\n') != NULL ? 2 : 1;
		struct basket b;
		struct buf says;
		char *said;

		buf_init(&says, 1000);
		for (size_t n = 0; n < 6 / at_once; n++)
			buf_printf(&says, "%s\r\n", words[i]);
		basket_init(&b);
		said = basket_play(&b, &service, buf_span(&says));
		assert_null(strstr(said, "421 "));
		free(said);
		buf_puts(&says, "NOOP\r\nQUIT\r\n");
		said = basket_play(&b, &service, buf_span(&says));
		assert_non_null(
		    strstr(said, "421 4.7.0 so many commands, and no message"));
		assert_null(strstr(said, "221 "));
		free(said);
		basket_free(&b);
		buf_free(&says);
	}
}

TEST(a_message_ends_the_chatter)
{
	const struct service service = { .limits = { .chatter = 3 } };

	check_session("chatter", &service,
	    "NOOP\r\nNOOP\r\nMAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nRCPT "
	    "TO:<b@x>\r\nDATA\r\n"
	    "x\r\n.\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nQUIT\r\n",
	    "220 250 250 250 250 250 354 250 250 250 250 421", NULL);
}

TEST(the_usual_bound_of_chatter_is_told_in_the_manual)
{
	const struct service service = { .name = NULL };
	struct basket b;
	struct buf says;
	char *said;

	buf_init(&says, SIZE_MAX / 2);
	for (int i = 0; i < SERVER_CHATTER_MAX; i++)
		buf_puts(&says, "NOOP\r\n");
	buf_puts(&says, "QUIT\r\n");
	basket_init(&b);
	said = basket_play(&b, &service, buf_span(&says));
	assert_non_null(strstr(said, "221 "));
	free(said);
	basket_free(&b);
	buf_free(&says);
}

TEST(too_many_errors_end_the_session_with_a_word)
{
	const struct service service = { .limits = { .errors = 3 } };

	check_session("errors", &service, "FOO\r\nFOO\r\nNOOP\r\nFOO\r\nNOOP\r\n",
	    "220 500 500 250 500 421", NULL);
}

/* "MAIL ... RCPT <bad>" so many times, with a good one behind each `good` of them. */
static char *
play_refusals(const struct service *service, int n, int good)
{
	struct basket b;
	struct buf says;
	char *said;

	buf_init(&says, SIZE_MAX / 2);
	buf_puts(&says, "MAIL FROM:<s@x>\r\n");
	for (int i = 1; i <= n; i++) {
		buf_printf(&says, "RCPT TO:<no-rcpt%d@x>\r\n", i);
		if (good > 0 && i % good == 0)
			buf_printf(&says, "RCPT TO:<a%d@x>\r\n", i);
	}
	buf_puts(&says, "QUIT\r\n");
	basket_init(&b);
	said = basket_play(&b, service, buf_span(&says));
	basket_free(&b);
	buf_free(&says);
	return said;
}

TEST(refused_recipients_are_no_errors_unless_nobody_is_right)
{
	static const struct {
		int n, good;
		bool ends;
	} cases[] = {
		{ 30, 0, false },
		{ SERVER_GUESSES_MAX - 1, 0, false },
		{ SERVER_GUESSES_MAX, 0, true },
		{ 3 * SERVER_GUESSES_MAX, SERVER_GUESSES_MAX - 1, false },
		{ 400, 10, true },
	};
	const struct service service = { .limits = { .errors = 3, .recipients = 350 } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *said = play_refusals(&service, cases[i].n, cases[i].good);

		check_int(
		    "421", strstr(said, "421 4.7.0 so many who") != NULL, cases[i].ends);
		check_int("221", strstr(said, "221 ") != NULL, !cases[i].ends);
		free(said);
	}
}

TEST(help_names_the_commands_that_there_are)
{
	static const struct {
		bool lmtp;
		const char *greetings;
	} cases[] = { { false, "214-2.0.0 EHLO HELO MAIL" },
		{ true, "214-2.0.0 LHLO MAIL" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct service service = { .lmtp = cases[i].lmtp };
		struct basket b;
		char *said;

		basket_init(&b);
		said = basket_play(&b, &service, span_of("HELP\r\n"));
		assert_non_null(strstr(said, cases[i].greetings));
		assert_null(strstr(said, "STARTTLS")); /* which isn't offered */
		assert_null(strstr(said, "AUTH"));
		free(said);
		basket_free(&b);
	}
}

TEST(what_follows_a_chunk_of_unknown_length_is_not_taken_for_commands)
{
	static const char *const wrong[] = { "BDAT", "BDAT x LAST", "BDAT -1 LAST",
		"BDAT 1 2" };
	const struct service service = { .lmtp = false };

	for (size_t i = 0; i < COUNT(wrong); i++) {
		char says[100];

		(void)snprintf(says, sizeof says,
		    "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\n%s\r\nNOOP\r\n", wrong[i]);
		check_session(wrong[i], &service, says, "220 250 250 501 421", NULL);
	}
}

TEST(a_line_that_is_too_long_is_refused_and_the_next_is_heard)
{
	const struct service service = { .lmtp = false };
	struct buf says;

	buf_init(&says, SAMPLE_MAX);
	sample_repeat(&says, "0123456789", 100000);
	buf_puts(&says, "\r\nNOOP\r\n");
	check_session("long", &service, says.data, "220 500 250", NULL);
	buf_free(&says);
}

TEST(what_the_sink_does_not_permit_is_not_done)
{
	static const struct {
		const char *label;
		enum stage stage;
		enum cause cause;
		const char *codes;
	} cases[] = {
		{ "the connection", STAGE_GREETING, CAUSE_SYSTEM, "451" },
		{ "the hello", STAGE_HELLO, CAUSE_MESSAGE, "220 554 250 250 354 250" },
		{ "the sender", STAGE_MAIL, CAUSE_SYSTEM,
		    "220 250+ 451 503 503 500 500" },
		{ "the recipient", STAGE_RCPT, CAUSE_MESSAGE,
		    "220 250+ 250 554 554 500 500" },
		{ "the data", STAGE_DATA, CAUSE_SYSTEM, "220 250+ 250 250 451 500 500" },
		{ "the end", STAGE_FINAL, CAUSE_SYSTEM, "220 250+ 250 250 354 451" },
		{ "nothing more, at the recipient", STAGE_RCPT, CAUSE_HANGUP,
		    "220 250+ 250" },
		{ "nothing more, at the end", STAGE_FINAL, CAUSE_HANGUP,
		    "220 250+ 250 250 354" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct service service = { .lmtp = false };
		struct basket b;
		char got[500];
		char *said;

		basket_init(&b);
		b.strict = cases[i].stage;
		b.with = cases[i].cause;
		said = basket_play(&b, &service,
		    span_of(
			HELLO "MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\na\r\n.\r\n"));
		codes(said, got, sizeof got);
		check_text(cases[i].label, got, cases[i].codes);
		check_int(cases[i].label, b.ended, 0);
		free(said);
		basket_free(&b);
	}
}

TEST(a_group_of_commands_is_answered_in_one_piece)
{
	const struct script_step steps[] = {
		{ NULL, "EHLO c\r\nMAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\n" },
		{ "354", "a\r\n.\r\nQUIT\r\n" },
	};
	struct visitor visitor = { .place = "test", .uid = -1 };
	struct script script;
	struct stream stream;
	struct basket b;
	const struct service service = {
		.name = "mx.test",
		.sink = &basket_sink,
		.self = &b,
	};

	basket_init(&b);
	script_init(&script, steps, COUNT(steps), SCRIPT_CLOSES);
	script_stream(&script, &stream);
	serve_session(&service, &visitor, &stream, -1, NULL);
	check_int("writes", script.writes, 3); /* the greeting; up to 354; the rest */
	script_free(&script);
	basket_free(&b);
}

static int rests;

static bool
rests_once(bool resting)
{
	return resting && ++rests > 1;
}

TEST(a_session_that_has_to_stop_says_goodbye_between_messages)
{
	struct visitor visitor = { .place = "test", .uid = -1 };
	struct script script;
	struct stream stream;
	struct basket b;
	char got[200];
	const struct service service = {
		.name = "mx.test",
		.sink = &basket_sink,
		.self = &b,
	};

	basket_init(&b);
	script_init_bytes(&script,
	    span_of("MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nDATA\r\na\r\n.\r\nNOOP\r\n"),
	    SCRIPT_CLOSES);
	script_stream(&script, &stream);
	rests = 0;
	serve_session(&service, &visitor, &stream, -1, rests_once);
	codes(script.heard.data, got, sizeof got);
	check_text("goodbye", got, "220 250 250 354 250 421");
	script_free(&script);
	basket_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_command_has_its_reply),
		cmocka_unit_test(a_message_is_kept_with_its_envelope),
		cmocka_unit_test(in_lmtp_each_recipient_has_an_answer_of_its_own),
		cmocka_unit_test(
		    who_ends_lines_with_lf_may_end_messages_so_only_where_that_is_safe),
		cmocka_unit_test(who_talks_on_and_on_without_a_message_is_sent_away),
		cmocka_unit_test(a_message_ends_the_chatter),
		cmocka_unit_test(the_usual_bound_of_chatter_is_told_in_the_manual),
		cmocka_unit_test(too_many_errors_end_the_session_with_a_word),
		cmocka_unit_test(refused_recipients_are_no_errors_unless_nobody_is_right),
		cmocka_unit_test(help_names_the_commands_that_there_are),
		cmocka_unit_test(
		    what_follows_a_chunk_of_unknown_length_is_not_taken_for_commands),
		cmocka_unit_test(
		    a_line_that_is_too_long_is_refused_and_the_next_is_heard),
		cmocka_unit_test(what_the_sink_does_not_permit_is_not_done),
		cmocka_unit_test(a_group_of_commands_is_answered_in_one_piece),
		cmocka_unit_test(
		    a_session_that_has_to_stop_says_goodbye_between_messages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
