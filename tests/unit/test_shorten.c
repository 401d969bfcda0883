/* SPDX-License-Identifier: ISC
 *
 * test_shorten.c - lines of a body that are too long
 */
#include "lib/unit.h"

#include "lib/converted.h"
#include "lib/sample.h"

/* `before`, 1200 times `unit`, `after`. */
static void
shorten_long(struct converted *r, const char *before, const char *unit, const char *after)
{
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, before);
	sample_repeat(&text, unit, 1200);
	buf_puts(&text, after);
	converted_make(r, shorten, buf_span(&text));
	buf_free(&text);
}

TEST(lines_that_are_too_long_become_short_and_the_figures_are_right)
{
	static const struct {
		const char *before, *unit, *after;
	} cases[] = {
		{ MIME "\r\n", "y", "\r\n" },
		{ MIME "\r\n", "\303\244", "\r\n" },
		{ MIME "Content-Transfer-Encoding: base64\r\n\r\n", "eHh4", "\r\n" },
		{ MIME QP "\r\n", "-=C3", "=\r\nx\r\n" },
		{ MIME QP "\r\n", "=C3=", "\r\n" },
		{ MULTI "--b\r\n\r\n", "y", "\r\n--b\r\n\r\n\303\244\r\n--b--\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span left, line;
		uint64_t lines = 0;
		struct converted r;

		shorten_long(&r, cases[i].before, cases[i].unit, cases[i].after);
		check(cases[i].before, r.ok && r.changed);
		left = buf_span(&r.text);
		for (; span_cut(&left, '\n', &line); lines++)
			check(cases[i].before, line.n <= 78);
		check_int(cases[i].before, r.out.lines, lines);
		check(cases[i].before, r.out.longest <= 77 && r.out.longest > 60);
		check_int(
		    cases[i].before, r.out.is_8bit, span_has_8bit(buf_span(&r.text)));
		converted_free(&r);
	}
}

TEST(lines_that_are_too_long_stay_where_they_count)
{
	static const struct {
		const char *before, *after;
		bool changed;
	} cases[] = {
		{ "Subject: x\r\n\r\n", "\r\n", false },
		{ MIME "Content-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\n",
		    "\r\n--b--\r\n", false },
		{ MULTI, "\r\n--b\r\n\r\nx\r\n--b--\r\n", true }, /* the preamble */
		{ MIME "Content-Transfer-Encoding: x-own\r\n\r\n", "\r\n", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct converted r;

		shorten_long(&r, cases[i].before, "y", cases[i].after);
		check(cases[i].before, r.ok);
		check_int(cases[i].before, r.changed, cases[i].changed);
		if (r.changed) {
			check_int(cases[i].before, r.out.longest, 1200);
			check_int(cases[i].before, r.out.size, r.in.size);
		}
		converted_free(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    lines_that_are_too_long_become_short_and_the_figures_are_right),
		cmocka_unit_test(lines_that_are_too_long_stay_where_they_count),
	};

	return cmocka_run_group_tests_name("shorten", tests, NULL, NULL);
}
