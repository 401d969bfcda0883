/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "mail/quoted.h"

#define X70 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

TEST(each_line_has_its_quoted_form)
{
	static const struct {
		const char *line, *quoted;
	} cases[] = {
		{ "", "" },
		{ "plain text.", "plain text." },
		{ "a=b", "a=3Db" },
		{ "=", "=3D" },
		{ "\303\266", "=C3=B6" },
		{ "\377", "=FF" },
		{ "\177\001", "=7F=01" },
		{ "a b", "a b" },
		{ "a\tb", "a\tb" },
		{ "a ", "a=20" },
		{ "a\t", "a=09" },
		{ "a  ", "a =20" },
		{ "a \t", "a =09" },
		{ " ", "=20" },
		{ " a", " a" },
		{ "From me", "From me" },
		{ ".", "." },
		{ "a\rb", "a=0Db" },
		{ X70 "12345", X70 "12345" },
		{ X70 "1234567", X70 "12345=\r\n67" },
		{ X70 "123=", X70 "123=\r\n=3D" },
		{ X70 "12=", X70 "12=3D" },
		{ X70 "1234 ", X70 "1234=\r\n=20" },
		{ X70 "1234 5", X70 "1234 =\r\n5" },
		{ X70 "12345 6", X70 "12345=\r\n 6" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct quoted q = { 0 };
		struct buf out, want;

		buf_init(&out, SAMPLE_MAX);
		buf_init(&want, SAMPLE_MAX);
		buf_printf(&want, "%s\r\n", cases[i].quoted);
		quoted_encode(&q, &out, span_of(cases[i].line), true);
		check_text(cases[i].line, out.data, want.data);
		buf_free(&out);
		buf_free(&want);
	}
}

TEST(a_line_in_parts_is_the_same_line)
{
	static const char line[] = "a b  =\303\266 " X70 " \t" X70 "\t";
	struct quoted whole = { 0 };
	struct buf want;

	buf_init(&want, SAMPLE_MAX);
	quoted_encode(&whole, &want, span_of(line), true);
	for (size_t cut = 0; cut < sizeof line; cut++) {
		struct quoted q = { 0 };
		struct buf out;

		buf_init(&out, SAMPLE_MAX);
		quoted_encode(&q, &out, span_bytes(line, cut), false);
		quoted_encode(&q, &out, span_of(line + cut), true);
		assert_string_equal(out.data, want.data);
		quoted_encode(&q, &out, span_of("next"), true);
		assert_string_equal(out.data + want.len, "next\r\n");
		buf_free(&out);
	}
	buf_free(&want);
}

TEST(bytes_of_every_value_come_back_whatever_the_length_of_the_line)
{
	for (size_t n = 0; n < 400; n += 3) {
		struct quoted q = { 0 };
		struct buf line, out, back;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu bytes", n);
		buf_init(&line, SAMPLE_MAX);
		buf_init(&out, SAMPLE_MAX);
		buf_init(&back, SAMPLE_MAX);
		for (size_t i = 0; i < n; i++)
			buf_addc(&line, (char)(i * 11 % 256));
		quoted_encode(&q, &out, buf_span(&line), true);
		buf_puts(&line, "\r\n");
		check(label, sample_unquote(buf_span(&out), &back));
		check_int(label, back.len, line.len);
		check(label, memcmp(back.data, line.data, line.len) == 0);
		buf_free(&line);
		buf_free(&out);
		buf_free(&back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_has_its_quoted_form),
		cmocka_unit_test(a_line_in_parts_is_the_same_line),
		cmocka_unit_test(
		    bytes_of_every_value_come_back_whatever_the_length_of_the_line),
	};

	return cmocka_run_group_tests_name("quoted", tests, NULL, NULL);
}
