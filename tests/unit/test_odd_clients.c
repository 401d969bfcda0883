/* SPDX-License-Identifier: ISC
 *
 * test_odd_clients.c - what clients say that is odd, and what the RFCs want said to it
 *
 * Replies are given as "250/2.1.0 ...": the code of each, and its status where it has
 * one.
 */
#include "lib/unit.h"

#include <ctype.h>
#include <stdlib.h>

#include "auth/users.h"
#include "lib/basket.h"
#include "lib/sample.h"
#include "serve/client.h"

#define M "MAIL FROM:<s@x>\r\n"
#define R "RCPT TO:<a@x>\r\n"
#define BODY "a\r\n.\r\n"
#define RIGHT "AG9wcwBnZWhlaW0=" /* ops, geheim */
#define WRONG "AG9wcwB3cm9uZw==" /* ops, wrong */

/* The last line of each reply. */
static char *
replies(const char *said)
{
	struct span left = span_of(said), line;
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	while (span_cut(&left, '\n', &line)) {
		if (line.n < 4 || line.p[3] != ' ')
			continue;
		buf_printf(&out, "%s%.3s", out.len > 0 ? " " : "", line.p);
		if (line.n > 9 && line.p[5] == '.' && isdigit((unsigned char)line.p[4]))
			buf_printf(&out, "/%.5s", line.p + 4);
	}
	return buf_take(&out);
}

static void
check_replies(
    const char *label, const struct service *service, struct span says, const char *want)
{
	struct basket b;
	char *said, *got;

	basket_init(&b);
	said = basket_play(&b, service, says);
	got = replies(said);
	check_text(label, got, want);
	check_int(label, b.ended, 0);
	free(got);
	free(said);
	basket_free(&b);
}

struct oddity {
	const char *label;
	const char *says;
	const char *replies; /* behind the greeting */
};

static void
check_all(const struct oddity *v, size_t n, const struct service *service)
{
	for (size_t i = 0; i < n; i++) {
		char want[1000];

		(void)snprintf(want, sizeof want, "220 %s", v[i].replies);
		check_replies(v[i].label, service, span_of(v[i].says), want);
	}
}

TEST(blanks_and_cases_of_commands_do_not_matter)
{
	static const struct oddity rows[] = {
		{ "case", "eHlO c\r\nmAiL fRoM:<s@x>\r\nrCpT tO:<a@x>\r\n",
		    "250 250/2.1.0 250/2.1.5" },
		{ "a tab", "EHLO\tc\r\nMAIL\tFROM:<s@x>\r\n", "250 250/2.1.0" },
		{ "in front", " EHLO c\r\n", "250" },
		{ "two", "MAIL  FROM:<s@x>\r\n", "250/2.1.0" },
		{ "behind the colon", "MAIL FROM: <s@x>\r\nRCPT TO: <a@x>\r\n",
		    "250/2.1.0 250/2.1.5" },
		{ "before the colon", "MAIL FROM :<s@x>\r\n" M "RCPT TO :<a@x>\r\n",
		    "501/5.5.4 250/2.1.0 501/5.5.4" },
		{ "at the end", M R "DATA \r\n" BODY "NOOP \r\nQUIT \r\n",
		    "250/2.1.0 250/2.1.5 354 250/2.0.0 250/2.0.0 221/2.0.0" },
		{ "a CR amid a command", "MAIL FROM:<s@x>\rRCPT TO:<a@x>\r\n",
		    "501/5.5.2" },
		{ "bytes beyond ASCII", "NOOP \344\r\n\344\344\r\n",
		    "250/2.0.0 500/5.5.1" },
	};
	const struct service service = { .lmtp = false };

	check_all(rows, COUNT(rows), &service);
	check_replies("a NUL", &service, span_bytes("MAIL FROM:<s\0@x>\r\nNOOP\r\n", 25),
	    "220 501/5.5.2 250/2.0.0");
}

TEST(commands_that_come_too_early_or_too_late_are_refused)
{
	static const struct oddity rows[] = {
		{ "RCPT in chunks", M R "BDAT 1\r\na" R "BDAT 0 LAST\r\n",
		    "250/2.1.0 250/2.1.5 250/2.0.0 503/5.5.1 250/2.0.0" },
		{ "MAIL in chunks", M R "BDAT 1\r\na" M "BDAT 0 LAST\r\n",
		    "250/2.1.0 250/2.1.5 250/2.0.0 503/5.5.1 250/2.0.0" },
		{ "RSET in chunks", M R "BDAT 1\r\naRSET\r\nBDAT 0 LAST\r\n",
		    "250/2.1.0 250/2.1.5 250/2.0.0 250/2.0.0 503/5.5.1" },
		{ "EHLO in chunks", M R "BDAT 1\r\naEHLO c\r\nBDAT 0 LAST\r\n",
		    "250/2.1.0 250/2.1.5 250/2.0.0 250 503/5.5.1" },
		{ "a chunk behind the last",
		    M R "BDAT 1 LAST\r\naBDAT 6 LAST\r\nRSET\r\n",
		    "250/2.1.0 250/2.1.5 250/2.0.0 503/5.5.1" },
		{ "an empty chunk first", M R "BDAT 0\r\nBDAT 1 LAST\r\na",
		    "250/2.1.0 250/2.1.5 250/2.0.0 250/2.0.0" },
		{ "a chunk for nobody", M "RCPT TO:<>\r\nBDAT 6 LAST\r\nQUIT\r\nNOOP\r\n",
		    "250/2.1.0 501/5.1.3 554/5.5.1 250/2.0.0" },
		{ "HELO amid a message", M R "HELO c\r\n" R,
		    "250/2.1.0 250/2.1.5 250 503/5.5.1" },
		{ "DATA for nobody, with more behind it",
		    M "RCPT TO:<>\r\nDATA\r\nQUIT\r\n",
		    "250/2.1.0 501/5.1.3 554/5.5.1 221/2.0.0" },
		{ "more than one group",
		    M R "DATA\r\n" BODY M R "DATA\r\n" BODY "QUIT\r\nNOOP\r\n",
		    "250/2.1.0 250/2.1.5 354 250/2.0.0 250/2.1.0 250/2.1.5 354 250/2.0.0 "
		    "221/2.0.0" },
		{ "other servers' commands",
		    "ETRN x\r\nTURN\r\nSEND FROM:<s@x>\r\nXCLIENT ADDR=1.2.3.4\r\n",
		    "500/5.5.1 500/5.5.1 500/5.5.1 500/5.5.1" },
	};
	const struct service service = { .lmtp = false };

	check_all(rows, COUNT(rows), &service);
}

TEST(a_message_that_grows_too_large_is_refused_with_the_chunk_that_is_too_much)
{
	static const struct oddity rows[] = {
		{ "amid it",
		    M R "BDAT 8\r\n01234567BDAT 9\r\n012345678BDAT 6 "
			"LAST\r\nQUIT\r\nNOOP\r\n",
		    "250/2.1.0 250/2.1.5 250/2.0.0 552/5.3.4 503/5.5.1 250/2.0.0" },
		{ "at its end", M R "BDAT 17 LAST\r\n01234567890123456NOOP\r\n",
		    "250/2.1.0 250/2.1.5 552/5.3.4 250/2.0.0" },
		{ "not quite", M R "BDAT 8\r\n01234567BDAT 6 LAST\r\n012345",
		    "250/2.1.0 250/2.1.5 250/2.0.0 250/2.0.0" },
	};
	const struct service service = { .limits = { .size = 16 } };

	check_all(rows, COUNT(rows), &service);
}

TEST(addresses_are_taken_as_they_are_if_they_are_some)
{
	static const struct oddity rows[] = {
		{ "a route", "MAIL FROM:<@a.x,@b.x:s@x>\r\nRCPT TO:<@a.x:a@x>\r\n",
		    "250/2.1.0 250/2.1.5" },
		{ "quotes", M "RCPT TO:<\"a b\"@x>\r\nRCPT TO:<\"a>\\\"b\"@x>\r\n",
		    "250/2.1.0 250/2.1.5 250/2.1.5" },
		{ "literals", M "RCPT TO:<a@[127.0.0.1]>\r\nRCPT TO:<a@[IPv6:::1]>\r\n",
		    "250/2.1.0 250/2.1.5 250/2.1.5" },
		{ "an open literal", M "RCPT TO:<a@[>\r\n", "250/2.1.0 501/5.1.3" },
		{ "no domain", M "RCPT TO:<Postmaster>\r\n", "250/2.1.0 250/2.1.5" },
		{ "more than an address",
		    M "RCPT TO:<a@x>,<b@x>\r\nRCPT TO:<a,b@x>\r\nRCPT TO:<<a@x>>\r\n"
		      "RCPT TO:<a@x>NOTIFY=NEVER\r\n",
		    "250/2.1.0 501/5.1.3 501/5.1.3 501/5.1.3 501/5.1.3" },
		{ "less than that", M "RCPT TO:<a@>\r\nRCPT TO:<@x>\r\nRCPT TO:\r\n",
		    "250/2.1.0 501/5.1.3 501/5.1.3 501/5.1.3" },
		{ "UTF-8 without the word for it",
		    "MAIL FROM:<\303\274@x>\r\n" M "RCPT TO:<\303\274@x>\r\n",
		    "553/5.6.7 250/2.1.0 553/5.6.7" },
		{ "with it",
		    "MAIL FROM:<\303\274@x> SMTPUTF8\r\nRCPT TO:<\303\274@x>\r\n",
		    "250/2.1.0 250/2.1.5" },
		{ "other bytes", "MAIL FROM:<\374@x> SMTPUTF8\r\n", "501/5.1.7" },
	};
	const struct service service = { .lmtp = false };

	check_all(rows, COUNT(rows), &service);
}

TEST(a_sign_in_has_its_replies)
{
	static const struct oddity rows[] = {
		{ "right", "AUTH PLAIN " RIGHT "\r\nAUTH PLAIN " RIGHT "\r\n",
		    "235/2.7.0 503/5.5.1" },
		{ "in two lines", "auth plain\r\n" RIGHT "\r\n", "334 235/2.7.0" },
		{ "wrong", "AUTH PLAIN " WRONG "\r\nNOOP\r\n", "535/5.7.8 250/2.0.0" },
		{ "by no method", "AUTH\r\nAUTH \r\n", "501/5.5.4 501/5.5.4" },
		{ "by another one", "AUTH CRAM-MD5\r\n", "504/5.5.4" },
		{ "given up", "AUTH LOGIN =\r\n*\r\nNOOP\r\n",
		    "334 501/5.7.0 250/2.0.0" },
		{ "no base64", "AUTH PLAIN !\r\nAUTH PLAIN\r\n!\r\nNOOP\r\n",
		    "501/5.5.2 334 501/5.5.2 250/2.0.0" },
		{ "a word too much", "AUTH PLAIN " RIGHT " x\r\n", "501/5.5.2" },
		{ "amid a message", M "AUTH PLAIN " RIGHT "\r\n", "250/2.1.0 503/5.5.1" },
		{ "no answer at all", "AUTH PLAIN\r\n", "334" },
	};
	struct users *users = users_from("ops:geheim");
	const struct service service = { .users = users };

	check_all(rows, COUNT(rows), &service);
	users_free(users);
}

TEST(an_answer_that_is_too_long_ends_the_sign_in_and_not_the_session)
{
	struct users *users = users_from("ops:geheim");
	const struct service service = { .users = users };
	struct buf says;

	buf_init(&says, SAMPLE_MAX);
	buf_puts(&says, "AUTH PLAIN\r\n");
	sample_repeat(&says, "0123456789", CLIENT_LINE_MAX);
	buf_puts(&says, "\r\nNOOP\r\n");
	check_replies("long", &service, buf_span(&says), "220 334 500/5.5.6 250/2.0.0");
	buf_free(&says);
	users_free(users);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blanks_and_cases_of_commands_do_not_matter),
		cmocka_unit_test(commands_that_come_too_early_or_too_late_are_refused),
		cmocka_unit_test(
		    a_message_that_grows_too_large_is_refused_with_the_chunk_that_is_too_much),
		cmocka_unit_test(addresses_are_taken_as_they_are_if_they_are_some),
		cmocka_unit_test(a_sign_in_has_its_replies),
		cmocka_unit_test(
		    an_answer_that_is_too_long_ends_the_sign_in_and_not_the_session),
	};

	return cmocka_run_group_tests_name("odd clients", tests, NULL, NULL);
}
