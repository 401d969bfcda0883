/* SPDX-License-Identifier: ISC
 *
 * test_address_list.c - lists of addresses, as headers and command lines have them
 */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/sample.h"
#include "mail/address.h"

/* The specs of a list, each with a '|' behind it; the caller frees it. */
static char *
specs_of(struct span text, struct outcome *o)
{
	struct address_list list = { 0 };
	bool ok = address_list_parse(&list, text, o);
	struct buf b;

	buf_init(&b, SAMPLE_MAX);
	for (size_t i = 0; ok && i < list.n; i++)
		buf_printf(&b, "%s|", list.v[i].spec);
	address_list_free(&list);
	return ok ? buf_take(&b) : NULL;
}

static void
check_good(const char *text, const char *want)
{
	struct outcome o;
	char *specs = specs_of(span_of(text), &o);

	if (specs == NULL)
		print_error("%s\n", o.text);
	check_text(text, specs, want);
	free(specs);
}

TEST(the_examples_of_rfc_5322_are_read)
{
	static const struct {
		const char *text, *specs;
	} cases[] = {
		/* A.1.1 */
		{ " John Doe <jdoe@machine.example>", "jdoe@machine.example|" },
		/* A.1.2 */
		{ " \"Joe Q. Public\" <john.q.public@example.com>",
		    "john.q.public@example.com|" },
		{ " Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
		    "mary@x.test|jdoe@example.org|one@y.test|" },
		{ " <boss@nil.test>, \"Giant; \\\"Big\\\" Box\" "
		  "<sysservices@example.net>",
		    "boss@nil.test|sysservices@example.net|" },
		/* A.1.3 */
		{ " A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
		    "c@a.test|joe@where.test|jdoe@one.test|" },
		{ " Undisclosed recipients:;", "" },
		/* A.5 */
		{ " Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
		    "pete@silly.test|" },
		{ "A Group(Some people)\r\n"
		  "     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
		  "         joe@example.org,\r\n"
		  "  John <jdoe@one.test> (my dear friend); (the end of the group)\r\n",
		    "c@public.example|joe@example.org|jdoe@one.test|" },
		{ "(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;", "" },
		/* A.6.1 */
		{ "Joe Q. Public <john.q.public@example.com>",
		    "john.q.public@example.com|" },
		{ "Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
		    "mary@example.net|jdoe@test.example|" },
		/* A.6.3 */
		{ "John Doe <jdoe@machine(comment).  example>", "jdoe@machine.example|" },
		{ " Mary Smith\r\n          \r\n          <mary@example.net>",
		    "mary@example.net|" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_good(cases[i].text, cases[i].specs);
}

TEST(good_lists_are_read)
{
	static const struct {
		const char *text, *specs;
	} cases[] = {
		/* Bare addresses */
		{ "a@b", "a@b|" },
		{ " a@b ", "a@b|" },
		{ "\ta@b\n", "a@b|" },
		{ "root", "root|" },
		{ "a@B.Example", "a@B.Example|" },
		{ "!#$%&'*+-/=?^_`{|}~@x", "!#$%&'*+-/=?^_`{|}~@x|" },
		{ "a+tag@x", "a+tag@x|" },
		{ "a@b-c.example", "a@b-c.example|" },
		{ "a@example.org.", "a@example.org.|" },

		/* Lists */
		{ "", "" },
		{ "a@x,b@x", "a@x|b@x|" },
		{ "a@x, b@x , c@x", "a@x|b@x|c@x|" },
		{ ",a@x,,b@x,", "a@x|b@x|" },
		{ ", ,\t,", "" },
		{ "(nobody),a@x", "a@x|" },
		{ "a@x; b@x;", "a@x|b@x|" },
		{ "a@x;b@x,c@x", "a@x|b@x|c@x|" },
		{ "a@x,\r\n\tb@x,\r\n c@x", "a@x|b@x|c@x|" },
		{ "a@x,\n b@x", "a@x|b@x|" },
		{ "a,b,c", "a|b|c|" },
		{ "a@x,a@x", "a@x|a@x|" },

		/* Names */
		{ "Joe <a@x>", "a@x|" },
		{ "Joe<a@x>", "a@x|" },
		{ "Joe [ops] <a@x>", "a@x|" },
		{ "[ops] Joe] <a@x>, b@x", "a@x|b@x|" },
		{ "Joe \\\"the cat\\\" Public <a@x>", "a@x|" },
		{ "Public\\, Joe <a@x>", "a@x|" },
		{ "\"Joe, Jr.\" <a@x>, b@x", "a@x|b@x|" },
		{ "Joe \"the cat\" Public <a@x>", "a@x|" },
		{ "J. R. \"Bob\" Dobbs <a@x>", "a@x|" },
		{ "\"a@b\" <c@d>", "c@d|" },
		{ "a@b <c@d>", "c@d|" },
		{ "a@b <a@b>", "a@b|" },
		{ "a.b@c.d <a.b@c.d>, e@f", "a.b@c.d|e@f|" },
		{ "root <root>", "root|" },
		{ "=?utf-8?Q?J=C3=B6?= <a@x>", "a@x|" },
		{ "J\303\266rg <a@x>", "a@x|" },

		/* The null address */
		{ "<>", "|" },
		{ "Mailer <>", "|" },
		{ "< >", "|" },
		{ "<(nobody)>", "|" },

		/* Angles */
		{ "<a@x>", "a@x|" },
		{ "< a@x >", "a@x|" },
		{ "<a @ x>", "a@x|" },
		{ "<a@x> (comment)", "a@x|" },
		{ "<a@x>,<b@x>", "a@x|b@x|" },

		/* Source routes: RFC 5321, 4.1.1.3 and C */
		{ "<@a:b@c>", "b@c|" },
		{ "<@a,@b:c@d>", "c@d|" },
		{ "<@a , @b : c@d>", "c@d|" },
		{ "<@a.example,,@b:c@d>", "c@d|" },
		{ "<@[127.0.0.1]:c@d>", "c@d|" },

		/* Groups */
		{ "Friends: a@x, b@x;", "a@x|b@x|" },
		{ "Friends: a@x, b@x;, c@x", "a@x|b@x|c@x|" },
		{ "A: a@x; B: b@x;", "a@x|b@x|" },
		{ "A:;,B:;", "" },
		{ "\"Quoted: name\": a@x;", "a@x|" },
		{ "a@x, G: b@x;", "a@x|b@x|" },
		{ "G:,,a@x,,;", "a@x|" },
		{ "G: a@x, b@x", "a@x|b@x|" }, /* it lacks its end */

		/* Comments */
		{ "a@x (Joe)", "a@x|" },
		{ "(Joe) a@x", "a@x|" },
		{ "a(b)@(c)x(d)", "a@x|" },
		{ "a@x (nested (deep (deeper)))", "a@x|" },
		{ "good (\\) , evil@x)", "good|" },
		{ "good@x (\\() , fine@x (\\\\)", "good@x|fine@x|" },
		{ "good@x (\"), b@x (\")", "good@x|b@x|" },
		{ "good@x (a, b@x; c: <d@x>)", "good@x|" },
		{ "good@x (\\\\), b@x", "good@x|b@x|" },
		{ "()a@x()", "a@x|" },

		/* Quoted local parts */
		{ "\"a b\"@x", "\"a b\"@x|" },
		{ "\"a@b\"@x", "\"a@b\"@x|" },
		{ "\"a@b\"", "\"a@b\"|" },
		{ "\"plain\"@x", "plain@x|" },
		{ "\"a\".\"b\"@x", "a.b@x|" },
		{ "\"a b\".c@x", "\"a b.c\"@x|" },
		{ "\"a\\\"b\\\\c\"@x", "\"a\\\"b\\\\c\"@x|" },
		{ "\"\\a\\b\"@x", "ab@x|" },
		{ "\"\"@x", "\"\"@x|" },
		{ "\"a,b;c\"@x, d@x", "\"a,b;c\"@x|d@x|" },
		{ "\"a\r\n b\"@x", "\"a b\"@x|" },
		{ "<\"a b\"@x>", "\"a b\"@x|" },
		{ "\"<a@x>\"@y", "\"<a@x>\"@y|" },

		/* Dots where they may not be, but are */
		{ "a..b.@docomo.example", "a..b.@docomo.example|" },
		{ ".a@x", ".a@x|" },
		{ "<a..@x>", "a..@x|" },

		/* Blanks around dots: RFC 5322, 4.4 */
		{ "a . b @ c . d", "a.b@c.d|" },
		{ "a (x) . (y) b@c (z) . d", "a.b@c.d|" },
		{ "a. b@c. d", "a.b@c.d|" },
		{ "a .b@c .d", "a.b@c.d|" },

		/* Domain literals: RFC 5321, 4.1.3 */
		{ "a@[127.0.0.1]", "a@[127.0.0.1]|" },
		{ "a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]|" },
		{ "a@ [ 127.0.0.1 ] (local)", "a@[127.0.0.1]|" },
		{ "<a@[127.0.0.1]>", "a@[127.0.0.1]|" },
		{ "a@[x,y;z]", "a@[x,y;z]|" },

		/* UTF-8 */
		{ "m\303\274ller@b\303\274cher.example",
		    "m\303\274ller@b\303\274cher.example|" },
		{ "\346\227\245@\346\234\254.example",
		    "\346\227\245@\346\234\254.example|" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_good(cases[i].text, cases[i].specs);
}

/* Each with what the words must show, so that a person finds it. */
TEST(bad_lists_are_refused_and_the_culprit_is_named)
{
	static const struct {
		const char *text, *culprit;
	} cases[] = {
		{ "foo bar", "foo bar" },
		{ "a@x, foo bar, b@x", "foo bar" },
		{ "a@x b@x", "a@x b@x" },
		{ "a@x; b c@x", "b c@x" },
		{ "a@b@c", "a@b@c" },
		{ "@x", "@x" },
		{ "a@", "a@" },
		{ "@", "@" },
		{ "a@,b@x", "a@" },
		{ "a b@x", "a b@x" },
		{ "\"a\" b@x", "\"a\" b@x" },
		{ "a\"b\"@x", "a\"b\"@x" },
		{ "\"a\"\".b\"@x", "\"a\"\".b\"@x" },
		{ "<a@x><b@x>", "<a@x><b@x>" },
		{ "a@b c@d <x@y>", "a@b c@d <x@y>" },

		{ "<a@x", "<a@x" },
		{ "a@x>", "a@x>" },
		{ "<<a@x>>", "<<a@x>>" },
		{ "<a@x> foo", "<a@x> foo" },
		{ "<a@x>b@x", "<a@x>b@x" },
		{ "<a b@x>", "<a b@x>" },
		{ "<a,b>", "<a" },
		{ "Joe <", "Joe <" },
		{ "Joe [ops]", "Joe [ops]" },
		{ "Joe [ops] a@x", "Joe [ops] a@x" },
		{ "a[1]@x", "a[1]@x" },
		{ "\\a@x", "\\a@x" },
		{ "a\\@b@x", "a\\@b@x" },
		{ "Joe \\", "Joe \\" },
		{ "Joe <@>", "Joe <@>" },
		{ "<@x>", "<@x>" },
		{ "<@a:@b>", "<@a:@b>" },
		{ "<a@>", "<a@>" },

		{ "\"Joe <a@x>", "\"Joe <a@x>" },
		{ "a@x, \"Joe <b@x>, c@x", "\"Joe <b@x>" },
		{ "\"a\\\"@x", "\"a\\\"@x" },
		{ "\"a\\", "\"a\\" },
		{ "(a@x", "(a@x" },
		{ "a@x (b", "a@x (b" },
		{ "a@x (b\\)", "a@x (b\\)" },
		{ "a@x (b\\", "a@x (b\\" },
		{ "a@x )", "a@x )" },
		{ "a@[127.0.0.1", "a@[127.0.0.1" },
		{ "a@[]", "a@[]" },
		{ "a@[[x]]", "a@[[x]]" },
		{ "a@[x\\]]", "a@[x\\]]" },
		{ "a@]", "a@]" },
		{ "a@[x]y", "a@[x]y" },

		{ "G: H: a@x;;", "H: a@x" },
		{ ":", ":" },
		{ ": a@x;", ": a@x" },
		{ "a@x: b@x;", "a@x: b@x" },

		{ "a\\b@x", "a\\b@x" },
		{ "a@b\\c", "a@b\\c" },

		/* RFC 6532 has UTF-8, and no other 8-bit text */
		{ "b@x, m\xfcller@x", "m" },
		{ "a@m\xfcller.example", "a@m" },
		{ "\"\xc3\"@x", "@x" },
		{ "Joe <a\xed\xa0\x80@x>", "Joe <a" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		char *specs = specs_of(span_of(cases[i].text), &o);

		check_text(cases[i].text, specs, NULL);
		check_int(cases[i].text, o.cause, CAUSE_ADDRESS);
		check_part(cases[i].text, o.text, cases[i].culprit);
	}
}

/* A name whose address lacks its angles: the dot in the quotes joins nothing. */
TEST(a_dot_in_quotes_does_not_join_words)
{
	static const char *const cases[] = { "\"Joe Jr.\" joe@x", "\"a.\"b@x",
		"\"a.\" \"b\"@x", "<\"a.\" b@x>" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		char *specs = specs_of(span_of(cases[i]), &o);

		check_text(cases[i], specs, NULL);
	}
}

/* They would be commands, or a terminal's, if they got through. */
TEST(control_characters_are_refused_wherever_they_stand)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = {
		{ "a\001@x", 4 },
		{ "a@x\001", 4 },
		{ "\001a@x", 4 },
		{ "a\033[2J@x", 7 },
		{ "a@x\177", 4 },
		{ "a@x\0b@x", 7 },
		{ "\0", 1 },
		{ "\"a\001b\"@x", 7 },
		{ "\"a\\\001b\"@x", 8 },
		{ "\"a\0b\"@x", 7 },
		{ "\"a\\\0b\"@x", 8 },
		{ "\"a\001\" <b@x>", 11 },
		{ "a@[1\0012]", 8 },
		{ "<a@x\001>", 6 },
		{ "a@x\v", 4 },
		{ "a@x\f,b@x", 8 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		char *specs = specs_of(span_bytes(cases[i].text, cases[i].n), &o);

		check_text(cases[i].text, specs, NULL);
		check_int(cases[i].text, o.cause, CAUSE_ADDRESS);
	}
}

TEST(a_tab_in_a_quoted_local_part_is_a_control_character_too)
{
	struct outcome o;

	assert_null(specs_of(span_of("\"a\tb\"@x"), &o));
}

TEST(control_characters_are_refused_in_comments_too)
{
	struct outcome o;

	assert_null(specs_of(span_of("a@x (\001)"), &o));
	assert_null(specs_of(span_bytes("a@x (\0)", 7), &o));
}

/* RFC 5322, 3.4.1 and 4.4: a domain is made of atoms, and an atom isn't empty. The dots
 * of some carriers are in local parts only. */
TEST(a_domain_has_no_empty_labels)
{
	static const char *const cases[] = { "a@.", "a@..", "a@.x", "a@x..y", "a@x. .y",
		"<a@.x>", "<@.:a@x>" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		char *specs = specs_of(span_of(cases[i]), &o);

		check_text(cases[i], specs, NULL);
	}
}

TEST(an_address_has_a_limit_and_a_list_has_none)
{
	struct buf text;
	struct outcome o;
	char *specs;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "a", ADDRESS_MAX - 2);
	buf_puts(&text, "@x");
	specs = specs_of(buf_span(&text), &o);
	assert_non_null(specs);
	free(specs);
	buf_clear(&text);
	sample_repeat(&text, "a", ADDRESS_MAX - 1);
	buf_puts(&text, "@x");
	assert_null(specs_of(buf_span(&text), &o));
	assert_int_equal(o.cause, CAUSE_ADDRESS);
	assert_true(strlen(o.text) < 200); /* it isn't shown in full */
	buf_clear(&text);
	buf_puts(&text, "a@");
	sample_repeat(&text, "x", ADDRESS_MAX);
	assert_null(specs_of(buf_span(&text), &o));
	buf_clear(&text);
	sample_repeat(&text, "somebody@example.org, ", 50000);
	specs = specs_of(buf_span(&text), &o);
	assert_non_null(specs);
	assert_int_equal(strlen(specs), 50000 * strlen("somebody@example.org|"));
	free(specs);
	buf_free(&text);
}

TEST(depth_costs_no_stack)
{
	struct buf text;
	struct outcome o;
	char *specs;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "(", 1000000);
	assert_null(specs_of(buf_span(&text), &o));
	sample_repeat(&text, ")", 1000000);
	buf_puts(&text, "a@x");
	specs = specs_of(buf_span(&text), &o);
	assert_string_equal(specs, "a@x|");
	free(specs);
	buf_free(&text);
}

TEST(what_was_read_before_a_mistake_stays_in_the_list)
{
	struct address_list list = { 0 };
	struct outcome o;

	assert_true(address_list_parse(&list, span_of("a@x"), &o));
	assert_false(address_list_parse(&list, span_of("b@x, c d"), &o));
	assert_string_equal(list.v[0].spec, "a@x");
	assert_true(address_list_parse(&list, span_of("e@x"), &o));
	assert_string_equal(list.v[list.n - 1].spec, "e@x");
	address_list_free(&list);
	assert_int_equal(list.n, 0);
	address_list_free(&list);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_examples_of_rfc_5322_are_read),
		cmocka_unit_test(good_lists_are_read),
		cmocka_unit_test(bad_lists_are_refused_and_the_culprit_is_named),
		cmocka_unit_test(a_dot_in_quotes_does_not_join_words),
		cmocka_unit_test(control_characters_are_refused_wherever_they_stand),
		cmocka_unit_test(a_tab_in_a_quoted_local_part_is_a_control_character_too),
		cmocka_unit_test(control_characters_are_refused_in_comments_too),
		cmocka_unit_test(a_domain_has_no_empty_labels),
		cmocka_unit_test(an_address_has_a_limit_and_a_list_has_none),
		cmocka_unit_test(depth_costs_no_stack),
		cmocka_unit_test(what_was_read_before_a_mistake_stays_in_the_list),
	};

	return cmocka_run_group_tests_name("address: lists", tests, NULL, NULL);
}
