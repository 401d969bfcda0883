/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/legacy.h"

TEST(old_names_mean_what_they_meant)
{
	static const struct {
		const char *name, *value, *setting, *means;
	} cases[] = {
		{ "connect_timeout", "7", "timeout", "7" },
		{ "keepbcc", "on", "remove_bcc_headers", "off" },
		{ "keepbcc", "off", "remove_bcc_headers", "on" },
		{ "keepbcc", "", "remove_bcc_headers", "off" },
		{ "add_missing_from_header", "on", "set_from_header", "auto" },
		{ "add_missing_from_header", "off", "set_from_header", "off" },
		{ "add_missing_date_header", "", "set_date_header", "auto" },
		{ "undisclosed_recipients", "on", "set_to_header",
		    "undisclosed_recipients" },
		{ "undisclosed_recipients", "off", "set_to_header", "off" },
		{ "tls_nostarttls", "", "tls_starttls", "off" },
		{ "tls_nocertcheck", "", "tls_certcheck", "off" },
		{ "tls_force_sslv3", "whatever", NULL, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct legacy_name *l = legacy_find(span_of(cases[i].name));
		struct span value = span_of(cases[i].value);
		const struct option_row *row;
		struct outcome o;

		check(cases[i].name, l != NULL);
		check(cases[i].name, legacy_translate(l, &row, &value, CAUSE_CONFIG, &o));
		check_text(
		    cases[i].name, row != NULL ? row->name : NULL, cases[i].setting);
		check(cases[i].name, row == NULL || span_is(value, cases[i].means));
	}
}

TEST(an_old_name_has_its_own_values)
{
	static const char *const cases[][2] = { { "keepbcc", "maybe" },
		{ "tls_nostarttls", "on" }, { "add_missing_date_header", "auto" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span value = span_of(cases[i][1]);
		const struct option_row *row;
		struct outcome o;

		check(cases[i][0], !legacy_translate(legacy_find(span_of(cases[i][0])),
				       &row, &value, CAUSE_USAGE, &o));
		check_int(cases[i][0], o.cause, CAUSE_USAGE);
		check_part(cases[i][0], o.text, cases[i][0]);
	}
	assert_null(legacy_find(span_of("timeout")));
	assert_null(legacy_find(span_of("")));
}

/* A new name is nobody's old one. */
TEST(old_and_new_names_are_apart)
{
	for (size_t i = 0; i < legacy_count; i++)
		check(legacy_names[i].name,
		    option_find(span_of(legacy_names[i].name)) == NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_names_mean_what_they_meant),
		cmocka_unit_test(an_old_name_has_its_own_values),
		cmocka_unit_test(old_and_new_names_are_apart),
	};

	return cmocka_run_group_tests_name("legacy", tests, NULL, NULL);
}
