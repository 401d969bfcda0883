/* SPDX-License-Identifier: ISC
 *
 * test_downgrade.c - 7-bit form for servers that take no other
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/converted.h"
#include "lib/sample.h"

TEST(parts_with_8_bits_are_encoded_and_all_else_stays)
{
	static const struct {
		const char *label, *text, *want;
	} cases[] = {
		{ "a plain text",
		    MIME "Content-Type: text/plain; charset=utf-8\r\n\r\nb\303\244r\r\n",
		    MIME "Content-Type: text/plain; charset=utf-8\r\n" QP
			 "\r\nb=C3=A4r\r\n" },
		{ "no type", MIME "\r\nb\303\244r\r\n", MIME QP "\r\nb=C3=A4r\r\n" },
		{ "the old label goes",
		    "Content-Transfer-Encoding: 8bit\r\n" MIME "X: y\r\n\r\n\303\244\r\n",
		    MIME "X: y\r\n" QP "\r\n=C3=A4\r\n" },
		{ "and it may be folded",
		    MIME
		    "Content-transfer-encoding:\r\n 8BIT\r\nX: y\r\n\r\n\303\244\r\n",
		    MIME "X: y\r\n" QP "\r\n=C3=A4\r\n" },
		{ "binary is as good as 8bit",
		    MIME "Content-Transfer-Encoding: binary\r\n\r\n\303\244\r\n",
		    MIME QP "\r\n=C3=A4\r\n" },
		{ "only 7 bits, though it says 8",
		    MIME "Content-Transfer-Encoding: 8bit\r\n\r\nplain = \r\n",
		    MIME "\r\nplain = \r\n" },
		{ "only 7 bits", MIME "\r\nplain = \r\n", MIME "\r\nplain = \r\n" },
		{ "8 bits in the header stay",
		    MIME "Subject: \303\244\r\n\r\n\303\244\r\n",
		    MIME "Subject: \303\244\r\n" QP "\r\n=C3=A4\r\n" },
		{ "folding stays", MIME "A: b\r\n c\r\n\td\r\n\r\n\303\244\r\n",
		    MIME "A: b\r\n c\r\n\td\r\n" QP "\r\n=C3=A4\r\n" },
		{ "no body", MIME "\r\n", MIME "\r\n" },
		{ "no empty line", MIME "A: b\r\n", MIME "A: b\r\n" },

		{ "one part of two",
		    MULTI
		    "--b\r\n\r\nplain = \r\n--b\r\nA: b\r\n\r\n\303\244\r\n--b--\r\n",
		    MULTI "--b\r\n\r\nplain = \r\n--b\r\nA: b\r\n" QP
			  "\r\n=C3=A4\r\n--b--\r\n" },
		{ "the label of a multipart goes",
		    MIME "Content-Type: multipart/mixed; boundary=b\r\n"
			 "Content-Transfer-Encoding: "
			 "8bit\r\n\r\n--b\r\n\r\n\303\244\r\n--b--\r\n",
		    MULTI "--b\r\n" QP "\r\n=C3=A4\r\n--b--\r\n" },
		{ "base64 is left alone",
		    MULTI "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
			  "--b\r\n\r\n\303\244\r\n--b--\r\n",
		    MULTI "--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
			  "--b\r\n" QP "\r\n=C3=A4\r\n--b--\r\n" },
		{ "so is quoted-printable",
		    MULTI
		    "--b\r\ncontent-transfer-encoding: Quoted-Printable\r\n\r\n=C3=A4\r\n"
		    "--b\r\n\r\n\303\244\r\n--b--\r\n",
		    MULTI
		    "--b\r\ncontent-transfer-encoding: Quoted-Printable\r\n\r\n=C3=A4\r\n"
		    "--b\r\n" QP "\r\n=C3=A4\r\n--b--\r\n" },
		{ "outside all parts",
		    MULTI "pr\303\244\r\n--b\r\n\r\nx\r\n--b--\r\n\303\244pi\r\n",
		    MULTI "pr??\r\n--b\r\n\r\nx\r\n--b--\r\n??pi\r\n" },
		{ "the end is missing", MULTI "--b\r\n\r\n\303\244\r\n",
		    MULTI "--b\r\n" QP "\r\n=C3=A4\r\n" },
		{ "deep inside",
		    MULTI "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
			  "--c\r\n\r\n\303\244\r\n--c--\r\n--b--\r\n",
		    MULTI "--b\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
			  "--c\r\n" QP "\r\n=C3=A4\r\n--c--\r\n--b--\r\n" },
		{ "a message that is encoded already",
		    MULTI "--b\r\nContent-Type: message/global\r\n" QP
			  "\r\nA: =C3=A4\r\n\r\n=C3=A4 \303\244\r\n--b--\r\n",
		    MULTI "--b\r\nContent-Type: message/global\r\n" QP
			  "\r\nA: =C3=A4\r\n\r\n=C3=A4 =C3=A4\r\n--b--\r\n" },
		{ "a message in a message",
		    MULTI "--b\r\nContent-Type: message/rfc822\r\n"
			  "Content-Transfer-Encoding: 8bit\r\n\r\n"
			  "From: a@x\r\n" MIME "\r\n\303\244\r\n--b--\r\n",
		    MULTI
		    "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@x\r\n" MIME QP
		    "\r\n=C3=A4\r\n--b--\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct converted r;

		converted_make(&r, downgrade, span_of(cases[i].text));
		check(cases[i].label, r.ok);
		check_int(cases[i].label, r.changed, true);
		check_text(cases[i].label, r.text.data, cases[i].want);
		check_int(cases[i].label, r.out.size, strlen(cases[i].want));
		check_int(cases[i].label, r.out.is_8bit, false);
		check_int(cases[i].label, r.out.header_is_8bit, r.in.header_is_8bit);
		converted_free(&r);
	}
}

TEST(the_lines_of_the_new_form_are_counted)
{
	struct converted r;

	converted_make(&r, downgrade, span_of(MIME "\r\na\303\244\r\nb\r\n"));
	assert_int_equal(r.out.lines, 5);
	converted_free(&r);
}

TEST(a_message_that_is_no_mime_is_left_alone)
{
	static const char *const cases[] = {
		"Subject: x\r\n\r\n\303\244\r\n",
		"MIME-Version:\r\n\r\n\303\244\r\n",
		"Content-Type: text/plain; charset=utf-8\r\n\r\n\303\244\r\n",
		"\r\n\303\244\r\n",
		"",
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct converted r;

		converted_make(&r, downgrade, span_of(cases[i]));
		check(cases[i], r.ok);
		check_int(cases[i], r.changed, false);
		check_int(cases[i], r.out.size, 0);
		converted_free(&r);
	}
}

/* The body behind the empty line, decoded, is the body that was. */
static void
check_body(const char *label, struct span body)
{
	static const char head[] = MIME "\r\n", new_head[] = MIME QP "\r\n";
	struct buf text, back;
	struct converted r;

	buf_init(&text, SAMPLE_MAX);
	buf_init(&back, SAMPLE_MAX);
	buf_puts(&text, head);
	buf_add_span(&text, body);
	converted_make(&r, downgrade, buf_span(&text));
	check(label, r.ok && r.changed);
	check(label, r.text.len > sizeof new_head - 1 &&
			 memcmp(r.text.data, new_head, sizeof new_head - 1) == 0);
	check(label, !span_has_8bit(buf_span(&r.text)));
	check(label, sample_unquote(span_bytes(r.text.data + sizeof new_head - 1,
					r.text.len - (sizeof new_head - 1)),
			 &back));
	check_int(label, back.len, body.n);
	check(label, memcmp(back.data, body.p, body.n) == 0);
	check_int(label, r.text.len, r.out.size);
	converted_free(&r);
	buf_free(&text);
	buf_free(&back);
}

TEST(what_is_decoded_is_what_it_was)
{
	static const size_t sizes[] = { 0, 1, 74, 75, 76, 77, 998, 4093, 4094, 4095, 4096,
		4097, 8190, 8191, 8192, 100000 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		char label[32];
		struct buf body;

		(void)snprintf(label, sizeof label, "%zu bytes", sizes[i]);
		buf_init(&body, SAMPLE_MAX);
		for (size_t k = 0; k < sizes[i]; k++) {
			char c = (char)(k * 37 % 256);

			buf_addc(&body, c == '\r' || c == '\n' || c == '\0' ? ' ' : c);
		}
		buf_puts(&body, "\r\n\303\244 = \r\n\r\n.\r\n\t\r\n");
		check_body(label, buf_span(&body));
		buf_free(&body);
	}
}

/* Through the temporary file, whose chunks end anywhere. */
TEST(a_large_message_is_encoded_without_a_flaw)
{
	for (size_t shift = 0; shift < 8; shift++) {
		char label[32];
		struct buf body;

		(void)snprintf(label, sizeof label, "shift %zu", shift);
		buf_init(&body, SAMPLE_MAX);
		sample_repeat(&body, "s", shift);
		buf_puts(&body, "\r\n");
		for (size_t i = 0; body.len < 2 * SOURCE_MEMORY; i++) {
			sample_repeat(&body, "\303\244", 2046); /* 4092 bytes */
			buf_printf(&body, "%03zu\r\n", i % 1000);
		}
		check_body(label, buf_span(&body));
		buf_free(&body);
	}
}

/* The empty line between header and body is missing: the new label may not swallow the
 * body's first line. */
TEST(a_part_that_begins_without_an_empty_line_keeps_its_text)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ MULTI "--b\r\nb\303\244r\r\n--b--\r\n",
		    MULTI "--b\r\n" QP "\r\nb=C3=A4r\r\n--b--\r\n" },
		{ MULTI "--b\r\n indented b\303\244r\r\n--b--\r\n",
		    MULTI "--b\r\n" QP "\r\n indented b=C3=A4r\r\n--b--\r\n" },
		{ MULTI "--b\r\nA: b\r\nb\303\244r\r\n--b--\r\n",
		    MULTI "--b\r\nA: b\r\n" QP "\r\nb=C3=A4r\r\n--b--\r\n" },
		/* "?A" could be a header line, which "\377A" could not */
		{ MULTI "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\377A: b\r\n"
			"--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
		    MULTI
		    "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n?A: b\r\n"
		    "--c\r\n\r\nx\r\n--c--\r\n--b--\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct converted r;

		converted_make(&r, downgrade, span_of(cases[i].text));
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.text.data, cases[i].want);
		converted_free(&r);
	}
}

/* What stood within a line may come to stand at the start of one. */
TEST(a_soft_line_break_makes_no_boundary)
{
	for (size_t before = 60; before < 80; before++) {
		const char *from, *close;
		struct buf text, back;
		char label[32];
		struct converted r;

		(void)snprintf(label, sizeof label, "behind %zu", before);
		buf_init(&text, SAMPLE_MAX);
		buf_init(&back, SAMPLE_MAX);
		buf_puts(&text, MULTI "--b\r\n\r\n\303\244\r\n");
		sample_repeat(&text, "x", before);
		buf_puts(&text, "--b--\r\n--b--\r\n");
		converted_make(&r, downgrade, buf_span(&text));
		check(label, r.ok);
		from = r.text.data + strlen(MULTI "--b\r\n" QP "\r\n");
		close = strstr(from, "\n--b--\r\n");
		check(label, close != NULL && close[8] == '\0');
		check(label,
		    sample_unquote(span_bytes(from, (size_t)(close + 1 - from)), &back));
		check_part(label, back.data, "x--b--\r\n");
		converted_free(&r);
		buf_free(&text);
		buf_free(&back);
	}
}

/* A line that can't be a header line is body from its first byte, however long it is. */
TEST(a_long_line_right_behind_a_boundary_is_not_lost)
{
	static const size_t sizes[] = { 1000, 65534, 65535, 65536, 70000, 200000 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		static const char head[] = MULTI "--b\r\n";
		const char *rest;
		char label[32];
		struct buf text;
		struct converted r;

		(void)snprintf(label, sizeof label, "%zu bytes", sizes[i]);
		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, head);
		sample_repeat(&text, "x", sizes[i]);
		buf_puts(&text, "\r\nend\r\n--b--\r\n");
		converted_make(&r, downgrade, buf_span(&text));
		check(label, r.ok);
		rest = r.text.data + sizeof head - 1;
		if (strncmp(rest, "\r\n", 2) == 0)
			rest += 2; /* the empty line that was missing */
		check_text(label, rest, text.data + sizeof head - 1);
		converted_free(&r);
		buf_free(&text);
	}
}

/* What nobody expects: 8 bits where the label says that there are none, or where no part
 * should have text. A server that takes 7 bits gets 7 bits all the same. */
TEST(no_8_bits_are_left_wherever_they_stood)
{
	static const struct {
		const char *label, *text;
	} cases[] = {
		{ "base64",
		    MIME "Content-Transfer-Encoding: base64\r\n\r\nAA\303\244==\r\n" },
		{ "quoted-printable", MIME "Content-Transfer-Encoding: "
					   "quoted-printable\r\n\r\na=3D\303\244\r\n" },
		{ "a message that is no message",
		    MULTI "--b\r\nContent-Type: "
			  "message/rfc822\r\n\r\nb\303\244r\r\n--b--\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *body;
		struct converted r;

		converted_make(&r, downgrade, span_of(cases[i].text));
		check(cases[i].label, r.ok && r.changed);
		body = strstr(r.text.data, "\r\n\r\n");
		check(cases[i].label, body != NULL && !span_has_8bit(span_of(body)));
		converted_free(&r);
	}
}

/* A label would be a guess. */
TEST(a_message_whose_structure_is_not_clear_is_left_alone)
{
	static const char *const cases[] = {
		MIME
		"Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\n\303\244\r\n--b--\r\n",
		MIME "Content-Type: multipart/mixed; "
		     "boundary*0=b\r\n\r\n--b\r\n\r\n\303\244\r\n",
		MULTI "--c\r\n\r\n\303\244\r\n--c--\r\n",
		MULTI "--b\r\nContent-Type: message/rfc822\r\nb\303\244r\r\n--b--\r\n",
	};
	struct buf text;
	struct converted r;

	for (size_t i = 0; i < COUNT(cases); i++) {
		converted_make(&r, downgrade, span_of(cases[i]));
		check(cases[i], r.ok && !r.changed);
		check_int(cases[i], r.out.size, 0);
		converted_free(&r);
	}
	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, MIME);
	for (int i = 0; i < 200; i++)
		buf_printf(&text,
		    "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
	buf_puts(&text, "\r\n\303\244\r\n");
	converted_make(&r, downgrade, buf_span(&text));
	assert_true(r.ok && !r.changed);
	converted_free(&r);
	buf_free(&text);
}

TEST(a_label_may_have_comments_and_folding)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ MIME "Content-Transfer-Encoding: (so it says) 8bit (so it "
		       "is)\r\n\r\n\303\244\r\n",
		    MIME QP "\r\n=C3=A4\r\n" },
		{ MIME "Content-Transfer-Encoding:\r\n base64 (a b)\r\n\r\nAA==\r\n",
		    MIME "Content-Transfer-Encoding:\r\n base64 (a b)\r\n\r\nAA==\r\n" },
		{ MIME "Content-Transfer-Encoding: x-uuencode\r\n\r\nM=\r\n",
		    MIME "Content-Transfer-Encoding: x-uuencode\r\n\r\nM=\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct converted r;

		converted_make(&r, downgrade, span_of(cases[i].text));
		check(cases[i].text, r.ok && r.changed);
		check_text(cases[i].text, r.text.data, cases[i].want);
		converted_free(&r);
	}
}

TEST(no_room_for_the_new_form_is_told)
{
	struct buf text;
	struct converted r;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, MIME "\r\n");
	while (text.len < SOURCE_MEMORY - 100)
		buf_puts(&text, "\303\244\303\244\303\244\303\244\r\n");
	assert_int_equal(setenv("TMPDIR", "/nonexistent/place", 1), 0);
	converted_make(&r, downgrade, buf_span(&text));
	assert_int_equal(unsetenv("TMPDIR"), 0);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_STORE);
	converted_free(&r);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_with_8_bits_are_encoded_and_all_else_stays),
		cmocka_unit_test(the_lines_of_the_new_form_are_counted),
		cmocka_unit_test(a_message_that_is_no_mime_is_left_alone),
		cmocka_unit_test(what_is_decoded_is_what_it_was),
		cmocka_unit_test(a_large_message_is_encoded_without_a_flaw),
		cmocka_unit_test(a_part_that_begins_without_an_empty_line_keeps_its_text),
		cmocka_unit_test(a_soft_line_break_makes_no_boundary),
		cmocka_unit_test(a_long_line_right_behind_a_boundary_is_not_lost),
		cmocka_unit_test(no_8_bits_are_left_wherever_they_stood),
		cmocka_unit_test(a_message_whose_structure_is_not_clear_is_left_alone),
		cmocka_unit_test(a_label_may_have_comments_and_folding),
		cmocka_unit_test(no_room_for_the_new_form_is_told),
	};

	return cmocka_run_group_tests_name("downgrade", tests, NULL, NULL);
}
