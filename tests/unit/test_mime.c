/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "mail/mime.h"

/* What the walker tells, as a text: "<2 leaf A,B>" for the header of entity 2 with the
 * fields A and B, "<2 leaf A,B ..." where no empty line ended it; "2:" before a line of a
 * body and "~:" before one of the frame, with "$" at the end of each line. */
struct trace {
	struct buf text;
	bool inside;    /* a line */
	size_t stop_at; /* the call that fails; 0: none */
	size_t calls;
};

static bool
counts(struct trace *t, struct outcome *o)
{
	return ++t->calls != t->stop_at || outcome_fail(o, CAUSE_STORE, "stop");
}

static bool
trace_header(void *arg, size_t i, enum mime_kind kind, struct header *h, bool ended,
    struct outcome *o)
{
	static const char *const kinds[] = { "leaf", "multipart", "message", "opaque" };
	struct trace *t = arg;

	buf_printf(&t->text, "<%zu %s ", i, kinds[kind]);
	for (size_t k = 0; k < h->n; k++) {
		if (k > 0)
			buf_addc(&t->text, ',');
		buf_add_span(&t->text, field_name(h, &h->v[k]));
	}
	buf_puts(&t->text, ended ? ">" : "...");
	return counts(t, o);
}

static bool
trace_line(
    struct trace *t, const char *what, struct span part, bool ends, struct outcome *o)
{
	if (!t->inside)
		buf_puts(&t->text, what);
	buf_add_span(&t->text, part);
	if (ends)
		buf_addc(&t->text, '$');
	t->inside = !ends;
	return counts(t, o);
}

static bool
trace_body(void *arg, size_t i, struct span part, bool ends, struct outcome *o)
{
	char what[32];

	(void)snprintf(what, sizeof what, "%zu:", i);
	return trace_line(arg, what, part, ends, o);
}

static bool
trace_frame(void *arg, struct span part, bool ends, struct outcome *o)
{
	return trace_line(arg, "~:", part, ends, o);
}

static const struct mime_visitor tracer = { trace_header, trace_body, trace_frame };

static void
check_walk(const char *label, struct span text, const char *want, bool want_sound)
{
	bool sound = !want_sound;
	struct trace t = { .inside = false };
	struct source s;
	struct outcome o;

	sample_source(&s, text);
	buf_init(&t.text, SAMPLE_MAX);
	check(label, mime_walk(&s, &tracer, &t, &sound, &o));
	check_text(label, t.text.data, want);
	check_int(label, sound, want_sound);
	buf_free(&t.text);
	source_free(&s);
}

#define MULTI(boundary) "Content-Type: multipart/mixed; boundary=" boundary "\r\n\r\n"

TEST(the_parts_of_a_message_are_told_apart)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "<0 leaf ..." },
		{ "\r\n", "<0 leaf >" },
		{ "A: b\r\n", "<0 leaf A..." },
		{ "A: b\r\n\r\n", "<0 leaf A>" },
		{ "A: b\r\nC: d\r\n e\r\n\r\nx\r\n\r\ny\r\n", "<0 leaf A,C>0:x$0:$0:y$" },
		{ "Content-Type: text/plain\r\n\r\n--b\r\nx\r\n",
		    "<0 leaf Content-Type>0:--b$0:x$" },

		/* One level */
		{ MULTI("b") "pre\r\n--b\r\n\r\nx\r\n--b\r\nA: "
			     "b\r\n\r\ny\r\n--b--\r\nepi\r\n",
		    "<0 multipart Content-Type>~:pre$~:--b$<1 leaf >1:x$~:--b$<2 leaf "
		    "A>2:y$~:--b--$~:epi$" },
		{ MULTI("\"b\"") "--b\r\n\r\nx\r\n--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 leaf >1:x$~:--b--$" },
		{ MULTI("\"b;c d\"; x=y") "--b;c d\r\n\r\nx\r\n--b;c d--\r\n",
		    "<0 multipart Content-Type>~:--b;c d$<1 leaf >1:x$~:--b;c d--$" },
		{ "CONTENT-TYPE: "
		  "Multipart/Mixed;\r\n\tBOUNDARY=b\r\n\r\n--b\r\n\r\nx\r\n",
		    "<0 multipart CONTENT-TYPE>~:--b$<1 leaf >1:x$" },
		{ MULTI("b") "--b  \r\n\r\nx\r\n--b--\t\r\n",
		    "<0 multipart Content-Type>~:--b  $<1 leaf >1:x$~:--b--\t$" },

		/* What looks like a boundary */
		{ MULTI("b") "--b\r\n\r\n--bb\r\n--b-\r\n-b\r\nx--b\r\n--\r\n--B\r\n--b--"
			     "x\r\n",
		    "<0 multipart Content-Type>~:--b$<1 leaf "
		    ">1:--bb$1:--b-$1:-b$1:x--b$1:--$1:--B$1:--b--x$" },

		/* Parts without a body, or a header */
		{ MULTI("b") "--b\r\n--b\r\n\r\n--b\r\nA: b\r\n--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 leaf ...~:--b$<2 leaf "
		    ">~:--b$<3 leaf A...~:--b--$" },

		/* Two levels */
		{ MULTI("b") "--b\r\n" MULTI(
		      "c") "--c\r\n\r\nx\r\n--c--\r\ny\r\n--b\r\n\r\nz\r\n"
			   "--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 multipart Content-Type>~:--c$<2 "
		    "leaf >2:x$~:--c--$~:y$~:--b$<3 leaf >3:z$~:--b--$" },
		{ MULTI("b") "--b\r\n" MULTI("bc") "--bc\r\n\r\nx\r\n--bc--\r\n--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 multipart Content-Type>~:--bc$<2 "
		    "leaf >2:x$~:--bc--$~:--b--$" },
		/* the inner one never ends: the outer boundary ends it */
		{ MULTI("b") "--b\r\n" MULTI(
		      "c") "--c\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 multipart Content-Type>~:--c$<2 "
		    "leaf >2:x$~:--b$<3 leaf >3:y$~:--b--$" },
		/* the boundary at the end is missing */
		{ MULTI("b") "--b\r\n\r\nx\r\n",
		    "<0 multipart Content-Type>~:--b$<1 leaf >1:x$" },

		/* Messages in messages */
		{ "Content-Type: message/rfc822\r\n\r\nA: b\r\n\r\nx\r\n",
		    "<0 message Content-Type><1 leaf A>1:x$" },
		{ "Content-Type: message/global\r\n\r\nA: b\r\n\r\nx\r\n",
		    "<0 message Content-Type><1 leaf A>1:x$" },
		{ MULTI("b") "--b\r\nContent-Type: message/rfc822\r\n\r\n" MULTI(
		      "c") "--c\r\n\r\nx\r\n--c--\r\n--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 message Content-Type><2 "
		    "multipart "
		    "Content-Type>~:--c$<3 leaf >3:x$~:--c--$~:--b--$" },
		/* RFC 6532, 3.7: such a message may be encoded */
		{ "Content-Type: message/global\r\nContent-Transfer-Encoding: "
		  "Base64\r\n\r\nQTogYg==\r\n",
		    "<0 leaf Content-Type,Content-Transfer-Encoding>0:QTogYg==$" },
		{ "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
		  "quoted-printable\r\n\r\nA: b\r\n\r\nx\r\n",
		    "<0 leaf Content-Type,Content-Transfer-Encoding>0:A: b$0:$0:x$" },
		{ "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: "
		  "8BIT\r\n\r\nA: b\r\n\r\nx\r\n",
		    "<0 message Content-Type,Content-Transfer-Encoding><1 leaf A>1:x$" },
		{ "Content-Type: message/delivery-status\r\n\r\nA: b\r\n\r\nx\r\n",
		    "<0 opaque Content-Type>0:A: b$0:$0:x$" },

		/* RFC 2046, 5.1.5 */
		{ "Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\nA: "
		  "b\r\n\r\nx\r\n--b\r\nContent-Type: text/plain\r\n\r\ny\r\n--b--\r\n",
		    "<0 multipart Content-Type>~:--b$<1 message ><2 leaf A>2:x$~:--b$<3 "
		    "leaf Content-Type>3:y$~:--b--$" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_walk(cases[i].text, span_of(cases[i].text), cases[i].want, true);
}

TEST(what_cannot_be_taken_apart_is_told)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "Content-Type: multipart/mixed\r\n\r\n--b\r\n\r\nx\r\n",
		    "<0 opaque Content-Type>0:--b$0:$0:x$" },
		{ "Content-Type: multipart/mixed; boundary=\r\n\r\n--\r\n",
		    "<0 opaque Content-Type>0:--$" },
		{ "Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n",
		    "<0 opaque Content-Type>0:--$" },
		{ "Content-Type: multipart/mixed; boundary*=us-ascii''b\r\n\r\n--b\r\n",
		    "<0 opaque Content-Type>0:--b$" },
		{ "Content-Type: multipart/mixed; boundary*0=b\r\n\r\n--b\r\n",
		    "<0 opaque Content-Type>0:--b$" },
		/* it never comes */
		{ MULTI("b") "--c\r\n\r\nx\r\n",
		    "<0 multipart Content-Type>~:--c$~:$~:x$" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_walk(cases[i].text, span_of(cases[i].text), cases[i].want, false);
}

TEST(a_boundary_is_read_in_every_form_that_it_has)
{
	static const char *const forms[] = { "boundary=b", "boundary=\"b\"", "BOUNDARY=b",
		"charset=x; boundary=b", "boundary = b", "boundary=b; x=y",
		"boundary=b (the one)", "(a; boundary=c) boundary=b", "boundary=\"\\b\"",
		"x=\"\\\"; boundary=c\"; boundary=b", "boundary=\"b \"",
		"\r\n\tboundary=b", "xboundary=c; boundary=b" };

	for (size_t i = 0; i < COUNT(forms); i++) {
		char text[200];

		(void)snprintf(text, sizeof text,
		    "Content-Type: multipart/mixed; %s\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n",
		    forms[i]);
		check_walk(forms[i], span_of(text),
		    "<0 multipart Content-Type>~:--b$<1 leaf >1:x$~:--b--$", true);
	}
}

/* RFC 2046, 5.1.1: "beginning at the beginning of a line". A text that quotes a mail has
 * its boundaries behind blanks. */
TEST(an_indented_boundary_is_none)
{
	check_walk("indented", span_of(MULTI("b") "--b\r\n\r\n --b\r\n\t--b--\r\nx\r\n"),
	    "<0 multipart Content-Type>~:--b$<1 leaf >1: --b$1:\t--b--$1:x$", true);
}

/* The value of another parameter may hold anything. */
TEST(a_boundary_in_quotes_of_another_parameter_is_none)
{
	check_walk("quoted",
	    span_of("Content-Type: multipart/related; start-info=\"a; boundary=c\"; "
		    "boundary=b\r\n\r\n--c\r\n--b\r\n\r\nx\r\n"),
	    "<0 multipart Content-Type>~:--c$~:--b$<1 leaf >1:x$", true);
}

TEST(lines_longer_than_a_piece_come_in_parts_and_complete)
{
	static const size_t sizes[] = { 4093, 4094, 4095, 4096, 4097, 8191, 8192, 70000,
		300000 };

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf text, want;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu bytes", sizes[i]);
		buf_init(&text, SAMPLE_MAX);
		buf_init(&want, SAMPLE_MAX);
		buf_puts(&text, MULTI("b"));
		sample_repeat(&text, "p", sizes[i]);
		buf_puts(&text, "\r\n--b\r\n\r\n");
		sample_repeat(&text, "x", sizes[i]);
		buf_puts(&text, "\r\n--b--\r\n");
		buf_puts(&want, "<0 multipart Content-Type>~:");
		sample_repeat(&want, "p", sizes[i]);
		buf_puts(&want, "$~:--b$<1 leaf >1:");
		sample_repeat(&want, "x", sizes[i]);
		buf_puts(&want, "$~:--b--$");
		check_walk(label, buf_span(&text), want.data, true);
		buf_free(&text);
		buf_free(&want);
	}
}

/* Where a large message is read from its file, a chunk may end between CR and LF, and a
 * part of a line at the very same place. */
TEST(a_chunk_that_ends_within_a_line_end_loses_and_adds_nothing)
{
	for (size_t edge = 4093; edge <= 4098; edge++) {
		size_t before = SOURCE_CHUNK - edge;
		struct buf text, want;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu bytes before the edge", edge);
		buf_init(&text, SAMPLE_MAX);
		buf_init(&want, SAMPLE_MAX);
		buf_puts(&text, "\r\n"); /* 0: no header */
		buf_puts(&want, "<0 leaf >0:");
		sample_repeat(&text, "y", before - 4);
		sample_repeat(&want, "y", before - 4);
		buf_puts(&text, "\r\n");
		buf_puts(&want, "$0:");
		sample_repeat(&text, "x", 4095);
		sample_repeat(&want, "x", 4095);
		buf_puts(&text, "\r\n");
		buf_puts(&want, "$");
		for (size_t i = 0; text.len <= SOURCE_MEMORY; i++) {
			buf_puts(&text, "z\r\n");
			buf_puts(&want, "0:z$");
		}
		check_walk(label, buf_span(&text), want.data, true);
		buf_free(&text);
		buf_free(&want);
	}
}

TEST(very_deep_nesting_is_walked)
{
	struct trace t = { .inside = false };
	struct source s;
	struct outcome o;
	struct buf text;
	bool sound = true;

	buf_init(&text, SAMPLE_MAX);
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, MULTI("b%d") "--b%d\r\n", i, i);
	for (int i = 0; i < 1000; i++)
		buf_puts(&text, "Content-Type: message/rfc822\r\n\r\n");
	buf_puts(&text, "\r\nend\r\n");
	sample_source(&s, buf_span(&text));
	buf_init(&t.text, SAMPLE_MAX);
	assert_true(mime_walk(&s, &tracer, &t, &sound, &o));
	assert_false(sound);
	check_part("deep", t.text.data, "end$");
	buf_free(&t.text);
	buf_free(&text);
	source_free(&s);
}

TEST(a_header_of_any_length_gets_through)
{
	struct buf text, want;

	buf_init(&text, SAMPLE_MAX);
	buf_init(&want, SAMPLE_MAX);
	buf_puts(&text, "A: ");
	sample_repeat(&text, "x", 100000);
	buf_puts(&text, "\r\nB: c\r\n\r\ny\r\n");
	check_walk("long", buf_span(&text), "<0 leaf A,B>0:y$", true);
	buf_free(&text);
	buf_free(&want);
}

TEST(a_visitor_that_fails_ends_the_walk)
{
	static const char text[] = MULTI("b") "pre\r\n--b\r\n\r\nx\r\n--b--\r\nepi\r\n";

	for (size_t stop = 1; stop <= 7; stop++) {
		struct trace t = { .stop_at = stop };
		struct source s;
		struct outcome o = { 0 };
		bool sound;

		sample_source(&s, span_of(text));
		buf_init(&t.text, SAMPLE_MAX);
		assert_false(mime_walk(&s, &tracer, &t, &sound, &o));
		assert_int_equal(t.calls, stop);
		assert_int_equal(o.cause, CAUSE_STORE);
		buf_free(&t.text);
		source_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_parts_of_a_message_are_told_apart),
		cmocka_unit_test(what_cannot_be_taken_apart_is_told),
		cmocka_unit_test(a_boundary_is_read_in_every_form_that_it_has),
		cmocka_unit_test(an_indented_boundary_is_none),
		cmocka_unit_test(a_boundary_in_quotes_of_another_parameter_is_none),
		cmocka_unit_test(lines_longer_than_a_piece_come_in_parts_and_complete),
		cmocka_unit_test(
		    a_chunk_that_ends_within_a_line_end_loses_and_adds_nothing),
		cmocka_unit_test(very_deep_nesting_is_walked),
		cmocka_unit_test(a_header_of_any_length_gets_through),
		cmocka_unit_test(a_visitor_that_fails_ends_the_walk),
	};

	return cmocka_run_group_tests_name("mime", tests, NULL, NULL);
}
