/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/config.h"
#include "conf/foreign.h"
#include "conf/option.h"
#include "conf/rcfile.h"
#include "conf/slip.h"

TEST(a_value_as_other_programs_want_it_is_seen)
{
	static const struct {
		const char *value, *words, *meant;
	} cases[] = {
		{ "mx # ours", "comment", "mx" },
		{ "mx\t#ours", "comment", "mx" },
		{ "# ours", "comment", "" },
		{ "'mx'", "single quotes", "mx" },
		{ "= mx", "no =", "mx" },
		{ "=\tmx", "no =", "mx" },
		{ "= \"mx\"", "no =", "mx" },
		{ "\"mx\" # ours", "comment", "mx" },
		{ "= 'mx' # ours", "no =", "mx" },
	};
	static const char *const none[] = { "", "=", "=mx", "mx#1", "mx =", "'",
		"'a' 'b'", "o'neil", "\"mx\"", "a = b" };
	struct slip s;

	for (size_t i = 0; i < COUNT(cases); i++) {
		check(cases[i].value, slip_find(span_of(cases[i].value), &s));
		check_part(cases[i].value, s.words, cases[i].words);
		check(cases[i].value, span_is(s.meant, cases[i].meant));
	}
	for (size_t i = 0; i < COUNT(none); i++)
		check(none[i], !slip_find(span_of(none[i]), &s));
}

/* Reads the lines, and says "refused" or "doubted", with the rest in `o`. */
static const char *
judge(const char *lines, struct outcome *o)
{
	struct config c = { 0 };
	const char *word = "taken";
	bool secret;

	*o = (struct outcome){ 0 };
	if (!rcfile_parse(&c, span_of(lines), "rc", &secret, o))
		word = "wrong";
	else if (!slip_check(c.v[0], o))
		word = "refused";
	else if (!slip_doubt(c.v[0], o))
		word = "doubted";
	config_free(&c);
	return word;
}

TEST(what_cannot_be_meant_is_refused_and_what_hardly_is_warned_of)
{
	static const struct {
		const char *lines, *word, *offer;
	} cases[] = {
		{ "host mx # ours\n", "refused", "host mx" },
		{ "host 'mx'\n", "refused", "host mx" },
		{ "host = mx\n", "refused", "host mx" },
		{ "host # ours\n", "refused", "" },
		{ "host smtp://joe:s3cret@mx # ours\n", "taken", "" },
		{ "domain = me\n", "refused", "domain me" },
		{ "auth on\nuser = me\n", "refused", "user me" },
		{ "auth on\nuser 'me'\n", "refused", "user me" },
		{ "auth on\nuser me # ours\n", "doubted", "user me" },
		{ "user = me\n", "taken", "" }, /* nobody signs in with it */
		{ "auth on\npassword = x\n", "taken", "" },
		{ "auth on\npasswordeval 'pass' show 'mail'\n", "taken", "" },
		{ "from = me@x\n", "refused", "from me@x" },
		{ "from Desk #1 <me@x>\n", "taken", "" },
		{ "tls on\ntls_trust_file '/no/ca'\n", "refused",
		    "tls_trust_file /no/ca" },
		{ "tls_trust_file '/no/ca'\n", "taken", "" },
		{ "logfile = /no/log\n", "doubted", "logfile /no/log" },
		{ "logfile /no/log # ours\n", "doubted", "logfile /no/log" },
		{ "port = 25\n", "wrong", "port 25" },
		{ "port 25 # usual\n", "wrong", "port 25" },
		{ "tls 'on'\n", "wrong", "tls on" },
		{ "tls = maybe\n", "wrong", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;

		check_text(cases[i].lines, judge(cases[i].lines, &o), cases[i].word);
		check_text(cases[i].lines, o.setting, cases[i].offer);
		check(cases[i].lines, *cases[i].offer == '\0' || *o.text == 'r');
		check(cases[i].lines, strstr(o.text, "s3cret") == NULL);
	}
}

TEST(what_other_programs_call_a_setting_is_known)
{
	static const struct {
		const char *line, *words, *offer;
	} cases[] = {
		{ "starttls on\n", "\"tls_starttls\"", "tls_starttls on\ntls on" },
		{ "starttls off\n", "\"tls_starttls\"", "tls_starttls off" },
		{ "UseSTARTTLS=YES\n", "\"tls_starttls\"", "tls_starttls YES\ntls on" },
		{ "ssl on\n", "\"tls\"", "tls on\ntls_starttls off" },
		{ "smtp_host mx\n", "\"host\"", "host mx" },
		{ "mailhub=mx\n", "\"host\"", "host mx" },
		{ "mailhub=smtp://joe:s3cret@mx\n", "\"host\"", "" },
		{ "smtpServerPort = 25\n", "\"port\"", "port 25" },
		{ "smtp-server-port x\n", "\"port\"", "" },
		{ "username: \"me\"\n", "\"user\"", "user me" },
		{ "tls_verify peer\n", "\"tls_certcheck\"", "" },
		{ "AuthPass=s3cret\n", "\"password\"", "" },
		{ "password_command echo s3cret\n", "\"passwordeval\"", "" },
		{ "from=me@x\n", "from and its value", "from me@x" },
		{ "host: mx\n", "host and its value", "host mx" },
		{ "account: x\n", "account and its value", "" },
		{ "hots mx\n", "\"host\"", "host mx" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;

		check_text(cases[i].line, judge(cases[i].line, &o), "wrong");
		check_part(cases[i].line, o.text, cases[i].words);
		check_text(cases[i].line, o.setting, cases[i].offer);
		check(cases[i].line, strstr(o.text, "s3cret") == NULL);
	}
}

TEST(every_foreign_name_stands_for_a_setting_and_is_none)
{
	for (size_t i = 0; i < foreign_count; i++) {
		const struct foreign_name *f = &foreign_names[i];

		check(f->theirs, foreign_find(span_of(f->theirs)) == f);
		check(f->theirs, option_find(span_of(f->ours)) != NULL);
		check(f->theirs, option_find(span_of(f->theirs)) == NULL);
	}
	assert_null(foreign_find(span_of("")));
	assert_null(foreign_find(span_of("nothing")));
	assert_null(foreign_find(
	    span_of("a-name-that-is-longer-than-any-that-a-program-has-for-a-setting")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_as_other_programs_want_it_is_seen),
		cmocka_unit_test(
		    what_cannot_be_meant_is_refused_and_what_hardly_is_warned_of),
		cmocka_unit_test(what_other_programs_call_a_setting_is_known),
		cmocka_unit_test(every_foreign_name_stands_for_a_setting_and_is_none),
	};

	return cmocka_run_group_tests_name("slip", tests, NULL, NULL);
}
