/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/span.h"

TEST(a_trim_takes_blanks_and_line_ends_from_both_ends_only)
{
	static const struct {
		const char *text, *trimmed;
	} cases[] = {
		{ "", "" },
		{ " \t\r\n ", "" },
		{ "a", "a" },
		{ " a b ", "a b" },
		{ "\r\n\ta\n b\r\n", "a\n b" },
		{ "\va\f", "\va\f" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span s = span_trim(span_of(cases[i].text));

		check(cases[i].text, span_is(s, cases[i].trimmed));
	}
}

TEST(a_cut_gives_every_part_once)
{
	static const struct {
		const char *text, *parts; /* joined by '|', with '.' behind the last */
	} cases[] = {
		{ "", "." },
		{ "a", "a|." },
		{ "a,b", "a|b|." },
		{ "a,", "a|." },
		{ ",", "|." },
		{ ",a,,b", "|a||b|." },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span left = span_of(cases[i].text), part;
		char got[64] = "";
		size_t n = 0;

		while (span_cut(&left, ',', &part))
			n += (size_t)snprintf(
			    got + n, sizeof got - n, "%.*s|", (int)part.n, part.p);
		(void)snprintf(got + n, sizeof got - n, ".");
		check_text(cases[i].text, got, cases[i].parts);
		check_int(cases[i].text, left.n, 0);
	}
}

TEST(spans_are_compared_by_their_whole_length)
{
	assert_true(span_is(span_of("abc"), "abc"));
	assert_false(span_is(span_of("abc"), "ab"));
	assert_false(span_is(span_of("ab"), "abc"));
	assert_false(span_is(span_of("ABC"), "abc"));
	assert_true(span_is(span_bytes("", 0), ""));
	assert_false(span_is(span_bytes("a\0b", 3), "a"));
}

TEST(case_is_folded_for_ascii_letters_only)
{
	assert_true(span_is_nocase(span_of("aBc-1"), "AbC-1"));
	assert_false(span_is_nocase(span_of("abc"), "abcd"));
	assert_false(span_is_nocase(span_of("\xc3\xa4"), "\xc3\x84"));
	assert_false(span_is_nocase(span_of("["), "{"));
	assert_true(span_starts_nocase(span_of("Resent-To"), "resent-"));
	assert_true(span_starts_nocase(span_of("resent-"), "Resent-"));
	assert_false(span_starts_nocase(span_of("Resent"), "Resent-"));
}

TEST(a_byte_above_0x7f_is_found_wherever_it_stands)
{
	char text[300];

	memset(text, 'x', sizeof text);
	assert_false(span_has_8bit(span_bytes(text, sizeof text)));
	assert_false(span_has_8bit(span_bytes(text, 0)));
	for (size_t i = 0; i < sizeof text; i++) {
		text[i] = (char)0x80;
		assert_true(span_has_8bit(span_bytes(text, sizeof text)));
		assert_false(span_has_8bit(span_bytes(text, i)));
		text[i] = 'x';
	}
}

TEST(a_copy_ends_with_a_nul_and_is_ones_own)
{
	char text[] = "abcdef";
	char *copy = span_dup(span_bytes(text, 3));

	text[0] = 'X';
	assert_string_equal(copy, "abc");
	free(copy);
	copy = span_dup(span_bytes(text, 0));
	assert_string_equal(copy, "");
	free(copy);
}

TEST(every_char_is_in_its_classes)
{
	for (int i = 0; i < 256; i++) {
		char c = (char)i, label[16];

		(void)snprintf(label, sizeof label, "0x%02x", (unsigned)i);
		check_int(label, is_blank(c), i == ' ' || i == '\t');
		check_int(label, is_control(c), i < 0x20 || i == 0x7f);
		check_int(label, is_8bit(c), i >= 0x80);
		check_int(label, is_digit(c), i >= '0' && i <= '9');
	}
}

TEST(a_number_is_all_digits_and_not_above_its_limit)
{
	static const struct {
		const char *text;
		unsigned base;
		uint64_t max, n;
		bool ok;
	} cases[] = {
		{ "0", 10, 0, 0, true },
		{ "1", 10, 0, 0, false },
		{ "", 10, 9, 0, false },
		{ "-1", 10, 9, 0, false },
		{ " 1", 10, 9, 0, false },
		{ "1a", 10, 99, 0, false },
		{ "1a", 16, 99, 26, true },
		{ "1A", 16, 99, 0, false },
		{ "255", 10, 255, 255, true },
		{ "256", 10, 255, 0, false },
		{ "18446744073709551615", 10, UINT64_MAX, UINT64_MAX, true },
		{ "18446744073709551616", 10, UINT64_MAX, 0, false },
		{ "99999999999999999999", 10, UINT64_MAX, 0, false },
		{ "ffffffffffffffff", 16, UINT64_MAX, UINT64_MAX, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t n = 0;

		check(cases[i].text, span_number(span_of(cases[i].text), cases[i].base,
					 cases[i].max, &n) == cases[i].ok);
		if (cases[i].ok)
			check(cases[i].text, n == cases[i].n);
	}
}

TEST(what_is_long_is_shown_in_part)
{
	assert_int_equal(span_shown(span_of(""), 3), 0);
	assert_int_equal(span_shown(span_of("abc"), 3), 3);
	assert_int_equal(span_shown(span_of("abcd"), 3), 3);
	assert_int_equal(span_shown(span_bytes("", SIZE_MAX), 3), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_trim_takes_blanks_and_line_ends_from_both_ends_only),
		cmocka_unit_test(a_cut_gives_every_part_once),
		cmocka_unit_test(spans_are_compared_by_their_whole_length),
		cmocka_unit_test(case_is_folded_for_ascii_letters_only),
		cmocka_unit_test(a_byte_above_0x7f_is_found_wherever_it_stands),
		cmocka_unit_test(a_copy_ends_with_a_nul_and_is_ones_own),
		cmocka_unit_test(every_char_is_in_its_classes),
		cmocka_unit_test(a_number_is_all_digits_and_not_above_its_limit),
		cmocka_unit_test(what_is_long_is_shown_in_part),
	};

	return cmocka_run_group_tests_name("span", tests, NULL, NULL);
}
