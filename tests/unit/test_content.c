/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "mail/content.h"

#define MIXED(parts)                                                                     \
	"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" parts "\r\n--b--\r\n"
#define NEXT "\r\n--b\r\n"

TEST(a_message_has_text_and_html_and_what_is_attached)
{
	static const struct {
		const char *label, *message, *text, *html;
		const char *name, *type; /* of what is attached first */
		size_t size, n;
	} cases[] = {
		{ "text", "Subject: a\r\n\r\nb\r\n", "b\n", "", NULL, NULL, 0, 0 },
		{ "no body", "Subject: a\r\n", "", "", NULL, NULL, 0, 0 },
		{ "HTML", "Content-Type: text/html\r\n\r\n<b>\r\n", "", "<b>\n", NULL,
		    NULL, 0, 0 },
		{ "both", MIXED("\r\na" NEXT "Content-Type: TEXT/HTML\r\n\r\n<b>"), "a\n",
		    "<b>\n", NULL, NULL, 0, 0 },
		{ "two texts", MIXED("\r\na\r\n" NEXT "\r\nb"), "a\nb\n", "", NULL, NULL,
		    0, 0 },
		{ "base64",
		    "Content-Type: text/plain; charset=iso-8859-1\r\n"
		    "Content-Transfer-Encoding: base64\r\n\r\n5A==\r\n",
		    "\303\244\n", "", NULL, NULL, 0, 0 },
		{ "a picture",
		    MIXED("Content-Type: image/png; name=a.png\r\n"
			  "Content-Transfer-Encoding: base64\r\n\r\nAAAA\r\nAAAA"),
		    "", "", "a.png", "image/png", 6, 1 },
		{ "text in a file",
		    MIXED("Content-Disposition: attachment; filename=\"a b\"\r\n\r\nabc"),
		    "", "", "a b", "text/plain", 3, 1 },
		{ "text to be saved", MIXED("Content-Disposition: attachment\r\n\r\nabc"),
		    "", "", "", "text/plain", 3, 1 },
		{ "a name of RFC 2231",
		    MIXED("Content-Disposition: inline; "
			  "filename*=UTF-8'de'%C3%A4_1.txt\r\n\r\nabc"),
		    "", "", "\303\244_1.txt", "text/plain", 3, 1 },
		{ "a name of RFC 2047",
		    MIXED("Content-Type: text/csv; name=\"=?utf-8?Q?=C3=A4?=\"\r\n\r\n"),
		    "", "", "\303\244", "text/csv", 0, 1 },
		{ "no end",
		    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\na\r\n",
		    "a\n", "", NULL, NULL, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct content c;
		struct source m;
		struct outcome o;

		sample_source(&m, span_of(cases[i].message));
		check(cases[i].label, content_read(&c, &m, &o));
		check_text(cases[i].label, c.text.data, cases[i].text);
		check_text(cases[i].label, c.html.data, cases[i].html);
		check_int(cases[i].label, c.n, cases[i].n);
		if (c.n > 0 && cases[i].name != NULL) {
			check_text(cases[i].label, c.v[0].name, cases[i].name);
			check_text(cases[i].label, c.v[0].type, cases[i].type);
			check_int(cases[i].label, c.v[0].size, cases[i].size);
		}
		content_free(&c);
		source_free(&m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_has_text_and_html_and_what_is_attached),
	};

	return cmocka_run_group_tests_name("content", tests, NULL, NULL);
}
