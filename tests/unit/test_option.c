/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <string.h>

#include "conf/option.h"
#include "conf/type.h"
#include "lib/sample.h"
#include "mail/compose.h"

static const struct origin here = { "test", 7, true };

static bool
set(struct account *a, const char *name, const char *value, struct outcome *o)
{
	const struct option_row *row = option_find(span_of(name));

	if (row == NULL)
		fail_msg("no setting %s", name);
	return option_set(a, row, span_of(value), here, CAUSE_CONFIG, o);
}

static char *
shown(const struct account *a, const char *name)
{
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	option_show(a, option_find(span_of(name)), &out);
	return buf_take(&out);
}

TEST(every_row_of_the_table_is_complete)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &options[i];

		check(row->name, option_find(span_of(row->name)) == row);
		check_int(row->name,
		    strspn(row->name, "abcdefghijklmnopqrstuvwxyz0123456789_"),
		    strlen(row->name));
		check(row->name, row->takes != NULL && *row->takes != '\0');
		check(row->name, row->help != NULL && strlen(row->help) > 10);
		check_int(row->name, row->type == &type_word || row->type == &type_words,
		    row->choices != NULL);
		for (size_t k = 0; k < i; k++) {
			check(row->name, options[k].offset != row->offset);
			check(row->name,
			    row->letter == '\0' || options[k].letter != row->letter);
		}
	}
	assert_null(option_find(span_of("nothing")));
	assert_null(option_find(span_of("hos")));
	assert_null(option_find(span_of("HOST")));
	assert_null(option_find(span_of("")));
}

/* What everybody has who sets nothing. */
TEST(every_setting_has_its_default)
{
	static const struct {
		const char *name, *value;
	} defaults[] = {
		{ "host", "" },
		{ "source_ip", "" },
		{ "timeout", "off" },
		{ "protocol", "smtp" },
		{ "domain", "localhost" },
		{ "auth", "none" },
		{ "user", "" },
		{ "password", "" },
		{ "passwordeval", "" },
		{ "tls", "off" },
		{ "tls_starttls", "on" },
		{ "tls_trust_file", "system" },
		{ "tls_crl_file", "" },
		{ "tls_fingerprint", "" },
		{ "tls_key_file", "" },
		{ "tls_cert_file", "" },
		{ "tls_certcheck", "on" },
		{ "tls_priorities", "" },
		{ "tls_host_override", "" },
		{ "maildomain", "" },
		{ "from", "" },
		{ "from_full_name", "" },
		{ "set_from_header", "auto" },
		{ "set_date_header", "auto" },
		{ "set_msgid_header", "auto" },
		{ "remove_bcc_headers", "on" },
		{ "repair", "auto" },
		{ "dsn_notify", "" },
		{ "dsn_return", "" },
		{ "logfile", "" },
		{ "syslog", "" },
		{ "route", "" },
		{ "redirect_all", "" },
		{ "allow_recipients", "" },
		{ "catch_to", "-" },
		{ "catch_format", "frame" },
	};
	struct account *a = account_new("x");

	for (size_t i = 0; i < COUNT(defaults); i++) {
		char *value = shown(a, defaults[i].name);
		struct origin origin =
		    option_origin(a, option_find(span_of(defaults[i].name)));

		check_text(defaults[i].name, value, defaults[i].value);
		check(defaults[i].name, origin.file == NULL && !origin.given);
		free(value);
	}
	account_free(a);
}

TEST(a_value_is_stored_with_its_origin)
{
	struct account *a = account_new("x");
	struct origin origin;
	struct outcome o;

	assert_true(set(a, "host", "mx.example", &o));
	assert_true(set(a, "port", "587", &o));
	assert_true(set(a, "tls", "on", &o));
	assert_true(set(a, "set_from_header", "on", &o));
	assert_string_equal(a->host, "mx.example");
	assert_int_equal(a->port, 587);
	assert_true(a->tls);
	assert_int_equal(a->set_from_header, SET_ON);
	origin = option_origin(a, option_find(span_of("port")));
	assert_string_equal(origin.file, "test");
	assert_int_equal(origin.line, 7);
	assert_true(origin.given);
	account_free(a);
}

/* The name alone: what it means, or what it needs. */
TEST(a_name_without_a_value_means_what_the_row_says)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &options[i];
		struct account *a = account_new("x");
		struct outcome o;
		bool ok = option_set(a, row, span_of(""), here, CAUSE_CONFIG, &o);

		check_int(row->name, ok, row->bare != NULL);
		if (!ok) {
			check_int(row->name, o.cause, CAUSE_CONFIG);
			check_part(row->name, o.text, row->name);
			check_part(row->name, o.text, row->takes);
		} else if (*row->bare == '\0') {
			char *value = shown(a, row->name);

			check_text(row->name, value, row->type == &type_port ? "0" : "");
			free(value);
		}
		account_free(a);
	}
}

TEST(a_bad_value_is_named_with_what_the_setting_takes)
{
	static const struct {
		const char *name, *value, *words[3];
	} cases[] = {
		{ "port", "0", { "port", "0", "1..65535" } },
		{ "port", "many", { "port", "many", "1..65535" } },
		{ "tls", "maybe", { "tls", "maybe", "on" } },
		{ "timeout", "5s", { "timeout", "5s", "SECONDS" } },
		{ "auth", "plian", { "auth", "plian", "did you mean \"plain\"?" } },
		{ "protocol", "smpt", { "protocol", "smpt", "did you mean \"smtp\"?" } },
		{ "dsn_return", "header",
		    { "dsn_return", "header", "did you mean \"headers\"?" } },
		{ "set_date_header", "on", { "set_date_header", "on", "off" } },
		{ "tls_fingerprint", "ab:cd",
		    { "tls_fingerprint", "ab:cd", "hexadecimal" } },
		{ "host", "a\nb", { "host", "control character", "a b" } },
		{ "syslog", "LOG_MIAL", { "syslog", "LOG_MIAL", "LOG_MAIL" } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_new("x");
		struct outcome o;
		char label[64];

		(void)snprintf(
		    label, sizeof label, "%s %s", cases[i].name, cases[i].value);
		check(label, !set(a, cases[i].name, cases[i].value, &o));
		check_int(label, o.cause, CAUSE_CONFIG);
		for (size_t k = 0; k < 3; k++)
			check_part(label, o.text, cases[i].words[k]);
		check(
		    label, !option_origin(a, option_find(span_of(cases[i].name))).given);
		account_free(a);
	}
}

TEST(a_secret_that_is_refused_is_not_shown)
{
	struct account *a = account_new("x");
	struct outcome o;
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "hunter2");
	sample_repeat(&text, "x", SECRET_MAX);
	assert_false(set(a, "password", text.data, &o));
	assert_null(strstr(o.text, "hunter2"));
	check_part("name", o.text, "password");
	account_free(a);
	buf_free(&text);
}

TEST(a_secret_is_shown_as_a_star)
{
	struct account *a = account_new("x");
	struct outcome o;
	char *value;

	assert_true(set(a, "password", "hunter2", &o));
	value = shown(a, "password");
	assert_string_equal(value, "*");
	free(value);
	account_free(a);
}

TEST(the_cause_is_the_callers)
{
	struct account *a = account_new("x");
	struct outcome o;

	assert_false(option_set(
	    a, option_find(span_of("port")), span_of("x"), here, CAUSE_USAGE, &o));
	assert_int_equal(o.cause, CAUSE_USAGE);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_of_the_table_is_complete),
		cmocka_unit_test(every_setting_has_its_default),
		cmocka_unit_test(a_value_is_stored_with_its_origin),
		cmocka_unit_test(a_name_without_a_value_means_what_the_row_says),
		cmocka_unit_test(a_bad_value_is_named_with_what_the_setting_takes),
		cmocka_unit_test(a_secret_that_is_refused_is_not_shown),
		cmocka_unit_test(a_secret_is_shown_as_a_star),
		cmocka_unit_test(the_cause_is_the_callers),
	};

	return cmocka_run_group_tests_name("option", tests, NULL, NULL);
}
