/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/encode.h"
#include "base/utf8.h"
#include "lib/sample.h"
#include "mail/word.h"

TEST(a_name_takes_the_plainest_form_that_it_can)
{
	static const struct {
		const char *name, *written;
	} cases[] = {
		{ "Joe", "Joe" }, { "Joe Public", "Joe Public" },
		{ "Joe Q. Public", "\"Joe Q. Public\"" },
		{ "Joe \"the cat\"", "\"Joe \\\"the cat\\\"\"" },
		{ "J\303\266rg", "=?utf-8?B?SsO2cmc=?=" },
		{ "J\303\266rg M\303\274ller, Jr.",
		    "=?utf-8?B?SsO2cmcgTcO8bGxlciwgSnIu?=" },
		{ "J\366rg", "=?unknown-8bit?B?SvZyZw==?=" }, /* RFC 1428, 3 */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, SAMPLE_MAX);
		word_add_name(&out, span_of(cases[i].name));
		check_text(cases[i].name, out.data, cases[i].written);
		buf_free(&out);
	}
}

/* Takes encoded words apart again: what they hold goes to `out`. Each stands on a line of
 * its own, holds whole characters where `utf8`, and keeps the limits of RFC 2047, 2. */
static void
decode(const char *label, struct span text, bool utf8, struct buf *out)
{
	struct span line;
	bool first = true;

	while (span_cut(&text, '\n', &line)) {
		size_t before = out->len;
		struct span part, word;

		check(label, first || line.p[0] == ' ');
		word = span_trim(line);
		check(label, word.n <= 75);
		check(label, span_starts_nocase(word, "=?"));
		word = span_bytes(word.p + 2, word.n - 2);
		check(label, span_cut(&word, '?', &part));
		check(label, span_is(part, utf8 ? "utf-8" : "unknown-8bit"));
		check(label, span_cut(&word, '?', &part) && span_is(part, "B"));
		check(label, span_cut(&word, '?', &part) && span_is(word, "="));
		check(label, base64_decode(out, part));
		if (utf8)
			check(label,
			    is_utf8(span_bytes(out->data + before, out->len - before)));
		first = false;
	}
}

static void
check_long_names(const char *unit, bool utf8)
{
	for (size_t ascii = 0; ascii < 4; ascii++)
		for (size_t n = 1; n < 60; n++) {
			struct buf name, out, back;
			char label[64];

			(void)snprintf(label, sizeof label, "%zu+%zu", ascii, n);
			buf_init(&name, SAMPLE_MAX);
			buf_init(&out, SAMPLE_MAX);
			buf_init(&back, SAMPLE_MAX);
			sample_repeat(&name, "a", ascii);
			sample_repeat(&name, unit, n);
			word_add_name(&out, buf_span(&name));
			decode(label, buf_span(&out), utf8, &back);
			check_text(label, back.data, name.data);
			buf_free(&name);
			buf_free(&out);
			buf_free(&back);
		}
}

TEST(a_long_name_is_split_between_characters)
{
	check_long_names("\303\266", true);
	check_long_names("\342\202\254", true);
	check_long_names("\360\237\220\210", true);
}

TEST(a_long_name_of_no_known_charset_keeps_the_limit_too)
{
	check_long_names("\366", false);
	check_long_names("\200", false);
}

/* RFC 2047, 2: a line that holds an encoded word has 76 characters at most. */
TEST(the_first_line_leaves_room_for_the_name_of_the_field)
{
	struct buf name, out;
	struct span line, text;

	buf_init(&name, SAMPLE_MAX);
	buf_init(&out, SAMPLE_MAX);
	sample_repeat(&name, "\303\266", 40);
	buf_puts(&out, "From: ");
	word_add_name(&out, buf_span(&name));
	text = buf_span(&out);
	while (span_cut(&text, '\n', &line))
		assert_true(line.n <= 76);
	buf_free(&name);
	buf_free(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_takes_the_plainest_form_that_it_can),
		cmocka_unit_test(a_long_name_is_split_between_characters),
		cmocka_unit_test(a_long_name_of_no_known_charset_keeps_the_limit_too),
		cmocka_unit_test(the_first_line_leaves_room_for_the_name_of_the_field),
	};

	return cmocka_run_group_tests_name("word", tests, NULL, NULL);
}
