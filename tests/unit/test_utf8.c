/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/utf8.h"

TEST(only_well_formed_utf8_is_utf8)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "", true }, { "plain", true }, { "\302\200", true }, /* U+0080 */
		{ "\337\277", true },                                  /* U+07FF */
		{ "\340\240\200", true },                              /* U+0800 */
		{ "\355\237\277", true },                              /* U+D7FF */
		{ "\356\200\200", true },                              /* U+E000 */
		{ "\357\277\277", true },                              /* U+FFFF */
		{ "\360\220\200\200", true },                          /* U+10000 */
		{ "\364\217\277\277", true },                          /* U+10FFFF */
		{ "a\303\244b\342\202\254c", true },
		{ "\200", false },             /* begins with a follower */
		{ "\300\200", false },         /* overlong NUL */
		{ "\301\277", false },         /* overlong */
		{ "\340\237\277", false },     /* overlong */
		{ "\360\217\277\277", false }, /* overlong */
		{ "\355\240\200", false },     /* a surrogate */
		{ "\355\277\277", false },
		{ "\364\220\200\200", false }, /* above U+10FFFF */
		{ "\365\200\200\200", false },
		{ "\370\210\200\200\200", false },    /* five bytes */
		{ "\377", false }, { "\303", false }, /* cut off */
		{ "\342\202", false }, { "\360\220\200", false }, { "\303a", false },
		{ "\342\202a", false }, { "\360\220\200a", false },
		{ "m\374ller", false }, /* Latin-1 */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span text = span_of(cases[i].text);
		struct utf8 bytewise = { 0 };

		check_int(cases[i].text, is_utf8(text), cases[i].is);
		for (size_t k = 0; k < text.n; k++)
			utf8_feed(&bytewise, span_bytes(text.p + k, 1));
		check_int(cases[i].text, utf8_is_whole(&bytewise), cases[i].is);
	}
}

TEST(text_of_others_is_made_fit_for_a_terminal)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "" }, { "plain", "plain" }, { "two\nlines\n", "two|lines|" },
		{ "\33[31mred\7\177\r", "?[31mred???" },
		{ "a\303\244b\342\202\254c", "a\303\244b\342\202\254c" },
		{ "\302\23331m", "??31m" },            /* U+009B */
		{ "\302\240", "\302\240" },            /* U+00A0 */
		{ "m\374ller", "m?ller" },             /* Latin-1 */
		{ "\342\200\256gro", "???gro" },       /* U+202E: from right to left */
		{ "\342\200\250", "???" },             /* U+2028: a line end */
		{ "\342\200\217 \330\234", "??? ??" }, /* U+200F, U+061C */
		{ "\342\200\213", "\342\200\213" },    /* U+200B: only no blank */
		{ "\342\201\247x", "???x" },           /* U+2067 */
		{ "\342\200\224", "\342\200\224" },    /* U+2014 */
		{ "\342\202", "??" },                  /* cut off */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[64];

		(void)snprintf(text, sizeof text, "%s", cases[i].text);
		make_printable(text, strlen(text), '|');
		assert_string_equal(text, cases[i].shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_well_formed_utf8_is_utf8),
		cmocka_unit_test(text_of_others_is_made_fit_for_a_terminal),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
