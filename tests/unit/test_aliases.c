/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "lib/sample.h"
#include "mail/aliases.h"

#define TEXT_MAX (64 * 1024)

/* All that was read: "name>item|item|;" with a mark for each kind of item. */
static void
show(const struct aliases *a, struct buf *out)
{
	static const char *const marks[] = { "", "\\", "<", "-", "!" };

	for (size_t i = 0; i < a->n; i++) {
		buf_printf(out, "%s>", a->v[i]->name);
		for (size_t k = 0; k < a->v[i]->n; k++)
			buf_printf(
			    out, "%s%s|", marks[a->v[i]->v[k].kind], a->v[i]->v[k].text);
		buf_puts(out, ";");
	}
}

TEST(aliases_are_read_as_msmtp_and_sendmail_write_them)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "" },
		{ "\n \n\t\n# a: b\n", "" },
		{ "a: b\n", "a>b|;" },
		{ "a: b", "a>b|;" },
		{ "a:b,c@x\r\nd:e\r\n", "a>b|c@x|;d>e|;" },
		{ "a : b , c ,, d,\n", "a>b|c|d|;" },
		{ "\xef\xbb\xbf"
		  "a: b\n",
		    "a>b|;" },
		{ "a:\n", "a>;" },
		{ "a: ,\n", "a>;" },

		/* Comments: behind anything but a quote */
		{ "a: b # c: d, e\n", "a>b|;" },
		{ "a: b@x#c\n", "a>b@x|;" },
		{ "a: \"b#c\"@x # d\n", "a>b#c@x|;" },
		{ " # a\na: b\n # c\n c\n", "a>b|c|;" },

		/* Lines that go on */
		{ "a: b,\n c,\n\td\n", "a>b|c|d|;" },
		{ "a: b\n c\n", "a>b|c|;" },
		{ "a:\n b\n\n c\n", "a>b|c|;" },
		{ "a: b, \\\nc: d\n", NULL },
		{ "a: b, \\\nc, \\\n d\ne: f\n", "a>b|c|d|;e>f|;" },
		{ "a: b \\\n\nc: d\n", "a>b|;c>d|;" },

		/* Names with blanks in front are names in msmtp's files */
		{ " a: b\n\tc: d\n", "a>b|;c>d|;" },
		{ "a: b,\n :include:/c\n", "a>b|</c|;" },
		{ "a: b,\n \"c:d\"@x\n", "a>b|\"c:d\"@x|;" },
		{ "a: b,\n c@[IPv6:::1]\n", "a>b|c@[IPv6:::1]|;" },

		/* Names */
		{ "\"night shift\": b\n", "\"night shift\">b|;" },
		{ "\"root\": b\n", "root>b|;" },
		{ "a.b+c-d_e: f\n", "a.b+c-d_e>f|;" },
		{ "a: \"night shift\"\n", "a>\"night shift\"|;" },
		{ "*: b\n", "*>b|;" },

		/* Addresses in all their forms */
		{ "a: Joe <b@x>, c@x (Ann, of y), \"d, e\" <f@x>\n", "a>b@x|c@x|f@x|;" },
		{ "a: \\a, \"\\b\", \\\"c d\"\n", "a>\\a|\\b|\\\"c d\"|;" },
		{ "a: b\303\244@x\n", "a>b\303\244@x|;" },

		/* What is no address */
		{ "a: :include:/x/y, \":include:/z z\", :INCLUDE: b\n",
		    "a></x/y|</z z|<dir/b|;" },
		{ "a: |/bin/b -c, \"|d e, f\", \"| g \\\"h\\\"\"\n",
		    "a>!|/bin/b -c|!|d e, f|!| g \\\"h\\\"|;" },
		{ "a: /var/mail/b, \"/c d\", :fail: e\n",
		    "a>!/var/mail/b|!/c d|!:fail: e|;" },
		{ "a: /dev/null, \"/dev/null\", :blackhole:\n",
		    "a>-/dev/null|-/dev/null|-:blackhole:|;" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct aliases a = { 0 };
		struct outcome o;
		struct buf shown;
		bool ok = aliases_parse(&a, span_of(cases[i].text), "dir/al", &o);

		buf_init(&shown, TEXT_MAX);
		show(&a, &shown);
		check_int(cases[i].text, ok, cases[i].shown != NULL);
		if (ok)
			check_text(cases[i].text, shown.data, cases[i].shown);
		buf_free(&shown);
		aliases_free(&a);
	}
}

TEST(a_mistake_is_told_with_file_line_and_what_to_write)
{
	static const struct {
		const char *text;
		size_t n;
		const char *words;
	} cases[] = {
		{ "a b\n", 4, "al:1: \"a b\" is no alias: write NAME: ADDRESS" },
		{ "\n\na: x@\n", 8, "al:3: \"x@\" is not a mail address: write" },
		{ "a: b c\n", 7, "al:1: \"b c\" is not a mail address" },
		{ "a: b\n c d\n", 10, "al:2: \"c d\" is not a mail address" },
		{ " b\n", 3, "al:1: \"b\" is no alias" },
		{ "a: b: c\n", 8, "al:1: \"b: c\" has one more \":\"" },
		{ "a: b;\n", 6, "al:1: \"b;\" is not" },
		{ "a: <>\n", 6, "al:1: \"<>\" is not" },
		{ "a: \"b\n", 6, "al:1: a double quote is opened and not closed" },
		{ "a: b\nA: c\n", 10, "al:2: duplicate alias 'A': line 1 has it" },
		{ "a@x: b\n", 7,
		    "al:1: the name of an alias has no domain: write \"a@x\"" },
		{ "a b: c\n", 7, "al:1: \"a b\" can't be the name of an alias" },
		{ ": c\n", 4, "al:1: \": c\" is no alias" },
		{ "<>: c\n", 6, "al:1: \"<>\" can't be the name" },
		{ "a: :include:\n", 13, "al:1: :include: names no file" },
		{ "a: b\0c\n", 7, "al:1: it holds a control character" },
		{ "a: b\rc\n", 7, "al:1: it holds a control character" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct aliases a = { 0 };
		struct outcome o;

		check(cases[i].words,
		    !aliases_parse(&a, span_bytes(cases[i].text, cases[i].n), "al", &o));
		check_int(cases[i].words, o.cause, CAUSE_CONFIG);
		check_part(cases[i].words, o.text, cases[i].words);
		aliases_free(&a);
	}
}

TEST(names_are_found_without_regard_to_case)
{
	struct aliases a = { 0 };
	struct outcome o;

	assert_true(aliases_parse(&a, span_of("Root: x\n*: y\n"), "al", &o));
	assert_string_equal(aliases_find(&a, "ROOT")->name, "Root");
	assert_null(aliases_find(&a, "roo"));
	assert_string_equal(aliases_default(&a)->name, "*");
	assert_true(aliases_parse(&a, span_of("DEFAULT: z\n"), "al", &o));
	assert_string_equal(aliases_default(&a)->name, "DEFAULT");
	aliases_free(&a);
	assert_null(aliases_find(&a, "root"));
	assert_null(aliases_default(&a));
	aliases_free(&a);
}

TEST(an_included_file_is_a_list_and_is_read_once)
{
	char *d = sample_directory();
	char *list = sample_write(
	    d, "sub/list", "# the team\na@x, b\nc@x # d\n\n  :include:more\n", 0600);
	char *path = sample_write(d, "al", "t: :include:sub/list\n", 0600);
	struct aliases a = { 0 };
	struct alias *t, *found;
	struct outcome o;

	assert_true(aliases_read(&a, path, &o));
	t = aliases_find(&a, "t");
	assert_string_equal(t->v[0].text, list);
	found = aliases_include(&a, t, &t->v[0], &o);
	assert_non_null(found);
	assert_int_equal(found->line, 0);
	assert_int_equal(found->n, 4);
	assert_string_equal(found->v[2].text, "c@x");
	assert_int_equal(found->v[2].line, 3);
	assert_ptr_equal(aliases_include(&a, t, &t->v[0], &o), found);

	/* It names a file that isn't there. */
	assert_null(aliases_include(&a, found, &found->v[3], &o));
	assert_int_equal(o.cause, CAUSE_CONFIG);
	check_part("words", o.text, "sub/list:5: :include:");
	check_part("words", o.text, "sub/more can't be read: No such file");
	aliases_free(&a);
	free(path);
	free(list);
	sample_directory_end(d);
}

TEST(a_file_that_cannot_be_read_is_named_with_the_reason)
{
	static const struct {
		const char *label, *reason;
		size_t size;
	} cases[] = {
		{ "none", "No such file", 0 },
		{ "largest", NULL, ALIASES_MAX },
		{ "too large", "larger than 1 MB", ALIASES_MAX + 1 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *d = sample_directory();
		struct aliases a = { 0 };
		struct outcome o;
		struct buf text;
		char *path;
		bool ok;

		buf_init(&text, SAMPLE_MAX);
		sample_repeat(&text, "#", cases[i].size);
		path = sample_write(d, "al", text.data, 0600);
		if (cases[i].size == 0)
			(void)remove(path);
		ok = aliases_read(&a, path, &o);
		check_int(cases[i].label, ok, cases[i].reason == NULL);
		if (!ok) {
			check_int(cases[i].label, o.cause, CAUSE_CONFIG);
			check_part(cases[i].label, o.text, path);
			check_part(cases[i].label, o.text, cases[i].reason);
		}
		aliases_free(&a);
		buf_free(&text);
		free(path);
		sample_directory_end(d);
	}
}

/* msmtp drops the 33rd, and doesn't take a line of 512 bytes. */
TEST(an_alias_can_have_any_number_of_addresses)
{
	enum { MANY = 20000 };
	struct aliases a = { 0 };
	struct outcome o;
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "all: ");
	for (int i = 0; i < MANY; i++)
		buf_printf(&text, "user%d@lab.example,", i);
	assert_true(aliases_parse(&a, buf_span(&text), "al", &o));
	assert_int_equal(aliases_find(&a, "all")->n, MANY);
	aliases_free(&a);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(aliases_are_read_as_msmtp_and_sendmail_write_them),
		cmocka_unit_test(a_mistake_is_told_with_file_line_and_what_to_write),
		cmocka_unit_test(names_are_found_without_regard_to_case),
		cmocka_unit_test(an_included_file_is_a_list_and_is_read_once),
		cmocka_unit_test(a_file_that_cannot_be_read_is_named_with_the_reason),
		cmocka_unit_test(an_alias_can_have_any_number_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
