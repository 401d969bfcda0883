/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "conf/environment.h"
#include "conf/option.h"

/* Nothing but these variables: "A=x B=y", "" for none. */
static void
surround(const char *variables)
{
	struct span left = span_of(variables), one;

	assert_int_equal(clearenv(), 0);
	while (span_cut(&left, ' ', &one)) {
		char *name = span_dup(one), *equals = strchr(name, '=');

		*equals = '\0';
		assert_int_equal(setenv(name, equals + 1, 1), 0);
		free(name);
	}
}

static void
show(const struct account *a, const char *setting, struct buf *out)
{
	option_show(a, option_find(span_of(setting)), out);
}

TEST(a_variable_sets_what_it_is_named_after)
{
	static const struct {
		const char *variables, *setting, *shown;
	} cases[] = {
		{ "MAILCHUTE_HOST=h", "host", "h" },
		{ "MAILCHUTE_PORT=587", "port", "587" },
		{ "MAILCHUTE_TLS=on", "tls", "on" },
		{ "MAILCHUTE_TLS_STARTTLS=off", "tls_starttls", "off" },
		{ "MAILCHUTE_USER=joe", "user", "joe" },
		{ "MAILCHUTE_PASSWORD=s", "password", "*" },
		{ "MAILCHUTE_PASSWORD_FILE=/run/s", "password_file", "/run/s" },
		{ "MAILCHUTE_AUTH=plain", "auth", "PLAIN" },
		{ "MAILCHUTE_LOGFILE=-", "logfile", "-" },
		/* what doesn't count */
		{ "MAILCHUTE_HOST=", "host", "" },
		{ "MAILCHUTE_TLS=", "tls", "off" },
		{ "mailchute_host=h", "host", "" },
		{ "HOST=h", "host", "" },
		{ "", "host", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_new("x");
		struct config c = { 0 };
		struct buf shown;
		struct outcome o;

		buf_init(&shown, 1000);
		surround(cases[i].variables);
		check(cases[i].variables, environment_apply(&c, a, &o));
		show(a, cases[i].setting, &shown);
		check_text(cases[i].variables, shown.data, cases[i].shown);
		buf_free(&shown);
		account_free(a);
		config_free(&c);
	}
}

TEST(every_setting_has_its_variable)
{
	for (size_t i = 0; i < option_count; i++) {
		char *name = mem_printf("MAILCHUTE_%s", options[i].name);
		struct buf unknown;

		for (char *p = name; *p != '\0'; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		buf_init(&unknown, 1000);
		surround("");
		assert_int_equal(setenv(name, "x", 1), 0);
		environment_add_unknown(&unknown);
		check_text(name, unknown.data, "");
		buf_free(&unknown);
		free(name);
	}
}

TEST(a_value_has_its_origin)
{
	struct account *a = account_new("x");
	struct config c = { 0 };
	struct origin from;
	struct outcome o;

	surround("MAILCHUTE_PORT=587");
	assert_true(environment_apply(&c, a, &o));
	from = option_origin(a, option_find(span_of("port")));
	assert_string_equal(from.file, "environment MAILCHUTE_PORT");
	assert_int_equal(from.line, 0);
	assert_true(from.given);
	assert_null(option_origin(a, option_find(span_of("host"))).file);
	account_free(a);
	config_free(&c);
}

TEST(a_value_that_cannot_be_is_told_with_its_variable)
{
	struct account *a = account_new("x");
	struct config c = { 0 };
	struct outcome o;

	surround("MAILCHUTE_HOST=h MAILCHUTE_TLS=onn");
	assert_false(environment_apply(&c, a, &o));
	assert_int_equal(o.cause, CAUSE_CONFIG);
	check_part("variable", o.text, "environment MAILCHUTE_TLS: ");
	check_part("value", o.text, "onn");
	account_free(a);
	config_free(&c);
}

TEST(a_place_for_the_password_takes_the_place_of_the_others)
{
	static const struct {
		const char *variables;
		bool kept;
	} cases[] = {
		{ "MAILCHUTE_PASSWORD_FILE=/f", false },
		{ "MAILCHUTE_PASSWORDEVAL=f", false },
		{ "MAILCHUTE_PASSWORD=s", false },
		{ "MAILCHUTE_PASSWORD_FILE=", true },
		{ "MAILCHUTE_USER=joe", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct origin here = { "rc", 1, true };
		struct account *a = account_new("x");
		struct config c = { 0 };
		struct outcome o;

		assert_true(option_set(a, option_find(span_of("password")),
		    span_of("old"), here, CAUSE_CONFIG, &o));
		surround(cases[i].variables);
		check(cases[i].variables, environment_apply(&c, a, &o));
		check_int(cases[i].variables,
		    secret_given(&a->password) && strcmp(a->password.data, "old") == 0,
		    cases[i].kept);
		account_free(a);
		config_free(&c);
	}
}

TEST(what_is_no_setting_is_told_with_what_may_have_been_meant)
{
	static const struct {
		const char *variables, *words;
	} cases[] = {
		{ "", "" },
		{ "MAILCHUTE=x MAILCHUTES_HOST=x", "" },
		{ "MAILCHUTE_HOST=h", "" },
		{ "MAILCHUTE_PROT=587",
		    "MAILCHUTE_PROT in the environment is no setting; did you mean "
		    "MAILCHUTE_PORT?\n" },
		{ "MAILCHUTE_Port=587",
		    "MAILCHUTE_Port in the environment is no setting; did you mean "
		    "MAILCHUTE_PORT?\n" },
		{ "MAILCHUTE_ELEPHANT=587",
		    "MAILCHUTE_ELEPHANT in the environment is no setting\n" },
		{ "MAILCHUTE_A\n\033[1m=x",
		    "MAILCHUTE_A??[1m in the environment is no setting\n" },
		{ "MAILCHUTE_=1", "MAILCHUTE_ in the environment is no setting\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf words;

		buf_init(&words, 1000);
		surround(cases[i].variables);
		environment_add_unknown(&words);
		check_text(cases[i].variables, words.data, cases[i].words);
		buf_free(&words);
	}
}

TEST(a_server_is_named_by_a_host)
{
	surround("MAILCHUTE_PORT=25");
	assert_false(environment_has_server());
	surround("MAILCHUTE_HOST=");
	assert_false(environment_has_server());
	surround("MAILCHUTE_HOST=h");
	assert_true(environment_has_server());
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_variable_sets_what_it_is_named_after),
		cmocka_unit_test(every_setting_has_its_variable),
		cmocka_unit_test(a_value_has_its_origin),
		cmocka_unit_test(a_value_that_cannot_be_is_told_with_its_variable),
		cmocka_unit_test(a_place_for_the_password_takes_the_place_of_the_others),
		cmocka_unit_test(
		    what_is_no_setting_is_told_with_what_may_have_been_meant),
		cmocka_unit_test(a_server_is_named_by_a_host),
	};

	return cmocka_run_group_tests_name("environment", tests, NULL, NULL);
}
