/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <unistd.h>

#include "base/input.h"
#include "lib/sample.h"

/* Shows what input_peek() gave: "[line]" for a line, "[part" for a part of one. */
static void
read_all(struct input *in, struct buf *shown)
{
	enum input_part part;
	struct outcome o;
	struct span line;

	while ((part = input_peek(in, &line, &o)) != INPUT_END) {
		assert_int_not_equal(part, INPUT_FAILED);
		buf_addc(shown, '[');
		buf_add_span(shown, line);
		if (part == INPUT_LINE)
			buf_addc(shown, ']');
		input_consume(in);
	}
	assert_int_equal(input_peek(in, &line, &o), INPUT_END); /* and so it stays */
}

/* Shows the same for an input that is read in blocks, as far as there are any. */
static void
read_blocks(struct input *in, struct buf *shown)
{
	enum input_part part = INPUT_LINE;
	bool is_open = false;
	struct span piece;
	struct outcome o;

	while (part != INPUT_END) {
		assert_true(input_block(in, &piece, &o));
		for (size_t i = 0; i < piece.n; i++) {
			if (!is_open)
				buf_addc(shown, '[');
			is_open = piece.p[i] != '\n';
			buf_addc(shown, is_open ? piece.p[i] : ']');
		}
		if (piece.n > 0) {
			input_take(in, piece);
			continue;
		}
		part = input_peek(in, &piece, &o);
		assert_int_not_equal(part, INPUT_FAILED);
		if (part != INPUT_END && !is_open)
			buf_addc(shown, '[');
		if (part == INPUT_END)
			break;
		buf_add_span(shown, piece);
		is_open = part != INPUT_LINE;
		if (!is_open)
			buf_addc(shown, ']');
		input_consume(in);
	}
}

static void
check_lines(const char *text, const char *lines, size_t piece, bool ends_at_dot,
    void (*read)(struct input *in, struct buf *shown))
{
	struct sample_pipe p = sample_pipe(span_of(text), piece);
	struct input in;
	struct buf shown;

	input_init(&in, p.fd);
	in.ends_at_dot = ends_at_dot;
	buf_init(&shown, 1000);
	read(&in, &shown);
	check_text(text, shown.data, lines);
	buf_free(&shown);
	input_free(&in);
	sample_pipe_end(&p);
}

TEST(lines_are_found_however_they_end)
{
	static const struct {
		const char *text, *lines;
	} cases[] = {
		{ "", "" },
		{ "\n", "[]" },
		{ "\r\n", "[]" },
		{ "a", "[a]" },
		{ "a\n", "[a]" },
		{ "a\r\n", "[a]" },
		{ "a\r\r\n", "[a]" },
		{ "a\r\r\r\n", "[a]" },
		{ "a\r", "[a]" },
		{ "a\nb", "[a][b]" },
		{ "a\r\nb\nc\r\n", "[a][b][c]" },
		{ "a\n\nb\n", "[a][][b]" },
		{ "a\rb\n", "[a\rb]" },
		{ "\ra\n", "[\ra]" },
		{ "\n\r\n\n", "[][][]" },
		{ "a\n\r", "[a][]" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t piece = 1; piece <= 4; piece++) {
			check_lines(
			    cases[i].text, cases[i].lines, piece, false, read_all);
			check_lines(
			    cases[i].text, cases[i].lines, piece, false, read_blocks);
		}
}

TEST(a_lone_dot_is_the_end_where_only_blanks_follow)
{
	static const struct {
		const char *text, *lines;
	} cases[] = {
		{ ".", "" },
		{ ".\n", "" },
		{ "a\n.\n", "[a]" },
		{ "a\n.", "[a]" },
		{ "a\r\n.\r\n", "[a]" },
		{ "a\n.\n \t\r\n\n", "[a]" },
		{ "a\n.\nb\n", "[a][.][b]" },
		{ "a\n.\n\n\nb", "[a][.][][][b]" },
		{ "a\n.\n.\n", "[a][.]" },
		{ "a\n.\n.\nb\n", "[a][.][.][b]" },
		{ "a\n..\n", "[a][..]" },
		{ "a\n. \n", "[a][. ]" },
		{ "a\n .\n", "[a][ .]" },
		{ "a.\n", "[a.]" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t piece = 1; piece <= 4; piece++) {
			check_lines(cases[i].text, cases[i].lines, piece, true, read_all);
			check_lines(
			    cases[i].text, cases[i].lines, piece, true, read_blocks);
		}
}

TEST(a_block_holds_what_needs_no_closer_look)
{
	static const struct {
		const char *text;
		size_t text_length, n;
	} cases[] = {
		{ "", 0, 0 },
		{ "a\nb\n", 4, 4 },
		{ "a\nb", 3, 2 },
		{ "ab", 2, 2 }, /* once it is known that no more comes */
		{ "a\nb\r\nc\n", 7, 2 },
		{ "a\r\n", 3, 0 },
		{ "a\n\0\nb\n", 6, 2 },
		{ "a\nb\0c\r\n", 7, 2 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int fd = sample_file(span_bytes(cases[i].text, cases[i].text_length));
		struct span block;
		struct outcome o;
		struct input in;

		input_init(&in, fd);
		assert_true(input_block(&in, &block, &o));
		check_int(cases[i].text, block.n, cases[i].n);
		input_free(&in);
		(void)close(fd);
	}
}

TEST(a_place_in_a_file_is_known)
{
	int fd = sample_file(span_of("one\ntwo\nthree\n"));
	struct span line;
	struct outcome o;
	struct input in;
	off_t at;

	input_init(&in, fd);
	assert_true(input_in_file(&in, 14, &at));
	assert_int_equal(at, 0);
	assert_false(input_in_file(&in, 15, &at));
	assert_int_equal(input_peek(&in, &line, &o), INPUT_LINE);
	input_consume(&in);
	assert_true(input_in_file(&in, 10, &at));
	assert_int_equal(at, 4);
	assert_false(input_in_file(&in, 11, &at));
	input_free(&in);
	(void)close(fd);
}

TEST(a_pipe_is_no_file)
{
	struct sample_pipe p = sample_pipe(span_of("one\n"), 4);
	struct input in;
	off_t at;

	input_init(&in, p.fd);
	assert_false(input_in_file(&in, 0, &at));
	input_free(&in);
	sample_pipe_end(&p);
}

TEST(a_line_is_shown_again_until_it_is_consumed)
{
	int fd = sample_file(span_of("one\ntwo\n"));
	struct input in;
	struct outcome o;
	struct span line;

	input_init(&in, fd);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(input_peek(&in, &line, &o), INPUT_LINE);
		assert_true(span_is(line, "one"));
	}
	input_consume(&in);
	assert_int_equal(input_peek(&in, &line, &o), INPUT_LINE);
	assert_true(span_is(line, "two"));
	input_free(&in);
	(void)close(fd);
}

TEST(nuls_are_bytes_like_others)
{
	int fd = sample_file(span_bytes("a\0b\n\0\n", 6));
	struct input in;
	struct outcome o;
	struct span line;

	input_init(&in, fd);
	assert_int_equal(input_peek(&in, &line, &o), INPUT_LINE);
	assert_int_equal(line.n, 3);
	assert_memory_equal(line.p, "a\0b", 3);
	input_consume(&in);
	assert_int_equal(input_peek(&in, &line, &o), INPUT_LINE);
	assert_int_equal(line.n, 1);
	input_free(&in);
	(void)close(fd);
}

/* Puts the parts of each line together again: what it reads is what `text` holds, with
 * each line end as LF. */
static void
check_whole(const char *label, const struct buf *text, const struct buf *want)
{
	struct sample_pipe p = sample_pipe(buf_span(text), 40000);
	enum input_part part;
	struct input in;
	struct outcome o;
	struct span piece;
	struct buf got;

	input_init(&in, p.fd);
	buf_init(&got, SAMPLE_MAX);
	while ((part = input_peek(&in, &piece, &o)) != INPUT_END) {
		check(label, part != INPUT_FAILED && piece.n <= INPUT_BUFFER);
		buf_add_span(&got, piece);
		if (part == INPUT_LINE)
			buf_addc(&got, '\n');
		input_consume(&in);
	}
	check_int(label, got.len, want->len);
	check(label, memcmp(got.data, want->data, got.len) == 0);
	buf_free(&got);
	input_free(&in);
	sample_pipe_end(&p);
}

/* Lines around the size of the buffer, with the CRs of their line ends across its edge.
 */
TEST(a_line_longer_than_the_buffer_comes_in_parts)
{
	static const char *const ends[] = { "\n", "\r\n", "\r\r\n", "\r\r\r\r\n" };

	for (size_t e = 0; e < COUNT(ends); e++)
		for (size_t n = INPUT_BUFFER - 6; n <= INPUT_BUFFER + 2; n++) {
			struct buf text, want;
			char label[64];

			(void)snprintf(label, sizeof label, "%zu bytes, end %zu", n, e);
			buf_init(&text, SAMPLE_MAX);
			buf_init(&want, SAMPLE_MAX);
			sample_repeat(&text, "x", n);
			sample_repeat(&want, "x", n);
			buf_puts(&text, ends[e]);
			buf_puts(&text, "after\n");
			buf_puts(&want, "\nafter\n");
			check_whole(label, &text, &want);
			buf_free(&text);
			buf_free(&want);
		}
}

TEST(a_line_of_several_buffers_keeps_every_byte)
{
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	for (size_t i = 0; text.len < 3 * (size_t)INPUT_BUFFER + 77; i++)
		buf_printf(&text, "%zu.", i);
	buf_puts(&text, "\nshort\n");
	check_whole("long", &text, &text);
	buf_free(&text);
}

TEST(a_buffer_of_nothing_but_crs_gets_through)
{
	struct input in;
	struct outcome o;
	struct span part;
	struct buf text;
	enum input_part what;
	size_t total = 0;
	int fd;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "\r", 3 * (size_t)INPUT_BUFFER);
	buf_puts(&text, "x\n");
	fd = sample_file(buf_span(&text));
	input_init(&in, fd);
	while ((what = input_peek(&in, &part, &o)) == INPUT_MORE) {
		total += part.n;
		input_consume(&in);
	}
	assert_int_equal(what, INPUT_LINE);
	total += part.n;
	assert_int_equal(total, text.len - 1);
	input_free(&in);
	(void)close(fd);
	buf_free(&text);
}

/* INPUT_MORE promises that more follows: then a line end must come, even if it is that of
 * the end of the input. */
TEST(a_last_line_that_fills_the_buffer_ends_as_a_line)
{
	for (size_t n = INPUT_BUFFER - 1; n <= INPUT_BUFFER + 1; n++) {
		struct buf text, want;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu bytes", n);
		buf_init(&text, SAMPLE_MAX);
		buf_init(&want, SAMPLE_MAX);
		sample_repeat(&text, "x", n);
		sample_repeat(&want, "x", n);
		buf_addc(&want, '\n');
		check_whole(label, &text, &want);
		buf_free(&text);
		buf_free(&want);
	}
}

TEST(a_descriptor_that_cannot_be_read_is_an_error)
{
	struct input in;
	struct outcome o;
	struct span line;

	input_init(&in, -1);
	assert_int_equal(input_peek(&in, &line, &o), INPUT_FAILED);
	assert_int_equal(o.cause, CAUSE_NO_INPUT);
	assert_non_null(strstr(o.text, "Bad file descriptor"));
	input_free(&in);
	input_free(&in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_found_however_they_end),
		cmocka_unit_test(a_lone_dot_is_the_end_where_only_blanks_follow),
		cmocka_unit_test(a_block_holds_what_needs_no_closer_look),
		cmocka_unit_test(a_place_in_a_file_is_known),
		cmocka_unit_test(a_pipe_is_no_file),
		cmocka_unit_test(a_line_is_shown_again_until_it_is_consumed),
		cmocka_unit_test(nuls_are_bytes_like_others),
		cmocka_unit_test(a_line_longer_than_the_buffer_comes_in_parts),
		cmocka_unit_test(a_line_of_several_buffers_keeps_every_byte),
		cmocka_unit_test(a_buffer_of_nothing_but_crs_gets_through),
		cmocka_unit_test(a_last_line_that_fills_the_buffer_ends_as_a_line),
		cmocka_unit_test(a_descriptor_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
