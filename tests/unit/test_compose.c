/* SPDX-License-Identifier: ISC
 *
 * test_compose.c - from what was piped in to lines that can be sent
 */
#include "lib/unit.h"

#include <unistd.h>

#include "lib/composed.h"
#include "lib/sample.h"

TEST(every_line_ends_with_cr_lf_and_nothing_else_is_changed)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "" },
		{ "\n", "\r\n" },
		{ "A: b\n\nhi\n", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\r\n\r\nhi\r\n", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\r\r\n\r\r\nhi\r\r\n", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\n\r\nhi\r\nho\n", "A: b\r\n\r\nhi\r\nho\r\n" },

		/* The last line */
		{ "A: b\n\nhi", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\n\nhi\r", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\n\n\n", "A: b\r\n\r\n\r\n" },

		/* A header alone: no line is invented */
		{ "A: b\n", "A: b\r\n" },
		{ "A: b", "A: b\r\n" },
		{ "A: b\n\n", "A: b\r\n\r\n" },

		/* A header that nobody ended, and none at all */
		{ "A: b\nhi\n", "A: b\r\n\r\nhi\r\n" },
		{ "hi\n", "\r\nhi\r\n" },
		{ "hi", "\r\nhi\r\n" },

		/* Headers stay as they are: order, case, folding, oddities */
		{ "B: x\na: y\nB: z\n\n", "B: x\r\na: y\r\nB: z\r\n\r\n" },
		{ "A: b\n c\n\td\n\n", "A: b\r\n c\r\n\td\r\n\r\n" },
		{ "A :b\nC:\n\n", "A:b\r\nC:\r\n\r\n" },
		{ "A: \303\244\n\n\303\266\n", "A: \303\244\r\n\r\n\303\266\r\n" },

		/* The body, too: dots are doubled later, by those who send it */
		{ "A: b\n\n.\n..\n. x\n", "A: b\r\n\r\n.\r\n..\r\n. x\r\n" },
		{ "A: b\n\nFrom me\n>From you\n",
		    "A: b\r\n\r\nFrom me\r\n>From you\r\n" },
		{ "A: b\n\n trailing \t\n", "A: b\r\n\r\n trailing \t\r\n" },
		{ "A: b\n\nBcc: x\n", "A: b\r\n\r\nBcc: x\r\n" },

		/* An mbox separator is no part of the mail */
		{ "From x@y\nA: b\n\n", "A: b\r\n\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct composed r;

		composed_make(&r, span_of(cases[i].text), "s@x", &composed_plain);
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.text.data, cases[i].message);
		check_int(cases[i].text, r.repaired, false);
		composed_free(&r);
	}
}

TEST(what_no_mail_may_hold_is_repaired_and_told)
{
	static const struct {
		const char *text;
		size_t n;
		const char *message;
	} cases[] = {
		{ "A: b\n\na\rb\n", 10, "A: b\r\n\r\na b\r\n" },
		{ "A: b\n\n\rb\n", 9, "A: b\r\n\r\n b\r\n" },
		{ "A: b\n\na\0b\n", 10, "A: b\r\n\r\nab\r\n" },
		{ "A: b\n\n\0\n", 8, "A: b\r\n\r\n\r\n" },
		{ "A: b\n\n\0", 7, "A: b\r\n\r\n\r\n" },
		{ "A: b\n\na\0\r\n", 10, "A: b\r\n\r\na\r\n" },
		{ "A: b\n\na\r\0\n", 10, "A: b\r\n\r\na \r\n" },
		{ "A: b\n\n.\r.\n", 10, "A: b\r\n\r\n. .\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct composed r;

		composed_make(
		    &r, span_bytes(cases[i].text, cases[i].n), "s@x", &composed_plain);
		check(cases[i].message, r.ok);
		check_text(cases[i].message, r.text.data, cases[i].message);
		check_int(cases[i].message, r.repaired, true);
		composed_free(&r);
	}
}

TEST(the_figures_of_a_message_are_right)
{
	static const struct {
		const char *text;
		size_t size, lines, longest;
		bool body_8bit, header_8bit;
	} cases[] = {
		{ "", 0, 0, 0, false, false },
		{ "A: b\n\nhi\n", 12, 3, 4, false, false },
		{ "A: b\n\n\303\266\n", 12, 3, 4, true, false },
		{ "A: \303\266\n\nhi\n", 13, 3, 5, false, true },
		{ "A: \303\266\n\n\303\266", 13, 3, 5, true, true },
		{ "A: b\n\n1234567890\r\n12\n", 24, 4, 10, false, false },
		{ "A: b\n\n1234567890", 20, 3, 10, false, false },
		{ "hi\n", 6, 2, 2, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct composed r;

		composed_make(&r, span_of(cases[i].text), "s@x", &composed_plain);
		check_int(cases[i].text, r.source.size, cases[i].size);
		check_int(cases[i].text, r.text.len, cases[i].size);
		check_int(cases[i].text, r.source.lines, cases[i].lines);
		check_int(cases[i].text, r.source.longest, cases[i].longest);
		check_int(cases[i].text, r.source.is_8bit, cases[i].body_8bit);
		check_int(cases[i].text, r.source.header_is_8bit, cases[i].header_8bit);
		composed_free(&r);
	}
}

TEST(a_line_longer_than_any_buffer_stays_one_line)
{
	struct buf text;
	struct composed r;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "A: b\n\n");
	sample_repeat(&text, "0123456789", 50000);
	composed_make(&r, buf_span(&text), "s@x", &composed_plain);
	assert_true(r.ok);
	assert_int_equal(r.source.longest, 500000);
	assert_int_equal(r.source.lines, 3);
	assert_int_equal(r.text.len, 4 + 2 + 2 + 500000 + 2);
	assert_memory_equal(r.text.data + 8, text.data + 6, 500000);
	assert_string_equal(r.text.data + 500008, "\r\n");
	composed_free(&r);
	buf_free(&text);
}

/* Reads the mail from a pipe, of which nothing can be read twice. */
static void
make_from_pipe(struct composed *c, struct span text)
{
	struct sample_pipe p = sample_pipe(text, 30000);
	struct envelope e = { 0 };

	composed_read(c, p.fd, &e, &composed_plain);
	sample_pipe_end(&p);
}

/* A large file is left where it is, as long as nothing in it needs repair. */
TEST(a_large_mail_is_the_same_from_a_file_and_from_a_pipe)
{
	static const struct {
		const char *label, *odd;
		size_t odd_length;
		size_t before, after; /* lines */
		bool lent;
	} cases[] = {
		{ "lines", "", 0, 10000, 0, true },
		{ "no end", "the last", 8, 10000, 0, true },
		{ "a CR LF", "odd\r\n", 5, 9000, 1000, false },
		{ "a CR LF at the start", "odd\r\n", 5, 0, 10000, false },
		{ "a lone CR", "od\rd\n", 5, 5000, 5000, false },
		{ "a NUL", "od\0d\n", 5, 5000, 5000, false },
		{ "a CR at the end", "odd\r", 4, 10000, 0, false },
		{ "a dot", ".\n..\n", 5, 5000, 5000, true },
		{ "8 bit", "\303\266\n", 3, 5000, 5000, true },
		{ "nothing else", "", 0, 0, 0, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct composed file, pipe;
		struct buf text;

		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "A: b\n\n");
		sample_repeat(&text, "thirty bytes in each of these\n", cases[i].before);
		buf_add(&text, cases[i].odd, cases[i].odd_length);
		sample_repeat(&text, "thirty bytes in each of these\n", cases[i].after);
		composed_make(&file, buf_span(&text), "s@x", &composed_plain);
		make_from_pipe(&pipe, buf_span(&text));
		check(cases[i].label, file.ok && pipe.ok);
		check_text(cases[i].label, file.text.data, pipe.text.data);
		check_int(cases[i].label, file.text.len, file.source.size);
		check_int(cases[i].label, pipe.text.len, pipe.source.size);
		check_int(cases[i].label, file.source.lines, pipe.source.lines);
		check_int(cases[i].label, file.source.longest, pipe.source.longest);
		check_int(cases[i].label, file.source.is_8bit, pipe.source.is_8bit);
		check_int(cases[i].label, file.source.loan.fd >= 0, cases[i].lent);
		check_int(cases[i].label, file.repaired, pipe.repaired);
		composed_free(&file);
		composed_free(&pipe);
		buf_free(&text);
	}
}

/* A last line without an end, as long as the buffer, to the byte. */
TEST(a_last_line_of_any_length_gets_an_end)
{
	for (size_t n = INPUT_BUFFER - 2; n <= INPUT_BUFFER + 2; n++) {
		char label[32];
		struct buf text;
		struct composed r;

		(void)snprintf(label, sizeof label, "%zu bytes", n);
		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "A: b\n\n");
		sample_repeat(&text, "x", n);
		composed_make(&r, buf_span(&text), "s@x", &composed_plain);
		check(label, r.ok);
		check_text(label, r.text.data + r.text.len - 3, "x\r\n");
		check_int(label, r.source.lines, 3);
		check_int(label, r.source.longest, n);
		composed_free(&r);
		buf_free(&text);
	}
}

TEST(an_input_that_breaks_off_is_no_message)
{
	struct header h;
	struct envelope e = { 0 };
	struct source source;
	struct outcome o;
	struct input in;
	unsigned repaired;

	input_init(&in, -1);
	header_init(&h);
	source_init(&source);
	assert_false(compose(&source, &h, &in, &e, &composed_plain, &repaired, &o));
	assert_int_equal(o.cause, CAUSE_NO_INPUT);
	source_free(&source);
	header_free(&h);
	input_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_ends_with_cr_lf_and_nothing_else_is_changed),
		cmocka_unit_test(what_no_mail_may_hold_is_repaired_and_told),
		cmocka_unit_test(the_figures_of_a_message_are_right),
		cmocka_unit_test(a_line_longer_than_any_buffer_stays_one_line),
		cmocka_unit_test(a_large_mail_is_the_same_from_a_file_and_from_a_pipe),
		cmocka_unit_test(a_last_line_of_any_length_gets_an_end),
		cmocka_unit_test(an_input_that_breaks_off_is_no_message),
	};

	return cmocka_run_group_tests_name("compose", tests, NULL, NULL);
}
