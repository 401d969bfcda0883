/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "smtp/caps.h"

TEST(keywords_are_capabilities_after_the_first_line_only)
{
	static const struct {
		const char *text;
		unsigned set;
		uint64_t size;
		const char *auth;
	} cases[] = {
		{ "", 0, 0, "" },
		{ "mx.example greets you", 0, 0, "" },
		{ "PIPELINING", 0, 0, "" },
		{ "PIPELINING STARTTLS AUTH=PLAIN", 0, 0, "" },
		{ "mx\nPIPELINING", CAP_PIPELINING, 0, "" },
		{ "\nPIPELINING", CAP_PIPELINING, 0, "" },
		{ "mx\npipelining\n8BitMime", CAP_PIPELINING | CAP_8BITMIME, 0, "" },
		{ "mx\nSMTPUTF8\nDSN\nSTARTTLS\nENHANCEDSTATUSCODES\nCHUNKING",
		    CAP_SMTPUTF8 | CAP_DSN | CAP_STARTTLS | CAP_ENHANCED | CAP_CHUNKING,
		    0, "" },
		{ "mx\nETRN", CAP_ETRN, 0, "" },
		{ "mx\nLIMITS RCPTMAX=5", CAP_LIMITS, 0, "" },
		{ "mx\nHELP\nX-ANYTHING\nPIPELINING", CAP_PIPELINING, 0, "" },
		{ "mx\nPIPELINING \n  DSN", CAP_PIPELINING | CAP_DSN, 0, "" },
		{ "mx\nDSN RET=HDRS", CAP_DSN, 0, "" },
		{ "mx\n\n\nDSN", CAP_DSN, 0, "" },

		/* Whole words */
		{ "mx\nXPIPELINING\nPIPELININGX\nPIPE\nDSN2\nNODSN", 0, 0, "" },
		{ "mx\n8BITMIMEX\nSTARTTLS2\nSIZELIMIT 5\nAUTHX PLAIN", 0, 0, "" },
		{ "mx\nX PIPELINING", 0, 0, "" },
		{ "mx\nDSN,PIPELINING", 0, 0, "" },
		{ "mx\nSTARTTLS=1", 0, 0, "" },

		/* SIZE: RFC 1870 */
		{ "mx\nSIZE", CAP_SIZE, 0, "" },
		{ "mx\nSIZE 0", CAP_SIZE, 0, "" },
		{ "mx\nSIZE 1000", CAP_SIZE, 1000, "" },
		{ "mx\nsize 35882577 ", CAP_SIZE, 35882577, "" },
		{ "mx\nSIZE 00001000", CAP_SIZE, 1000, "" },
		{ "mx\nSIZE 9223372036854775807", CAP_SIZE, INT64_MAX, "" },
		{ "mx\nSIZE 9223372036854775808", CAP_SIZE, 0, "" },
		{ "mx\nSIZE 18446744073709551609", CAP_SIZE, 0, "" },
		{ "mx\nSIZE 99999999999999999999999", CAP_SIZE, 0, "" },
		{ "mx\nSIZE -1", CAP_SIZE, 0, "" },
		{ "mx\nSIZE 10M", CAP_SIZE, 0, "" },
		{ "mx\nSIZE 1000 2000", CAP_SIZE, 0, "" },
		{ "mx\nSIZE=1000", 0, 0, "" },

		/* AUTH: RFC 4954, and the older form with '=' */
		{ "mx\nAUTH", CAP_AUTH, 0, "" },
		{ "mx\nAUTH PLAIN", CAP_AUTH, 0, "PLAIN" },
		{ "mx\nauth plain Login", CAP_AUTH, 0, "PLAIN LOGIN" },
		{ "mx\nAUTH  PLAIN   LOGIN ", CAP_AUTH, 0, "PLAIN LOGIN" },
		{ "mx\nAUTH=PLAIN LOGIN", CAP_AUTH, 0, "PLAIN LOGIN" },
		{ "mx\nAUTH PLAIN\nAUTH=LOGIN", CAP_AUTH, 0, "PLAIN LOGIN" },
		{ "mx\nAUTH PLAIN\nDSN\nAUTH LOGIN", CAP_AUTH | CAP_DSN, 0,
		    "PLAIN LOGIN" },
		{ "mx\nAUTH \001x \303\274", CAP_AUTH, 0, "?X ??" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct caps c;

		caps_parse(&c, span_of(cases[i].text));
		check_int(cases[i].text, c.set, cases[i].set);
		check(cases[i].text, c.size == cases[i].size);
		check_text(cases[i].text, c.auth, cases[i].auth);
	}
}

/* RFC 9422, 4.1: up to six digits, of which the first isn't 0. */
TEST(limits_are_numbers_or_none)
{
	static const struct {
		const char *text;
		unsigned mail_max, rcpt_max;
	} cases[] = {
		{ "mx\nLIMITS", 0, 0 },
		{ "mx\nLIMITS MAILMAX=50 RCPTMAX=100", 50, 100 },
		{ "mx\nlimits rcptmax=1  mailmax=999999", 999999, 1 },
		{ "mx\nLIMITS RCPTDOMAINMAX=1 RCPTMAX=7", 0, 7 },
		{ "mx\nLIMITS RCPTMAX RCPTMAX= MAILMAX=x", 0, 0 },
		{ "mx\nLIMITS RCPTMAX=0 MAILMAX=007", 0, 0 },
		{ "mx\nLIMITS RCPTMAX=1000000 MAILMAX=-1", 0, 0 },
		{ "mx\nLIMITS XRCPTMAX=5 RCPTMAX=5x", 0, 0 },
		{ "mx\nXLIMITS RCPTMAX=5", 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct caps c;

		caps_parse(&c, span_of(cases[i].text));
		check_int(cases[i].text, c.mail_max, cases[i].mail_max);
		check_int(cases[i].text, c.rcpt_max, cases[i].rcpt_max);
	}
}

TEST(every_capability_is_had_or_not)
{
	struct caps c;

	caps_parse(&c, span_of("mx\nDSN\nAUTH PLAIN"));
	assert_true(caps_have(&c, CAP_DSN));
	assert_true(caps_have(&c, CAP_AUTH));
	assert_false(caps_have(&c, CAP_SIZE));
	assert_false(caps_have(&c, CAP_PIPELINING));
}

TEST(what_an_earlier_answer_said_counts_no_more)
{
	struct caps c;

	caps_parse(&c, span_of("mx\nDSN\nSIZE 5\nAUTH PLAIN"));
	caps_parse(&c, span_of("mx\nPIPELINING"));
	assert_int_equal(c.set, CAP_PIPELINING);
	assert_true(c.size == 0);
	assert_string_equal(c.auth, "");
}

TEST(more_methods_than_there_is_room_for_are_dropped_whole)
{
	struct buf text;
	struct caps c;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "mx\n");
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "AUTH METHOD-%03d X%0*d\n", i, CAPS_AUTH_MAX, i);
	caps_parse(&c, buf_span(&text));
	assert_true(strlen(c.auth) < CAPS_AUTH_MAX);
	assert_memory_equal(c.auth, "METHOD-000 METHOD-001 METHOD-002 ", 33);
	assert_null(strchr(c.auth, 'X'));
	/* the last is whole: ten letters each, and the blanks between */
	assert_int_equal((strlen(c.auth) + 1) % 11, 0);
	buf_free(&text);
}

TEST(a_name_with_a_nul_is_none)
{
	struct caps c;

	caps_parse(&c, span_bytes("mx\nAUTH PL\0AIN LOGIN", 20));
	assert_string_equal(c.auth, "LOGIN");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keywords_are_capabilities_after_the_first_line_only),
		cmocka_unit_test(limits_are_numbers_or_none),
		cmocka_unit_test(every_capability_is_had_or_not),
		cmocka_unit_test(what_an_earlier_answer_said_counts_no_more),
		cmocka_unit_test(more_methods_than_there_is_room_for_are_dropped_whole),
		cmocka_unit_test(a_name_with_a_nul_is_none),
	};

	return cmocka_run_group_tests_name("caps", tests, NULL, NULL);
}
