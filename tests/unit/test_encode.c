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
	};

	return cmocka_run_group_tests_name("encode", tests, NULL, NULL);
}
