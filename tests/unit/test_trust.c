/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/file.h"
#include "net/trust.h"

#define TEXT_MAX (1024 * 1024)

/* Appends an element of DER. */
static void
add_element(struct buf *out, unsigned char tag, struct span content)
{
	const unsigned char head[] = { tag, 0x82, (unsigned char)(content.n >> 8),
		(unsigned char)content.n };

	if (content.n < 0x80) {
		buf_addc(out, (char)tag);
		buf_addc(out, (char)content.n);
	} else {
		buf_add(out, head, sizeof head);
	}
	buf_add_span(out, content);
}

/* A certificate, as far as its names: `serial` is a number of that many bytes. */
static void
add_certificate(struct buf *out, const char *issuer, const char *subject, size_t serial)
{
	static const char number[1000];
	struct buf inner, outer;

	buf_init(&inner, TEXT_MAX);
	buf_init(&outer, TEXT_MAX);
	add_element(&inner, 0xa0, span_bytes("\2\1\2", 3));
	add_element(&inner, 0x02, span_bytes(number, serial));
	add_element(&inner, 0x30, span_of("how"));
	add_element(&inner, 0x30, span_of(issuer));
	add_element(&inner, 0x30, span_of("when"));
	add_element(&inner, 0x30, span_of(subject));
	add_element(&inner, 0x30, span_bytes(number, 200)); /* the key, and more */
	add_element(&outer, 0x30, buf_span(&inner));
	add_element(out, 0x30, buf_span(&outer));
	buf_free(&inner);
	buf_free(&outer);
}

/* In lines of 64 letters. */
static void
add_pem(struct buf *out, struct span der, const char *line_end)
{
	struct buf base64;

	buf_init(&base64, TEXT_MAX);
	base64_encode(&base64, der);
	buf_printf(out, "-----BEGIN CERTIFICATE-----%s", line_end);
	for (size_t i = 0; i < base64.len; i += 64)
		buf_printf(out, "%.64s%s", base64.data + i, line_end);
	buf_printf(out, "-----END CERTIFICATE-----%s", line_end);
	buf_free(&base64);
}

static void
add_authority(struct trust *t, const char *name, size_t serial, const char *line_end)
{
	struct buf der;

	buf_init(&der, TEXT_MAX);
	add_certificate(&der, "any", name, serial);
	add_pem(&t->text, buf_span(&der), line_end);
	buf_free(&der);
}

struct found {
	char *pem[10];
	size_t n;
};

static void
keep(void *arg, struct span pem)
{
	struct found *f = arg;

	assert_in_range(f->n, 0, COUNT(f->pem) - 1);
	f->pem[f->n++] = span_dup(pem);
}

static void
found_free(struct found *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->pem[i]);
	f->n = 0;
}

/* What is found for a chain of one certificate. */
static bool
find(const struct trust *t, const char *issuer, const char *subject, struct found *f)
{
	struct buf der;
	struct span chain;
	bool ok;

	f->n = 0;
	buf_init(&der, TEXT_MAX);
	add_certificate(&der, issuer, subject, 9);
	chain = buf_span(&der);
	ok = trust_find(t, &chain, 1, keep, f);
	buf_free(&der);
	return ok;
}

static const struct {
	const char *label, *issuer, *subject;
	size_t n;
} searches[] = {
	{ "its issuer", "Root A", "server", 1 },
	{ "itself", "nobody", "Root B", 1 },
	{ "both", "Root A", "Root B", 2 },
	{ "two of the same name", "Twin", "server", 2 },
	{ "a name that goes on", "Root", "server", 0 },
	{ "a name that ends before", "Root A, too", "server", 0 },
	{ "in other letters", "root a", "server", 0 },
	{ "behind a long number", "Far", "server", 1 },
	{ "nobody", "nobody", "server", 0 },
};

TEST(authorities_are_found_by_the_names_in_a_chain)
{
	static const char *const line_ends[] = { "\n", "\r\n" };

	for (size_t i = 0; i < COUNT(searches) * 2; i++) {
		const char *eol = line_ends[i % 2], *label = searches[i / 2].label;
		struct found found;
		struct trust t;

		trust_init(&t);
		add_authority(&t, "Root A", 9, eol);
		buf_puts(&t.text, "# words - nobody -- minds\n\n");
		add_authority(&t, "Root B", 1, eol);
		add_authority(&t, "Twin", 20, eol);
		add_authority(&t, "Far", 900, eol);
		add_authority(&t, "Twin", 19, eol);
		check(label,
		    find(&t, searches[i / 2].issuer, searches[i / 2].subject, &found));
		check_int(label, found.n, searches[i / 2].n);
		for (size_t k = 0; k < found.n; k++)
			check(label, strncmp(found.pem[k], "-----BEGIN CERT", 15) == 0);
		found_free(&found);
		trust_free(&t);
	}
}

TEST(what_is_found_is_the_whole_certificate)
{
	struct found found;
	struct trust t;

	trust_init(&t);
	add_authority(&t, "Root A", 9, "\n");
	add_authority(&t, "Root B", 9, "\n");
	assert_true(find(&t, "Root A", "server", &found));
	assert_int_equal(found.n, 1);
	assert_memory_equal(found.pem[0], t.text.data, strlen(found.pem[0]));
	check_part("end", found.pem[0], "\n-----END CERTIFICATE-----");
	found_free(&found);
	trust_free(&t);
}

static const struct {
	const char *label, *text;
} strange[] = {
	{ "a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" },
	{ "a list", "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n" },
	{ "no end", "-----BEGIN CERTIFICATE-----\nAAAA\n" },
	{ "another end", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END KEY-----\n" },
	{ "no beginning", "-----END CERTIFICATE-----\n" },
	{ "nothing in it", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
	{ "no base64", "-----BEGIN CERTIFICATE-----\n****\n-----END CERTIFICATE-----\n" },
	{ "no certificate",
	    "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n" },
	{ "a head", "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n"
		    "-----END CERTIFICATE-----\n" },
	{ "dashes", "-----" },
};

TEST(a_store_with_anything_else_in_it_is_left_to_gnutls)
{
	for (size_t i = 0; i < COUNT(strange) * 2; i++) {
		const char *label = strange[i / 2].label;
		struct found found;
		struct trust t;

		trust_init(&t);
		if (i % 2 == 0)
			buf_puts(&t.text, strange[i / 2].text);
		add_authority(&t, "Root A", 9, "\n");
		if (i % 2 == 1)
			buf_puts(&t.text, strange[i / 2].text);
		check(label, !find(&t, "Root A", "server", &found));
		found_free(&found);
		trust_free(&t);
	}
}

TEST(a_chain_that_cant_be_read_is_left_to_gnutls)
{
	struct span chain[TRUST_CHAIN + 1];
	struct found found = { .n = 0 };
	struct buf der;
	struct trust t;

	trust_init(&t);
	buf_init(&der, TEXT_MAX);
	add_authority(&t, "Root A", 9, "\n");
	add_certificate(&der, "Root A", "server", 9);
	for (size_t i = 0; i < COUNT(chain); i++)
		chain[i] = buf_span(&der);
	assert_true(trust_find(&t, chain, TRUST_CHAIN, keep, &found));
	assert_false(trust_find(&t, chain, TRUST_CHAIN + 1, keep, &found));
	chain[1].n = 20;
	assert_false(trust_find(&t, chain, 2, keep, &found));
	chain[1] = span_bytes("\60\200", 2); /* of indefinite length: that is BER */
	assert_false(trust_find(&t, chain, 2, keep, &found));
	assert_int_equal(found.n, 1);
	found_free(&found);
	buf_free(&der);
	trust_free(&t);
}

/* A file of this many bytes, which is gone when it is closed: its name is in /proc. */
static int
file_of(size_t n, char path[64])
{
	char template[] = "/tmp/test_trust.XXXXXX", byte[1024] = { 0 };
	int fd = mkstemp(template);

	assert_true(fd >= 0);
	(void)unlink(template);
	for (; n > 0; n -= n < sizeof byte ? n : sizeof byte)
		assert_true(fd_write(fd, byte, n < sizeof byte ? n : sizeof byte));
	(void)snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

TEST(a_small_file_is_left_to_gnutls)
{
	static const struct {
		size_t n;
		bool taken;
	} cases[] = { { 0, false }, { TRUST_SMALL, false }, { TRUST_SMALL + 1, true } };
	char path[64];

	for (size_t i = 0; i < COUNT(cases); i++) {
		int fd = file_of(cases[i].n, path);
		struct trust t;

		trust_init(&t);
		assert_int_equal(trust_read(&t, path), cases[i].taken);
		assert_int_equal(t.text.len, cases[i].taken ? cases[i].n : 0);
		trust_free(&t);
		(void)close(fd);
	}
}

TEST(a_file_that_is_missing_or_none_is_left_to_gnutls)
{
	static const char *const cases[] = { "", "/no/such/file", "/tmp", "/dev/null" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct trust t;

		trust_init(&t);
		check(cases[i], !trust_read(&t, cases[i]));
		trust_free(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(authorities_are_found_by_the_names_in_a_chain),
		cmocka_unit_test(what_is_found_is_the_whole_certificate),
		cmocka_unit_test(a_store_with_anything_else_in_it_is_left_to_gnutls),
		cmocka_unit_test(a_chain_that_cant_be_read_is_left_to_gnutls),
		cmocka_unit_test(a_small_file_is_left_to_gnutls),
		cmocka_unit_test(a_file_that_is_missing_or_none_is_left_to_gnutls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
