/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "conf/config.h"
#include "conf/option.h"
#include "conf/rcfile.h"
#include "lib/sample.h"

/* All accounts, as "NAME{setting=value@LINE ...}" with '~' for '@' where the value is a
 * default for all accounts. The caller frees it. */
static char *
dump(const struct config *c)
{
	struct buf out;

	buf_init(&out, SAMPLE_MAX);
	for (size_t i = 0; i < c->n; i++) {
		const char *before = "";

		buf_printf(&out, "%s{", c->v[i]->name);
		for (size_t k = 0; k < option_count; k++) {
			struct origin origin = option_origin(c->v[i], &options[k]);

			if (origin.file == NULL)
				continue;
			buf_printf(&out, "%s%s=", before, options[k].name);
			option_show(c->v[i], &options[k], &out);
			buf_printf(&out, "%c%d", origin.given ? '@' : '~', origin.line);
			before = " ";
		}
		buf_puts(&out, "}");
	}
	return buf_take(&out);
}

TEST(a_file_makes_accounts)
{
	static const struct {
		const char *text, *accounts;
	} cases[] = {
		/* Lines */
		{ "", "" },
		{ "\n\n", "" },
		{ "# nothing\n  # here\n\t#\n", "" },
		{ "account a\n", "a{}" },
		{ "account a", "a{}" },
		{ "account a\nhost h\n", "a{host=h@2}" },
		{ "account a\nhost h", "a{host=h@2}" },
		{ "account a\r\nhost h\r\n", "a{host=h@2}" },
		{ "\taccount   a\t\n  host\t h  \n", "a{host=h@2}" },
		{ "account a\n\n# c\nhost h\n", "a{host=h@4}" },
		{ "account a\nhost h # no comment\n", "a{host=h # no comment@2}" },

		/* Quotes: one pair, and nothing inside them is special */
		{ "account a\nuser \"joe\"\n", "a{user=joe@2}" },
		{ "account a\nuser \" joe \"\n", "a{user= joe @2}" },
		{ "account a\nuser \"\"joe\"\"\n", "a{user=\"joe\"@2}" },
		{ "account a\nuser \"joe\n", "a{user=\"joe@2}" },
		{ "account a\nuser joe\"\n", "a{user=joe\"@2}" },
		{ "account a\nuser \"j\\\"oe\"\n", "a{user=j\\\"oe@2}" },
		{ "account a\nuser \"joe\" x\n", "a{user=\"joe\" x@2}" },
		{ "account a\nuser \"\n", "a{user=\"@2}" },
		{ "account a\nuser \"#\"\n", "a{user=#@2}" },
		{ "account \"a\"\n", "a{}" },

		/* Names alone */
		{ "account a\ntls\nauth\nset_from_header\n",
		    "a{auth=choose@3 tls=on@2 set_from_header=auto@4}" },
		{ "account a\nuser joe\nuser\n", "a{user=@3}" },
		{ "account a\nuser \"\"\n", "a{user=@2}" },
		{ "account a\npassword s\npassword\n", "a{password=@3}" },

		/* Settings before any account */
		{ "host h\nport 25\n", "default{host=h@1 port=25@2}" },
		{ "host h\naccount a\nport 25\n", "default{host=h@1}a{port=25@3}" },

		/* The last value counts */
		{ "account a\nport 1\nport 2\n", "a{port=2@3}" },

		/* Account names */
		{ "account a b\n", "a b{}" },
		{ "account A\naccount a\n", "A{}a{}" },

		/* Defaults */
		{ "defaults\ntls on\naccount a\n", "a{tls=on~2}" },
		{ "defaults\ntls on\naccount a\ntls off\n", "a{tls=off@4}" },
		{ "defaults\nport 1\naccount a\ndefaults\nport 2\naccount b\n",
		    "a{port=1~2}b{port=2~5}" },
		{ "defaults\nport 1\ndefaults\nuser u\naccount a\n",
		    "a{port=1~2 user=u~4}" },
		{ "account a\ndefaults\nport 1\naccount b\n", "a{}b{port=1~3}" },
		{ "defaults\nport 1\n", "" },
		{ "defaults\n", "" },

		/* Inheritance */
		{ "account a\nport 1\naccount b : a\n", "a{port=1@2}b{port=1@2}" },
		{ "account a\nport 1\naccount b:a\nport 2\n", "a{port=1@2}b{port=2@4}" },
		{ "account a\nport 1\naccount b\nuser u\naccount c : a, b\n",
		    "a{port=1@2}b{user=u@4}c{port=1@2 user=u@4}" },
		{ "account a\nport 1\naccount b\nport 2\naccount c : a,b\n",
		    "a{port=1@2}b{port=2@4}c{port=2@4}" },
		{ "account a\nport 1\naccount b : a\naccount c : b\n",
		    "a{port=1@2}b{port=1@2}c{port=1@2}" },
		{ "account a\nport 1\naccount default : a\n",
		    "a{port=1@2}default{port=1@2}" },
		/* only what was given is inherited: what was a default is not */
		{ "defaults\nport 1\naccount a\nuser u\ndefaults\nport 2\naccount b : "
		  "a\n",
		    "a{port=1~2 user=u@4}b{port=2~6 user=u@4}" },
		{ "account a\nport 1\ndefaults\nport 2\naccount b : a\n",
		    "a{port=1@2}b{port=1@2}" },
		/* not to be set any more can be inherited, too */
		{ "defaults\nuser u\naccount a\nuser\naccount b : a\n",
		    "a{user=@4}b{user=@4}" },
		{ "account a\npassword s\naccount b : a\n",
		    "a{password=*@2}b{password=*@2}" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		bool secret;
		struct outcome o;
		char *accounts;

		if (!rcfile_parse(&c, span_of(cases[i].text), "rc", &secret, &o))
			fail_msg("%s: %s", cases[i].text, o.text);
		accounts = dump(&c);
		check_text(cases[i].text, accounts, cases[i].accounts);
		free(accounts);
		config_free(&c);
	}
}

TEST(what_is_wrong_is_told_with_path_and_line)
{
	static const struct {
		const char *text;
		const char *where;    /* the beginning of the words */
		const char *words[2]; /* and parts of them */
	} cases[] = {
		{ "account a\nhsot h\n", "rc:2: ", { "hsot", "did you mean \"host\"?" } },
		{ "acount a\n", "rc:1: ", { "acount", "did you mean \"account\"?" } },
		{ "default\n", "rc:1: ", { "default", "did you mean \"defaults\"?" } },
		{ "xyzzy\n", "rc:1: ", { "xyzzy", "" } },
		{ "Host h\n", "rc:1: ", { "Host", "did you mean \"host\"?" } },
		{ "\n\n\r\n# x\nhost\n", "rc:5: ", { "host", "NAME" } },
		{ "account a\nport smtp\n", "rc:2: ", { "port", "smtp" } },
		{ "account a\nport\n", "rc:2: ", { "port", "1..65535" } },
		{ "account a\nport 25 # smtp\n", "rc:2: ", { "port", "25 # smtp" } },
		{ "account a\nauth scram\n", "rc:2: ", { "auth", "scram" } },
		{ "account a\ntls_certchek off\n",
		    "rc:2: ", { "tls_certchek", "did you mean \"tls_certcheck\"?" } },
		{ "account a\ntls-certcheck off\n",
		    "rc:2: ", { "tls-certcheck", "did you mean \"tls_certcheck\"?" } },
		{ "account a\nuser j\001e\n", "rc:2: ", { "user", "control character" } },
		{ "account a\nuser j\033e\n", "rc:2: ", { "user", "control character" } },
		{ "account a\nuser j\re\n", "rc:2: ", { "user", "control character" } },

		{ "account\n", "rc:1: ", { "account name", "" } },
		{ "account :\n", "rc:1: ", { "account name", "" } },
		{ "account \"\"\n", "rc:1: ", { "account name", "" } },
		{ "account a,b\n", "rc:1: ", { "commas", "" } },
		{ "account a\naccount b\naccount a\n",
		    "rc:3: ", { "account a", "already" } },
		{ "host h\naccount default\n", "rc:2: ", { "default", "already" } },
		{ "account work\naccount b : wrok\n",
		    "rc:2: ", { "wrok", "did you mean \"work\"?" } },
		{ "account b : a\naccount a\n", "rc:1: ", { "account a", "defined" } },
		{ "account a : a\n", "rc:1: ", { "account a", "defined" } },
		{ "account a:\n", "rc:1: ", { "missing account name", "" } },
		{ "account a\naccount b : a,\n",
		    "rc:2: ", { "missing account name", "" } },
		{ "account a\naccount b : a,,a\n", "rc:2: ", { "defined", "" } },
		{ "account a\naccount b : ,a\n", "rc:2: ", { "defined", "" } },
		{ "account a\naccount b : a:a\n", "rc:2: ", { "a:a", "defined" } },
		{ "defaults x\n", "rc:1: ", { "defaults", "argument" } },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		bool secret;
		struct outcome o = { 0 };

		check(cases[i].text,
		    !rcfile_parse(&c, span_of(cases[i].text), "rc", &secret, &o));
		check_int(cases[i].text, o.cause, CAUSE_CONFIG);
		check(cases[i].text,
		    strncmp(o.text, cases[i].where, strlen(cases[i].where)) == 0);
		check_part(cases[i].text, o.text, cases[i].words[0]);
		check_part(cases[i].text, o.text, cases[i].words[1]);
		config_free(&c);
	}
}

TEST(a_password_is_not_shown_where_its_line_is_wrong)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
		{ "password\"s3cret\"\n", "password and its value have to have a blank" },
		{ "password=s3cret\n", "password and its value have to have a blank" },
		{ "password\xc2\xa0s3cret\n",
		    "password and its value have to have a blank" },
		{ "passwords3cret\n", "password and its value have to have a blank" },
		{ "Password s3cret\n", "did you mean \"password\"?" },
		{ "Password:s3cret\n", "did you mean \"password\"?" },
		{ "PASSWORDs3cret\n", "unknown command PASSWORD" },
		{ "pasword=s3cret\n", "did you mean \"password\"?" },
		{ "\"s3cret\"\n", "begins with no setting's name" },
		{ "eval echo s3cret | sed p\n", "write passwordeval" },
		{ "eval printf 'pasword s3\\143ret'\n", "write passwordeval" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		bool secret;
		struct outcome o = { 0 };

		check(cases[i].text,
		    !rcfile_parse(&c, span_of(cases[i].text), "rc", &secret, &o));
		check_part(cases[i].text, o.text, cases[i].words);
		check(cases[i].text, strstr(o.text, "s3cret") == NULL);
		config_free(&c);
	}
}

/* What a text editor can't show must not mean something else than what is shown. */
TEST(a_nul_is_an_error_wherever_it_stands)
{
	static const struct {
		const char *label, *text;
		size_t n;
	} cases[] = {
		{ "a value", "user a\0b\n", 9 },
		{ "a command", "us\0er a\n", 8 },
		{ "a port", "port 25\0x\n", 10 },
		{ "a switch", "tls on\0\n", 8 },
		{ "a line", "\0\n", 2 },
		{ "behind a command", "tls\0\n", 5 },
		{ "an account", "account a\0b\n", 12 },
		{ "a parent", "account a\naccount b : a\0b\n", 26 },
		{ "a password", "password a\0b\n", 13 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		bool secret;
		struct outcome o;

		check(cases[i].label,
		    !rcfile_parse(
			&c, span_bytes(cases[i].text, cases[i].n), "rc", &secret, &o));
		check_int(cases[i].label, o.cause, CAUSE_CONFIG);
		config_free(&c);
	}
}

TEST(a_password_in_the_text_is_told)
{
	static const struct {
		const char *text;
		bool ok, secret;
	} cases[] = {
		{ "host h\n", true, false },
		{ "host h\npassword s\n", true, true },
		{ "defaults\npassword s\n", true, true },
		{ "passwordeval p\n", true, false },
		{ "# password s\n", true, false },
		{ "password s\nwrong\n", false, true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		bool secret = !cases[i].secret;
		struct outcome o;

		check_int(cases[i].text,
		    rcfile_parse(&c, span_of(cases[i].text), "rc", &secret, &o),
		    cases[i].ok);
		check_int(cases[i].text, secret, cases[i].secret);
		config_free(&c);
	}
}

TEST(a_password_is_taken_to_the_byte)
{
	static const struct {
		const char *text, *password;
	} cases[] = {
		{ "password s\n", "s" },
		{ "password s s # \\ ' \303\266\n", "s s # \\ ' \303\266" },
		{ "password \" s \"\n", " s " },
		{ "password \"\"s\"\"\n", "\"s\"" },
		{ "password s\r\n", "s" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct config c = { 0 };
		bool secret;
		struct outcome o;

		assert_true(rcfile_parse(&c, span_of(cases[i].text), "rc", &secret, &o));
		check_text(cases[i].text, c.v[0]->password.data, cases[i].password);
		config_free(&c);
	}
}

TEST(an_account_of_an_earlier_file_hides_one_of_the_same_name)
{
	struct config c = { 0 };
	bool secret;
	struct outcome o;
	char *accounts;

	assert_true(rcfile_parse(
	    &c, span_of("account a\nport 1\naccount b\n"), "user", &secret, &o));
	assert_true(rcfile_parse(&c,
	    span_of("account c\naccount a\nport 2\nuser u\naccount d : a\n"), "system",
	    &secret, &o));
	accounts = dump(&c);
	assert_string_equal(accounts, "a{port=1@2}b{}c{}d{port=2@3 user=u@4}");
	assert_string_equal(c.v[0]->file, "user");
	assert_string_equal(c.v[3]->file, "system");
	assert_string_equal(
	    option_origin(c.v[3], option_find(span_of("user"))).file, "system");
	free(accounts);
	config_free(&c);
}

/* Each file stands for itself: the user's accounts are no parents for the system's. */
TEST(accounts_of_another_file_cannot_be_inherited_from)
{
	struct config c = { 0 };
	bool secret;
	struct outcome o;

	assert_true(rcfile_parse(
	    &c, span_of("defaults\nport 1\naccount a\n"), "user", &secret, &o));
	assert_false(rcfile_parse(&c, span_of("account b : a\n"), "system", &secret, &o));
	check_part("words", o.text, "system:1: ");
	config_free(&c);
	assert_true(rcfile_parse(
	    &c, span_of("defaults\nport 1\naccount a\n"), "user", &secret, &o));
	assert_true(rcfile_parse(&c, span_of("account b\n"), "system", &secret, &o));
	assert_int_equal(config_find(&c, "b")->port, 0); /* nor are its defaults */
	config_free(&c);
}

TEST(very_many_accounts_and_very_long_lines_are_read)
{
	struct config c = { 0 };
	bool secret;
	struct outcome o;
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	for (int i = 0; i < 1000; i++)
		buf_printf(&text, "account a%d\nport %d\n", i, i + 1);
	buf_puts(&text, "user ");
	sample_repeat(&text, "x", 100000);
	buf_puts(&text, "\n");
	assert_true(rcfile_parse(&c, buf_span(&text), "rc", &secret, &o));
	assert_int_equal(c.n, 1000);
	assert_int_equal(c.v[999]->port, 1000);
	assert_int_equal(strlen(c.v[999]->user), 100000);
	config_free(&c);
	buf_clear(&text);
	sample_repeat(&text, "x", 100000);
	assert_false(rcfile_parse(&c, buf_span(&text), "rc", &secret, &o));
	assert_true(strlen(o.text) < 300);
	config_free(&c);
	buf_free(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_makes_accounts),
		cmocka_unit_test(what_is_wrong_is_told_with_path_and_line),
		cmocka_unit_test(a_password_is_not_shown_where_its_line_is_wrong),
		cmocka_unit_test(a_nul_is_an_error_wherever_it_stands),
		cmocka_unit_test(a_password_in_the_text_is_told),
		cmocka_unit_test(a_password_is_taken_to_the_byte),
		cmocka_unit_test(
		    an_account_of_an_earlier_file_hides_one_of_the_same_name),
		cmocka_unit_test(accounts_of_another_file_cannot_be_inherited_from),
		cmocka_unit_test(very_many_accounts_and_very_long_lines_are_read),
	};

	return cmocka_run_group_tests_name("rcfile", tests, NULL, NULL);
}
