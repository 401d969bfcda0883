/* SPDX-License-Identifier: ISC
 *
 * test_address.c - one address: its name, its domain, and how it is written
 */
#include "lib/unit.h"

#include "lib/sample.h"
#include "mail/address.h"

TEST(one_address_is_one_or_none)
{
	static const struct {
		const char *text, *spec; /* NULL: refused */
	} cases[] = {
		{ "a@x", "a@x" },
		{ "Joe <a@x>", "a@x" },
		{ "", "" },
		{ "<>", "" },
		{ " , ", "" },
		{ "a@x,", "a@x" },
		{ "a@x,b@x", NULL },
		{ "a b", NULL },
		{ "<>,<>", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address a = { 0 };
		struct outcome o;
		bool ok = address_parse(&a, span_of(cases[i].text), &o);

		check_int(cases[i].text, ok, cases[i].spec != NULL);
		check_text(cases[i].text, a.spec, cases[i].spec);
		if (!ok)
			check_int(cases[i].text, o.cause, CAUSE_ADDRESS);
		address_free(&a);
	}
}

TEST(names_are_read_without_their_quotes_and_comments)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ "a@x", NULL },
		{ "<a@x>", NULL },
		{ "Joe <a@x>", "Joe" },
		{ "  Joe   Public\t<a@x>", "Joe Public" },
		{ "\"Joe, Jr.\" <a@x>", "Joe, Jr." },
		{ "\"Giant; \\\"Big\\\" Box\" <a@x>", "Giant; \"Big\" Box" },
		{ "Joe (the cat) Public <a@x>", "Joe Public" },
		{ "Joe Q. Public <a@x>", "Joe Q. Public" },
		{ "Joe [ops team] <a@x>", "Joe [ops team]" },
		{ "Public\\, Joe <a@x>", "Public, Joe" },
		{ "\"\" <a@x>", NULL },
		{ "a@b <c@d>", "a@b" },
		{ "J\303\266rg <a@x>", "J\303\266rg" },
		{ "Joe\r\n Public <a@x>", "Joe Public" },
		{ "Mailer <>", "Mailer" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct address a = { 0 };
		struct outcome o;

		check(cases[i].text, address_parse(&a, span_of(cases[i].text), &o));
		check_text(cases[i].text, a.name, cases[i].name);
		address_free(&a);
	}
}

TEST(a_name_may_be_longer_than_an_address)
{
	struct address a = { 0 };
	struct outcome o;
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "long ", 1000);
	buf_puts(&text, "<a@x>");
	assert_true(address_parse(&a, buf_span(&text), &o));
	assert_string_equal(a.spec, "a@x");
	assert_int_equal(strlen(a.name), 4999);
	address_free(&a);
	buf_free(&text);
}

TEST(a_domain_stands_behind_the_last_at_sign)
{
	static const struct {
		const char *spec, *domain;
	} cases[] = {
		{ "a@x", "x" },
		{ "a", NULL },
		{ "", NULL },
		{ "\"a@b\"@x", "x" },
		{ "\"a@b\"", NULL },
		{ "a@[IPv6:::1]", "[IPv6:::1]" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_text(cases[i].spec, address_domain(cases[i].spec), cases[i].domain);
}

TEST(what_is_no_atom_is_quoted)
{
	static const struct {
		const char *content, *local, *phrase;
	} cases[] = {
		{ "joe", "joe", "joe" },
		{ "a.b", "a.b", "\"a.b\"" },
		{ "a b", "\"a b\"", "a b" },
		{ "", "\"\"", "" },
		{ "a@b", "\"a@b\"", "\"a@b\"" },
		{ "a\"b\\c", "\"a\\\"b\\\\c\"", "\"a\\\"b\\\\c\"" },
		{ "Joe, Jr.", "\"Joe, Jr.\"", "\"Joe, Jr.\"" },
		{ "(x)", "\"(x)\"", "\"(x)\"" },
		{ "M\303\274ller", "M\303\274ller", "M\303\274ller" },
		{ "=?utf-8?Q?x?=", "=?utf-8?Q?x?=", "=?utf-8?Q?x?=" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, 1000);
		address_add_local(&out, span_of(cases[i].content));
		check_text(cases[i].content, out.data, cases[i].local);
		buf_clear(&out);
		address_add_phrase(&out, span_of(cases[i].content));
		check_text(cases[i].content, out.data, cases[i].phrase);
		buf_free(&out);
	}
}

TEST(a_local_part_that_was_written_is_read_back)
{
	for (int c = 1; c < 0x80; c++) {
		char content[] = { 'a', (char)c, 'b' };
		struct address a = { 0 };
		struct outcome o;
		struct buf out;
		char label[16];

		if (is_control((char)c))
			continue;
		(void)snprintf(label, sizeof label, "0x%02x", (unsigned)c);
		buf_init(&out, 1000);
		address_add_local(&out, span_bytes(content, sizeof content));
		buf_puts(&out, "@x.example");
		check(label, address_parse(&a, buf_span(&out), &o));
		check_text(label, a.spec, out.data);
		address_free(&a);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_address_is_one_or_none),
		cmocka_unit_test(names_are_read_without_their_quotes_and_comments),
		cmocka_unit_test(a_name_may_be_longer_than_an_address),
		cmocka_unit_test(a_domain_stands_behind_the_last_at_sign),
		cmocka_unit_test(what_is_no_atom_is_quoted),
		cmocka_unit_test(a_local_part_that_was_written_is_read_back),
	};

	return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}
