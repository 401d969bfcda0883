/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/encode.h"

static const struct {
	const char *bytes;
	size_t n;
	const char *base64;
} vectors[] = {
	/* RFC 4648, 10 */
	{ "", 0, "" },
	{ "f", 1, "Zg==" },
	{ "fo", 2, "Zm8=" },
	{ "foo", 3, "Zm9v" },
	{ "foob", 4, "Zm9vYg==" },
	{ "fooba", 5, "Zm9vYmE=" },
	{ "foobar", 6, "Zm9vYmFy" },
	{ "\0\0\0", 3, "AAAA" },
	{ "\377\376\375", 3, "//79" },
	{ "\373\360", 2, "+/A=" },
};

TEST(bytes_are_written_in_base64)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct buf out;

		buf_init(&out, 100);
		buf_puts(&out, "AUTH ");
		base64_encode(&out, span_bytes(vectors[i].bytes, vectors[i].n));
		check_text(vectors[i].base64, out.data + 5, vectors[i].base64);
		buf_free(&out);
	}
}

TEST(base64_is_read_back)
{
	for (size_t i = 0; i < COUNT(vectors); i++) {
		struct buf out;

		buf_init(&out, 100);
		check(vectors[i].base64, base64_decode(&out, span_of(vectors[i].base64)));
		check_int(vectors[i].base64, out.len, vectors[i].n);
		check(vectors[i].base64,
		    memcmp(out.data, vectors[i].bytes, vectors[i].n) == 0);
		buf_free(&out);
	}
}

TEST(what_is_no_base64_gives_nothing)
{
	static const char *const cases[] = { "Zg", "Zg=", "Zg===", "Z", "====", "Zm9v!",
		"Zm 9v", "Zm9v Zm9v", "*", "User Name", "Zm9-", "\303\244" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;

		buf_init(&out, 100);
		buf_puts(&out, "kept");
		check(cases[i], !base64_decode(&out, span_of(cases[i])));
		check_text(cases[i], out.data, "kept");
		buf_free(&out);
	}
}

TEST(base64_of_any_length_stays_on_one_line)
{
	char bytes[3000];
	struct buf out, back;

	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7);
	buf_init(&out, 5000);
	buf_init(&back, 5000);
	base64_encode(&out, span_bytes(bytes, sizeof bytes));
	assert_int_equal(out.len, sizeof bytes / 3 * 4);
	assert_null(strpbrk(out.data, "\r\n "));
	assert_true(base64_decode(&back, buf_span(&out)));
	assert_int_equal(back.len, sizeof bytes);
	assert_memory_equal(back.data, bytes, sizeof bytes);
	buf_free(&out);
	buf_free(&back);
}

TEST(domain_names_become_a_labels_where_they_must)
{
	static const struct {
		const char *domain, *ascii; /* NULL: it can't be one */
	} cases[] = {
		{ "example.org", "example.org" }, { "EXAMPLE.org", "EXAMPLE.org" },
		{ "b\303\274cher.example", "xn--bcher-kva.example" },
		{ "B\303\234CHER.example", "xn--bcher-kva.example" },
		{ "mail.b\303\274cher.example", "mail.xn--bcher-kva.example" },
		{ "fa\303\237.example", "xn--fa-hia.example" }, /* not "fass" */
		{ "\346\227\245\346\234\254.example", "xn--wgv71a.example" },
		{ "_dmarc.example", "_dmarc.example" }, { "[127.0.0.1]", "[127.0.0.1]" },
		{ "[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]" }, { "", "" },
		{ "\377\376.example", NULL }, { "b\303\274 cher.example", NULL },
		/* what IDNA maps to something that means something in a command */
		{ "a\357\274\236b\303\274.example", NULL }, /* a wide '>' */
		{ "a\343\200\200b.example", NULL },         /* a wide blank */
		{ "a\357\274\240b.example", NULL },         /* a wide '@' */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char *ascii = domain_to_ascii(cases[i].domain);

		check_text(cases[i].domain, ascii, cases[i].ascii);
		free(ascii);
	}
}

TEST(a_name_with_a_label_that_is_too_long_has_no_ascii_form)
{
	char domain[200];

	memset(domain, 'a', 100);
	memcpy(domain + 100, "\303\274.example", 11);
	assert_null(domain_to_ascii(domain));
}

TEST(a_host_name_has_labels_of_letters_and_digits)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "a", true },
		{ "mail.example", true },
		{ "mail.example.", true },
		{ "MAIL-1.example", true },
		{ "_submission._tcp.example", true },
		{ "192.0.2.1", true },
		{ "", false },
		{ ".", false },
		{ "..", false },
		{ ".example", false },
		{ "a..example", false },
		{ "example..", false },
		{ "a b", false },
		{ "a\nb", false },
		{ "a:25", false },
		{ "[::1]", false },
		{ "a;id", false },
		{ "m\303\274ller.example", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_int(cases[i].text, is_host_name(cases[i].text), cases[i].is);
}

TEST(a_host_name_has_a_limit_and_so_have_its_labels)
{
	struct buf name;

	buf_init(&name, 1000);
	for (size_t n = 1; n < 70; n++) {
		buf_clear(&name);
		for (size_t i = 0; i < n; i++)
			buf_addc(&name, 'a');
		assert_int_equal(is_host_name(name.data), n <= 63);
	}
	for (size_t n = 240; n < 260; n++) {
		buf_clear(&name);
		for (size_t i = 0; i < n; i++)
			buf_addc(&name, i % 10 == 9 && i != n - 1 ? '.' : 'a');
		assert_int_equal(is_host_name(name.data), n <= 253);
	}
	buf_free(&name);
}

TEST(only_well_formed_utf8_is_utf8)
{
	static const struct {
		const char *text;
		bool is;
	} cases[] = {
		{ "", true }, { "plain", true }, { "\302\200", true }, /* U+0080 */
		{ "\337\277", true },                                  /* U+07FF */
		{ "\340\240\200", true },                              /* U+0800 */
		{ "\355\237\277", true },                              /* U+D7FF */
		{ "\356\200\200", true },                              /* U+E000 */
		{ "\357\277\277", true },                              /* U+FFFF */
		{ "\360\220\200\200", true },                          /* U+10000 */
		{ "\364\217\277\277", true },                          /* U+10FFFF */
		{ "a\303\244b\342\202\254c", true },
		{ "\200", false },             /* begins with a follower */
		{ "\300\200", false },         /* overlong NUL */
		{ "\301\277", false },         /* overlong */
		{ "\340\237\277", false },     /* overlong */
		{ "\360\217\277\277", false }, /* overlong */
		{ "\355\240\200", false },     /* a surrogate */
		{ "\355\277\277", false },
		{ "\364\220\200\200", false }, /* above U+10FFFF */
		{ "\365\200\200\200", false },
		{ "\370\210\200\200\200", false },    /* five bytes */
		{ "\377", false }, { "\303", false }, /* cut off */
		{ "\342\202", false }, { "\360\220\200", false }, { "\303a", false },
		{ "\342\202a", false }, { "\360\220\200a", false },
		{ "m\374ller", false }, /* Latin-1 */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span text = span_of(cases[i].text);
		struct utf8 bytewise = { 0 };

		check_int(cases[i].text, is_utf8(text), cases[i].is);
		for (size_t k = 0; k < text.n; k++)
			utf8_feed(&bytewise, span_bytes(text.p + k, 1));
		check_int(cases[i].text, utf8_is_whole(&bytewise), cases[i].is);
	}
}

TEST(text_of_others_is_made_fit_for_a_terminal)
{
	static const struct {
		const char *text, *shown;
	} cases[] = {
		{ "", "" }, { "plain", "plain" }, { "two\nlines\n", "two|lines|" },
		{ "\33[31mred\7\177\r", "?[31mred???" },
		{ "a\303\244b\342\202\254c", "a\303\244b\342\202\254c" },
		{ "\302\23331m", "??31m" },            /* U+009B */
		{ "\302\240", "\302\240" },            /* U+00A0 */
		{ "m\374ller", "m?ller" },             /* Latin-1 */
		{ "\342\200\256gro", "???gro" },       /* U+202E: from right to left */
		{ "\342\200\250", "???" },             /* U+2028: a line end */
		{ "\342\200\217 \330\234", "??? ??" }, /* U+200F, U+061C */
		{ "\342\200\213", "\342\200\213" },    /* U+200B: only no blank */
		{ "\342\201\247x", "???x" },           /* U+2067 */
		{ "\342\200\224", "\342\200\224" },    /* U+2014 */
		{ "\342\202", "??" },                  /* cut off */
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		char text[64];

		(void)snprintf(text, sizeof text, "%s", cases[i].text);
		make_printable(text, strlen(text), '|');
		assert_string_equal(text, cases[i].shown);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_written_in_base64),
		cmocka_unit_test(base64_is_read_back),
		cmocka_unit_test(what_is_no_base64_gives_nothing),
		cmocka_unit_test(base64_of_any_length_stays_on_one_line),
		cmocka_unit_test(domain_names_become_a_labels_where_they_must),
		cmocka_unit_test(a_name_with_a_label_that_is_too_long_has_no_ascii_form),
		cmocka_unit_test(a_host_name_has_labels_of_letters_and_digits),
		cmocka_unit_test(a_host_name_has_a_limit_and_so_have_its_labels),
		cmocka_unit_test(only_well_formed_utf8_is_utf8),
		cmocka_unit_test(text_of_others_is_made_fit_for_a_terminal),
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
