/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <unistd.h>

#include "lib/sample.h"
#include "mail/header.h"

/* A text that was read as a header, and what was left of it. */
struct run {
	bool ok;
	struct header h;
	struct buf rest; /* each line with LF */
	struct outcome o;
};

static void
run(struct run *r, struct span text)
{
	int fd = sample_file(text);
	enum input_part part;
	struct input in;
	struct span line;

	*r = (struct run){ .ok = false };
	input_init(&in, fd);
	header_init(&r->h);
	buf_init(&r->rest, SAMPLE_MAX);
	r->ok = header_read(&r->h, &in, &r->o);
	while (r->ok && (part = input_peek(&in, &line, &r->o)) != INPUT_END) {
		buf_add_span(&r->rest, line);
		if (part == INPUT_LINE)
			buf_addc(&r->rest, '\n');
		input_consume(&in);
	}
	input_free(&in);
	(void)close(fd);
}

static void
end(struct run *r)
{
	header_free(&r->h);
	buf_free(&r->rest);
}

TEST(a_header_ends_where_no_header_line_stands)
{
	static const struct {
		const char *text, *header, *rest;
		size_t fields;
		bool ended;
	} cases[] = {
		{ "", "", "", 0, false },
		{ "\n", "", "", 0, true },
		{ "\r\n", "", "", 0, true },
		{ "A: b\n", "A: b\n", "", 1, false },
		{ "A: b", "A: b\n", "", 1, false },
		{ "A: b\n\n", "A: b\n", "", 1, true },
		{ "A: b\r\n\r\nbody\r\n", "A: b\n", "body\n", 1, true },
		{ "A: b\r\r\n\r\r\nbody\r\r\n", "A: b\n", "body\n", 1, true },
		{ "A: b\n\nbody\n\nmore\n", "A: b\n", "body\n\nmore\n", 1, true },
		{ "A: b\n\n\nbody\n", "A: b\n", "\nbody\n", 1, true },
		{ "A: b\nC: d\n\nE: f\n", "A: b\nC: d\n", "E: f\n", 2, true },

		/* Folding */
		{ "A: b\n c\n\td\n\n", "A: b\n c\n\td\n", "", 1, true },
		{ "A:\n b\nC:\n\n", "A:\n b\nC:\n", "", 2, true },
		{ "A: b\n \nC: d\n\n", "A: b\n \nC: d\n", "", 2, true },

		/* What else may stand in a name, and before the colon */
		{ "X-!#$%&'*+/=?^_`{|}~.(): y\n\n", "X-!#$%&'*+/=?^_`{|}~.(): y\n", "", 1,
		    true },
		{ "A : b\n\n", "A: b\n", "", 1, true },
		{ "A \t: b\n c\nD :e\n\n", "A: b\n c\nD:e\n", "", 2, true },
		{ "A:\n\n", "A:\n", "", 1, true },
		{ "A:b\n\n", "A:b\n", "", 1, true },
		{ "A::b\n\n", "A::b\n", "", 1, true },

		/* A text that has no header, or one that nobody ended */
		{ "Hello world\n", "", "Hello world\n", 0, false },
		{ "Hello world: this is it\n", "", "Hello world: this is it\n", 0,
		    false },
		{ " A: b\n", "", " A: b\n", 0, false },
		{ ": b\n", "", ": b\n", 0, false },
		{ "\303\244: b\n", "", "\303\244: b\n", 0, false },
		{ "A\303\244: b\n", "", "A\303\244: b\n", 0, false },
		{ "A: b\nHello\nC: d\n", "A: b\n", "Hello\nC: d\n", 1, false },
		{ "A: b\n: c\n", "A: b\n", ": c\n", 1, false },

		/* mbox separators */
		{ "From a@x Thu Jan  1 00:00:00 1970\nA: b\n\n", "A: b\n", "", 1, true },
		{ ">From a@x\nA: b\n\n", "A: b\n", "", 1, true },
		{ ">>From a@x\nFrom b 10:00\nA: b\n\nFrom me\n", "A: b\n", "From me\n", 1,
		    true },
		{ "From a@x\nto you\n", "", "to you\n", 0, false },
		{ "From me\nto you\n", "", "From me\nto you\n", 0, false },
		{ "From now on: nothing\n", "", "From now on: nothing\n", 0, false },
		{ "A: b\nFrom a@x\nC: d\n\n", "A: b\n", "From a@x\nC: d\n\n", 1, false },
		{ ">A: b\n\n", ">A: b\n", "", 1, true },
		{ "From: a@x\n\n", "From: a@x\n", "", 1, true },
		{ "From : a@x\n\n", "From: a@x\n", "", 1, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_of(cases[i].text));
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.h.text.data, cases[i].header);
		check_text(cases[i].text, r.rest.data, cases[i].rest);
		check_int(cases[i].text, r.h.n, cases[i].fields);
		check_int(cases[i].text, r.h.ended, cases[i].ended);
		end(&r);
	}
}

/* Who reads it as what, and which line is a Bcc, would be anybody's guess. */
TEST(a_nul_or_a_lone_cr_in_a_header_is_refused)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{ "\0Bcc: a@x\n\n", 11 },
		{ "B\0cc: a@x\n\n", 11 },
		{ "Bcc\0: a@x\n\n", 11 },
		{ "A: b\0c\n\n", 8 },
		{ "A: b\rc\n\n", 8 },
		{ "A\r: b\n\n", 7 },
		{ "A: b\n\0 c\n\n", 10 },
		{ "A: b\n\rC: d\n\n", 12 },
		{ "A: \0\0\0\n\n", 8 },
		{ "A: b\n\0\0\nC: d\n", 13 },
		{ "A: b\n\0\nC: d\n", 12 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_bytes(cases[i].text, cases[i].n));
		check(cases[i].text, !r.ok);
		check_int(cases[i].text, r.o.cause, CAUSE_MESSAGE);
		end(&r);
	}
}

TEST(a_nul_or_a_lone_cr_in_the_body_is_the_bodys)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{ "A: b\n\na\0b\n", 10 },
		{ "A: b\n\na\rb\n", 10 },
		{ "hello\0 world\n", 13 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_bytes(cases[i].text, cases[i].n));
		check(cases[i].text, r.ok);
		end(&r);
	}
}

/* Some editors put one in front of UTF-8: it would hide the first name. */
TEST(a_byte_order_mark_is_dropped)
{
	static const struct {
		const char *text, *header, *rest;
	} cases[] = {
		{ "\357\273\277Bcc: a@x\n\nb\n", "Bcc: a@x\n", "b\n" },
		{ "\357\273\277\nb\n", "", "b\n" },
		{ "\357\273\277hello\n", "", "hello\n" },
		{ "\357\273\277", "", "" },
		{ "A: b\n\357\273\277C: d\n", "A: b\n", "\357\273\277C: d\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_of(cases[i].text));
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.h.text.data, cases[i].header);
		check_part(cases[i].text, r.rest.data, cases[i].rest);
		end(&r);
	}
}

TEST(a_field_may_be_longer_than_the_buffer)
{
	static const size_t sizes[] = { INPUT_BUFFER - 5, INPUT_BUFFER - 4,
		INPUT_BUFFER - 3, INPUT_BUFFER, 3 * INPUT_BUFFER + 1 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf text;
		struct run r;

		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "To: ");
		sample_repeat(&text, "x", sizes[i]);
		buf_puts(&text, "\r\n y\r\n\r\nbody\r\n");
		run(&r, buf_span(&text));
		assert_true(r.ok);
		assert_int_equal(r.h.n, 1);
		assert_int_equal(r.h.text.len, 4 + sizes[i] + 1 + 3);
		assert_int_equal(r.h.v[0].len, r.h.text.len);
		assert_string_equal(r.rest.data, "body\n");
		end(&r);
		buf_free(&text);
	}
}

TEST(a_header_longer_than_the_limit_is_refused)
{
	struct buf text;
	struct run r;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "A: 56789012345\n", HEADER_MAX / 15);
	run(&r, buf_span(&text));
	assert_true(r.ok);
	end(&r);
	buf_puts(&text, "A: 56789012345\n");
	run(&r, buf_span(&text));
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_MESSAGE);
	assert_non_null(strstr(r.o.text, "4096 kB"));
	end(&r);
	buf_clear(&text);
	buf_puts(&text, "A: ");
	sample_repeat(&text, "x", HEADER_MAX);
	buf_puts(&text, "\n\n");
	run(&r, buf_span(&text));
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_MESSAGE);
	end(&r);
	buf_free(&text);
}

TEST(a_header_that_cannot_be_read_is_an_error)
{
	struct header h;
	struct input in;
	struct outcome o;

	input_init(&in, -1);
	header_init(&h);
	assert_false(header_read(&h, &in, &o));
	assert_int_equal(o.cause, CAUSE_NO_INPUT);
	header_free(&h);
	input_free(&in);
}

TEST(fields_are_found_by_name)
{
	static const struct {
		const char *name;
		int at[4]; /* their places, ended by -1 */
		bool has;
	} cases[] = {
		{ "To", { 0, 3, -1 }, true },
		{ "to", { 0, 3, -1 }, true },
		{ "TO", { 0, 3, -1 }, true },
		{ "Cc", { 1, -1 }, true },
		{ "Bcc", { 2, -1 }, false },
		{ "Empty", { 4, -1 }, false },
		{ "Tot", { -1 }, false },
		{ "T", { -1 }, false },
		{ "", { -1 }, false },
	};
	struct run r;

	run(&r, span_of("To: a\ncC : b\nBCC:\nTO:\n c\nEmpty: \n\t\n\n"));
	assert_int_equal(r.h.n, 5);
	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t at = 0, k = 0;

		for (; header_find(&r.h, cases[i].name, &at); at++)
			check_int(cases[i].name, at, cases[i].at[k++]);
		check_int(cases[i].name, cases[i].at[k], -1);
		check_int(cases[i].name, header_has(&r.h, cases[i].name), cases[i].has);
	}
	end(&r);
}

TEST(a_name_and_a_body_stand_on_either_side_of_the_colon)
{
	static const struct {
		const char *text, *name, *body;
	} cases[] = {
		{ "To: a\n\n", "To", " a\n" },
		{ "To:a\n\n", "To", "a\n" },
		{ "To \t:a:b\n\n", "To", "a:b\n" },
		{ "To:\n a\n b\n\n", "To", "\n a\n b\n" },
		{ "To:\n\n", "To", "\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_of(cases[i].text));
		check(cases[i].text, span_is(field_name(&r.h, &r.h.v[0]), cases[i].name));
		check(cases[i].text, span_is(field_body(&r.h, &r.h.v[0]), cases[i].body));
		end(&r);
	}
}

TEST(a_removed_field_is_found_no_more)
{
	struct run r;
	size_t i = 0;

	run(&r, span_of("Bcc: a\nTo: b\nBCC: c\n\n"));
	header_remove(&r.h, "bcc");
	assert_false(header_find(&r.h, "Bcc", &i));
	assert_false(header_has(&r.h, "Bcc"));
	assert_true(header_has(&r.h, "To"));
	assert_true(r.h.v[0].removed && !r.h.v[1].removed && r.h.v[2].removed);
	end(&r);
}

TEST(lines_in_memory_are_parsed_the_same_way)
{
	struct header h;

	header_init(&h);
	header_parse(&h, span_of("A: b\n c\n"));
	header_parse(&h, span_of("D: e\n"));
	header_parse(&h, span_of("no header\nF: g\n"));
	assert_int_equal(h.n, 2);
	assert_string_equal(h.text.data, "A: b\n c\nD: e\n");
	header_free(&h);
	header_free(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_header_ends_where_no_header_line_stands),
		cmocka_unit_test(a_nul_or_a_lone_cr_in_a_header_is_refused),
		cmocka_unit_test(a_nul_or_a_lone_cr_in_the_body_is_the_bodys),
		cmocka_unit_test(a_byte_order_mark_is_dropped),
		cmocka_unit_test(a_field_may_be_longer_than_the_buffer),
		cmocka_unit_test(a_header_longer_than_the_limit_is_refused),
		cmocka_unit_test(a_header_that_cannot_be_read_is_an_error),
		cmocka_unit_test(fields_are_found_by_name),
		cmocka_unit_test(a_name_and_a_body_stand_on_either_side_of_the_colon),
		cmocka_unit_test(a_removed_field_is_found_no_more),
		cmocka_unit_test(lines_in_memory_are_parsed_the_same_way),
	};

	return cmocka_run_group_tests_name("header", tests, NULL, NULL);
}
