/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/secret.h"
#include "conf/type.h"
#include "lib/sample.h"

static const struct choice colours[] = {
	{ "none", "", 0 },
	{ "never", "NEVER", 1 },
	{ "red", NULL, 2 },
	{ "rouge", NULL, 2 },
	{ "blue", "BLAU", 4 },
	{ "green", NULL, 8 },
	{ NULL, NULL, 0 },
};

/* Room for a value of any type. */
union place {
	char *text;
	int number;
	bool on;
	struct secret secret;
	struct fingerprint fingerprint;
};

#define PAIRS4(a) a ":" a ":" a ":" a
#define PAIRS16(a) PAIRS4(PAIRS4(a))
#define PAIRS20(a) PAIRS16(a) ":" PAIRS4(a)
#define PAIRS32(a) PAIRS16(a) ":" PAIRS16(a)

/* Every type: what it takes, and how that is shown; NULL: it takes no such thing. */
static const struct {
	const struct option_type *type;
	const char *value, *shown;
} cases[] = {
	{ &type_text, "a", "a" },
	{ &type_text, "with blanks, \"quotes\" and # marks",
	    "with blanks, \"quotes\" and # marks" },
	{ &type_text, "\303\266", "\303\266" },
	{ &type_text, "", "" },
	{ &type_text, "a\tb", "a\tb" },
	{ &type_text, "a\033b", NULL },
	{ &type_text, "a\nb", NULL },
	{ &type_text, "a\033b", NULL },
	{ &type_text, "a\177", NULL },

	{ &type_path, "/etc/x", "/etc/x" },
	{ &type_path, "relative", "relative" },
	{ &type_path, "-", "-" },
	{ &type_path, "", "" },
	{ &type_path, "~", "/home/test" },
	{ &type_path, "~/x", "/home/test/x" },
	{ &type_path, "a~", "a~" },
	{ &type_directory, "/x", "/x" },
	{ &type_directory, "~/x", "/home/test/x" },
	{ &type_directory, "", "" },
	{ &type_directory, "x", NULL },
	{ &type_directory, "./x", NULL },
	{ &type_path, "/~", "/~" },
	{ &type_path, "~/\n", NULL },
	{ &type_path, "/\001", NULL },

	{ &type_token, "~/key.pem", "/home/test/key.pem" },
	{ &type_token, "/pin-value=1", "/pin-value=1" },
	{ &type_token, "pkcs11:token=t;object=k", "pkcs11:token=t;object=k" },
	{ &type_token, "pkcs11:token=t?pin-value=1234", "pkcs11:token=t?pin-value=*" },
	{ &type_token, "pkcs11:t?module-name=m&PIN-value=1&x=y",
	    "pkcs11:t?module-name=m&PIN-value=*" },
	{ &type_token, "pkcs11:t?pin-value=", "pkcs11:t?pin-value=" },
	{ &type_token, "", "" },
	{ &type_token, "pkcs11:\n", NULL },

	{ &type_secret, "hunter2", "*" },
	{ &type_secret, "with blanks and \t", "*" },
	{ &type_secret, "", "" },

	{ &type_port, "1", "1" },
	{ &type_port, "25", "25" },
	{ &type_port, "65535", "65535" },
	{ &type_port, "0x19", "25" },
	{ &type_port, "031", "25" },
	{ &type_port, "0", NULL },
	{ &type_port, "65536", NULL },
	{ &type_port, "-25", NULL },
	{ &type_port, "+25", NULL },
	{ &type_port, " 25", NULL },
	{ &type_port, "25 ", NULL },
	{ &type_port, "25x", NULL },
	{ &type_port, "", "0" },
	{ &type_port, "smtp", NULL },
	{ &type_port, "99999999999999999999", NULL },
	{ &type_port, "999999999999999999999999999999", NULL },
	{ &type_port, "08", NULL },
	{ &type_port, "2.5", NULL },

	{ &type_interval, "off", "off" },
	{ &type_interval, "5d", "5d" },
	{ &type_interval, "1h30m", "1h30m" },
	{ &type_interval, "90m", "1h30m" },
	{ &type_interval, "36h", "1d12h" },
	{ &type_interval, "1s", "1s" },
	{ &type_interval, "24d", "24d" },
	{ &type_interval, "25d", NULL },
	{ &type_interval, "99999999999999999999s", NULL },
	{ &type_interval, "5", NULL },
	{ &type_interval, "0s", NULL },
	{ &type_interval, "d", NULL },
	{ &type_interval, "5 d", NULL },
	{ &type_interval, "5d ", NULL },
	{ &type_interval, "5D", NULL },
	{ &type_interval, "-5d", NULL },
	{ &type_interval, "", NULL },
	{ &type_seconds, "off", "off" },
	{ &type_seconds, "1", "1 second" },
	{ &type_seconds, "300", "300 seconds" },
	{ &type_seconds, "010", "8 seconds" },
	{ &type_seconds, "0x10", "16 seconds" },
	{ &type_seconds, "2147483", "2147483 seconds" },
	{ &type_seconds, "2147484", NULL },
	{ &type_seconds, "0", NULL },
	{ &type_seconds, "-1", NULL },
	{ &type_seconds, "5s", NULL },
	{ &type_seconds, "on", NULL },
	{ &type_seconds, "", NULL },

	{ &type_switch, "on", "on" },
	{ &type_switch, "off", "off" },
	{ &type_switch, "", NULL },
	{ &type_switch, "1", NULL },
	{ &type_switch, "onn", NULL },
	{ &type_switch, "o", NULL },
	{ &type_switch, "auto", NULL },

	{ &type_word, "none", "" },
	{ &type_word, "red", "red" },
	{ &type_word, "rouge", "red" }, /* the first of the same meaning is shown */
	{ &type_word, "blue", "BLAU" },
	{ &type_word, "", NULL },
	{ &type_word, "redd", NULL },
	{ &type_word, "re", NULL },
	{ &type_word, "red,blue", NULL },
	{ &type_word, "BLAU", NULL },

	{ &type_words, "none", "" },
	{ &type_words, "never", "NEVER" },
	{ &type_words, "green", "green" },
	{ &type_words, "blue,green", "BLAU,green" },
	{ &type_words, "green,blue", "BLAU,green" },
	{ &type_words, "green,green", "green" },
	{ &type_words, "never,blue", NULL },
	{ &type_words, "blue,never", NULL },
	{ &type_words, "none,blue", NULL },
	{ &type_words, "blue,,green", NULL },
	{ &type_words, ",blue", NULL },
	{ &type_words, "blue green", NULL },
	{ &type_words, "yellow", NULL },
	{ &type_words, "blue,yellow", NULL },
	{ &type_words, "", NULL },
	{ &type_words, ",", NULL },

	{ &type_fingerprint, PAIRS32("ab"), PAIRS32("AB") },
	{ &type_fingerprint, PAIRS20("0F"), PAIRS20("0F") },
	{ &type_fingerprint, PAIRS16("9c"), PAIRS16("9C") },
	{ &type_fingerprint,
	    "00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 01 23 45 67",
	    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:01:23:45:67" },
	{ &type_fingerprint, "", "" },
	{ &type_fingerprint, "ab", NULL },
	{ &type_fingerprint, PAIRS4("ab"), NULL },
	{ &type_fingerprint, PAIRS32("ab") ":", NULL },
	{ &type_fingerprint, PAIRS32("ab") ":ab", NULL },
	{ &type_fingerprint, PAIRS32("ag"), NULL },
	{ &type_fingerprint, PAIRS16("ab") ":" PAIRS4("ab:") ":ab", NULL },
	{ &type_fingerprint, "SHA256:" PAIRS20("ab"), NULL },
	{ &type_fingerprint, PAIRS16("ab") "-" PAIRS16("ab"), NULL },

	{ &type_sha256, PAIRS32("ab"), PAIRS32("AB") },
	{ &type_sha256, "", "" },
	{ &type_sha256, PAIRS20("0F"), NULL },
	{ &type_sha256, PAIRS16("9c"), NULL },
	{ &type_sha256, PAIRS32("ag"), NULL },
};

static struct option_row
row_of(const struct option_type *type)
{
	return (struct option_row){ .name = "test", .type = type, .choices = colours };
}

static char *
shown(const struct option_row *row, const union place *p)
{
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	row->type->show(row, p, &out);
	return buf_take(&out);
}

/* A word that stands for several, and one that stands for none of them. */
TEST(a_word_can_stand_for_others)
{
	static const struct choice words[] = {
		{ "auto", NULL, 1 },
		{ "all", NULL, 6 },
		{ "off", NULL, 0 },
		{ "one", NULL, 2 },
		{ "two", NULL, 4 },
		{ NULL, NULL, 0 },
	};
	static const struct {
		const char *value, *shown;
	} examples[] = {
		{ "auto", "auto" },
		{ "all", "all" },
		{ "off", "off" },
		{ "one", "one" },
		{ "two,one", "all" },
		{ "all,one", "all" },
	};
	const struct option_row row = {
		.name = "x", .type = &type_words, .choices = words
	};

	for (size_t i = 0; i < COUNT(examples); i++) {
		struct buf out;
		int set = 0;

		buf_init(&out, SAMPLE_MAX);
		check(examples[i].value,
		    type_words.store(&row, span_of(examples[i].value), &set));
		type_words.show(&row, &set, &out);
		check_text(examples[i].value, out.data, examples[i].shown);
		buf_free(&out);
	}
}

TEST(every_type_takes_its_values_and_no_others)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct option_row row = row_of(cases[i].type);
		union place p;
		bool ok;

		memset(&p, 0, sizeof p);
		ok = row.type->store(&row, span_of(cases[i].value), &p);
		check_int(cases[i].value, ok, cases[i].shown != NULL);
		if (ok) {
			char *text = shown(&row, &p);

			check_text(cases[i].value, text, cases[i].shown);
			free(text);
		}
		row.type->clear(&p);
	}
}

TEST(a_value_that_is_refused_leaves_the_one_before)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t k = 0; cases[i].shown == NULL && k < COUNT(cases); k++) {
			struct option_row row = row_of(cases[i].type);
			union place p;
			char *text;

			if (cases[k].type != cases[i].type || cases[k].shown == NULL)
				continue;
			memset(&p, 0, sizeof p);
			check(cases[k].value,
			    row.type->store(&row, span_of(cases[k].value), &p));
			check(cases[i].value,
			    !row.type->store(&row, span_of(cases[i].value), &p));
			text = shown(&row, &p);
			check_text(cases[i].value, text, cases[k].shown);
			free(text);
			row.type->clear(&p);
		}
}

TEST(a_copy_is_the_same_and_ones_own)
{
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct option_row row = row_of(cases[i].type);
		union place from, to;
		char *text;

		if (cases[i].shown == NULL)
			continue;
		memset(&from, 0, sizeof from);
		memset(&to, 0, sizeof to);
		check(cases[i].value,
		    row.type->store(&row, span_of(cases[i].value), &from));
		row.type->copy(&to, &from);
		row.type->clear(&from);
		text = shown(&row, &to);
		check_text(cases[i].value, text, cases[i].shown);
		free(text);
		row.type->copy(&to, &from); /* the cleared one */
		row.type->clear(&to);
		row.type->clear(&to);
	}
}

TEST(a_nul_is_in_no_value)
{
	static const struct {
		const struct option_type *type;
		const char *value;
		size_t n;
	} with_nul[] = {
		{ &type_text, "a\0b", 3 },
		{ &type_path, "/a\0b", 4 },
		{ &type_path, "~/a\0b", 5 },
		{ &type_port, "25\0", 3 },
		{ &type_port, "25\0x", 4 },
		{ &type_seconds, "25\0x", 4 },
		{ &type_switch, "on\0", 3 },
		{ &type_word, "red\0", 4 },
		{ &type_words, "red\0,blue", 9 },
	};

	for (size_t i = 0; i < COUNT(with_nul); i++) {
		struct option_row row = row_of(with_nul[i].type);
		char label[16];
		union place p;

		(void)snprintf(label, sizeof label, "case %zu", i);
		memset(&p, 0, sizeof p);
		check(label, !row.type->store(
				 &row, span_bytes(with_nul[i].value, with_nul[i].n), &p));
		row.type->clear(&p);
	}
}

TEST(a_fingerprint_is_made_of_hexadecimal_digits)
{
	for (int c = 0; c < 256; c++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		struct option_row row = row_of(&type_fingerprint);
		char value[] = PAIRS16("ab"), label[16];
		union place p;
		bool is;

		(void)snprintf(label, sizeof label, "0x%02x", (unsigned)c);
		memset(&p, 0, sizeof p);
		value[4] = (char)c;
		is = c != 0 && strchr(digits, c) != NULL;
		check_int(label,
		    row.type->store(&row, span_bytes(value, sizeof value - 1), &p), is);
	}
}

TEST(a_secret_keeps_its_bytes_and_has_a_limit)
{
	struct option_row row = row_of(&type_secret);
	union place p;
	struct buf text;

	memset(&p, 0, sizeof p);
	assert_true(row.type->store(&row, span_of("p\303\244ss word"), &p));
	assert_string_equal(p.secret.data, "p\303\244ss word");
	assert_true(row.type->store(&row, span_of(""), &p));
	assert_false(secret_given(&p.secret));
	buf_init(&text, SAMPLE_MAX);
	sample_repeat(&text, "x", SECRET_MAX);
	assert_true(row.type->store(&row, buf_span(&text), &p));
	buf_addc(&text, 'x');
	assert_false(row.type->store(&row, buf_span(&text), &p));
	row.type->clear(&p);
	buf_free(&text);
}

static int
set_home(void **state)
{
	(void)state;
	return setenv("HOME", "/home/test", 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_word_can_stand_for_others),
		cmocka_unit_test(every_type_takes_its_values_and_no_others),
		cmocka_unit_test(a_value_that_is_refused_leaves_the_one_before),
		cmocka_unit_test(a_copy_is_the_same_and_ones_own),
		cmocka_unit_test(a_nul_is_in_no_value),
		cmocka_unit_test(a_fingerprint_is_made_of_hexadecimal_digits),
		cmocka_unit_test(a_secret_keeps_its_bytes_and_has_a_limit),
	};

	return cmocka_run_group_tests_name("type", tests, set_home, NULL);
}
