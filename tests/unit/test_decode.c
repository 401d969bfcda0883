/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "mail/decode.h"

TEST(a_header_reads_as_it_was_written)
{
	static const struct {
		const char *label, *body, *text;
	} cases[] = {
		{ "plain", " hello there\n", "hello there" },
		{ "nothing", "\n", "" },
		{ "folded", " one\n\ttwo\n   three\n", "one two three" },
		{ "base64", " =?utf-8?B?w6Q=?=", "\303\244" },
		{ "quoted", " =?UTF-8?q?a_=C3=A4=5F?= b", "a \303\244_ b" },
		{ "Latin 1", "=?iso-8859-1?Q?=E4?=", "\303\244" },
		{ "Japanese",
		    "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "\346\227\245\346\234\254" },
		{ "a language", "=?utf-8*de?Q?=C3=A4?=", "\303\244" },
		{ "blanks between two", "=?utf-8?Q?a?=\n =?utf-8?Q?b?= c", "ab c" },
		{ "two character sets", "=?utf-8?Q?a?= =?us-ascii?Q?b?=", "ab" },
		{ "a character cut in two",
		    "=?utf-8?B?ww==?= =?utf-8?B?pA==?=", "\303\244" },
		{ "unknown character set", "=?x-none?Q?abc?=", "abc" },
		{ "no encoding of that name", "=?utf-8?x?abc?=", "=?utf-8?x?abc?=" },
		{ "no base64", "=?utf-8?B?!?=", "=?utf-8?B?!?=" },
		{ "no end", "=?utf-8?B?w6Q=", "=?utf-8?B?w6Q=" },
		{ "only the start", "=?", "=?" },
		{ "a byte of no character", "=?utf-8?Q?a=FFb?=", "a?b" },
		{ "bytes as they are", " \303\244 b", "\303\244 b" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, SAMPLE_MAX);
		decode_field(&out, span_of(cases[i].body));
		check_text(cases[i].label, out.len > 0 ? out.data : "", cases[i].text);
		buf_free(&out);
	}
}

#define PLAIN "Content-Type: text/plain; charset=iso-8859-1\r\n"
#define MIXED "Content-Type: multipart/mixed; boundary=b\r\n"

TEST(text_in_a_message_reads_as_it_was_written)
{
	static const struct {
		const char *label, *message, *text;
	} cases[] = {
		{ "as it is", "A: b\r\n\r\nx=41\r\n", "A: b\n\nx=41\n" },
		{ "quoted",
		    PLAIN "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
			  "=E4 a=\r\nb =zz\r\n",
		    "\n\n\303\244 ab =zz\n" },
		{ "base64",
		    "Content-Transfer-Encoding: BASE64\r\n\r\naGVs\r\nbG8NCg==\r\n",
		    "\n\nhello\n" },
		{ "no base64", "Content-Transfer-Encoding: base64\r\n\r\n!!\r\n",
		    "\n\n!!\n" },
		{ "no text",
		    "Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
		    "\r\naGVsbG8=\r\n",
		    "\n\naGVsbG8=\n" },
		{ "in parts",
		    MIXED "\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
			  "aGVsbG8=\r\n--b\r\n\r\nrest\r\n--b--\r\n",
		    "\n\nhello\n--b\n\nrest\n--b--\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct source m;
		struct buf out;

		sample_source(&m, span_of(cases[i].message));
		buf_init(&out, SAMPLE_MAX);
		check(cases[i].label, decode_message(&out, &m, &o));
		check_part(cases[i].label, out.data, cases[i].text);
		buf_free(&out);
		source_free(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_reads_as_it_was_written),
		cmocka_unit_test(text_in_a_message_reads_as_it_was_written),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
