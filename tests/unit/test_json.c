/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "base/json.h"
#include "lib/sample.h"

TEST(values_have_names_and_commas_between_them)
{
	struct buf out;
	struct json j = { .out = &out };

	buf_init(&out, SAMPLE_MAX);
	json_open(&j, NULL, '{');
	json_text(&j, "a", "b");
	json_number(&j, "n", -3);
	json_flag(&j, "yes", true);
	json_flag(&j, "no", false);
	json_text(&j, "none", NULL);
	json_open(&j, "list", '[');
	json_number(&j, NULL, 1);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	json_open(&j, "empty", '[');
	json_close(&j, ']');
	json_close(&j, '}');
	assert_string_equal(out.data, "{\"a\":\"b\",\"n\":-3,\"yes\":true,\"no\":false,"
				      "\"none\":null,\"list\":[1,{}],\"empty\":[]}");
	buf_free(&out);
}

TEST(a_string_is_escaped)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "\"\"" },
		{ "say \"hi\"", "\"say \\\"hi\\\"\"" },
		{ "a\\b", "\"a\\\\b\"" },
		{ "one\ntwo", "\"one\\ntwo\"" },
		{ "\t\r\033\001", "\"\\u0009\\u000d\\u001b\\u0001\"" },
		{ "\346\227\245", "\"\346\227\245\"" },
		{ "a\377b\n", "\"a?b\\n\"" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out;
		struct json j = { .out = &out };

		buf_init(&out, SAMPLE_MAX);
		json_text(&j, NULL, cases[i].text);
		check_text(cases[i].text, out.data, cases[i].want);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_have_names_and_commas_between_them),
		cmocka_unit_test(a_string_is_escaped),
	};

	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
