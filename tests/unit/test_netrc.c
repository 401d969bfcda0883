/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/netrc.h"
#include "lib/sample.h"

static bool
find(struct span text, struct secret *s, int *line)
{
	*s = (struct secret){ 0 };
	*line = 0;
	return netrc_find(text, "mx.example", "joe", s, line);
}

TEST(the_password_of_host_and_user_is_found)
{
	static const struct {
		const char *text;
		const char *password; /* NULL: there is none */
		int line;
	} cases[] = {
		{ "machine mx.example login joe password s\n", "s", 1 },
		{ "machine mx.example login joe password s", "s", 1 },
		{ "machine mx.example user joe passwd s\n", "s", 1 },
		{ "machine mx.example\n\tlogin joe\n\tpassword s\n", "s", 3 },
		{ "machine mx.example password s login joe\n", "s", 1 },
		{ "machine\nmx.example\nlogin\njoe\npassword\ns\n", "s", 6 },
		{ "machine mx.example login joe password s\r\n", "s", 1 },
		{ "\n\n  machine\tmx.example\t login joe  password s \n", "s", 3 },
		{ "machine mx.example login joe account a password s", "s", 1 },
		{ "machine mx.example login joe account password password s", "s", 1 },
		{ "machine mx.example login joe password s port 587", "s", 1 },

		/* none */
		{ "", NULL, 0 },
		{ "\n\n", NULL, 0 },
		{ "machine mx.example login joe", NULL, 0 },
		{ "machine mx.example password s", NULL, 0 },
		{ "machine mx.example login ann password s", NULL, 0 },
		{ "machine mx.example login Joe password s", NULL, 0 },
		{ "machine MX.example login joe password s", NULL, 0 },
		{ "machine mx.example. login joe password s", NULL, 0 },
		{ "machine mx.exampl login joe password s", NULL, 0 },
		{ "default login joe password s", NULL, 0 },
		{ "login joe password s", NULL, 0 },
		{ "Machine mx.example login joe password s", NULL, 0 },
		{ "machine mx.example login joe password", NULL, 0 },

		/* which of several */
		{ "machine a login joe password 1\nmachine mx.example login joe "
		  "password 2",
		    "2", 2 },
		{ "machine mx.example login ann password 1\n"
		  "machine mx.example login joe password 2\n"
		  "machine mx.example login joe password 3\n",
		    "2", 2 },
		{ "machine mx.example login joe\n"
		  "machine mx.example login joe password 2\n",
		    "2", 2 },
		{ "machine mx.example login joe\nmachine a password 2\n", NULL, 0 },
		{ "machine mx.example login joe password 1 default password 2", "1", 1 },
		{ "machine mx.example login joe password 1 password 2", "2", 1 },
		{ "machine mx.example default login joe password s", NULL, 0 },

		/* quotes */
		{ "machine mx.example login joe password \"a b\"", "a b", 1 },
		{ "machine mx.example login joe password 'a b'", "a b", 1 },
		{ "machine mx.example login joe password a\"b c\"d'e'", "ab cde", 1 },
		{ "machine mx.example login joe password 'a\"b'", "a\"b", 1 },
		{ "machine mx.example login joe password \"a'b\"", "a'b", 1 },
		{ "machine mx.example login joe password a\\b", "a\\b", 1 },
		{ "machine mx.example login joe password \"a\\\\b\"", "a\\\\b", 1 },
		{ "machine mx.example login joe password \"a\\\" b", "a\\", 1 },
		{ "machine mx.example login joe password \"a b\nc", "a b", 1 },
		{ "machine \"mx.example\" login 'joe' password \"\"", "", 1 },

		/* comments */
		{ "# machine mx.example login joe password s\n", NULL, 0 },
		{ "machine mx.example # mine\n login joe password s", "s", 2 },
		{ "machine mx.example login joe password s # mine", "s", 1 },
		{ "machine mx.example login joe password s#1", "s#1", 1 },
		{ "machine mx.example login joe password #1", "#1", 1 },
		{ "machine mx.example login joe password s\n#machine mx.example\n", "s",
		    1 },

		/* macros */
		{ "macdef m\nmachine mx.example login joe password 1\n\n"
		  "machine mx.example login joe password 2",
		    "2", 4 },
		{ "macdef m\nmachine mx.example login joe password 1\n", NULL, 0 },
		{ "machine mx.example login joe macdef m\n password 1\n \t\npassword 2",
		    "2", 4 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		bool found = cases[i].password != NULL;
		struct secret s;
		int line;

		check_int(cases[i].text, find(span_of(cases[i].text), &s, &line), found);
		check_text(cases[i].text, s.data, cases[i].password);
		check_int(cases[i].text, line, cases[i].line);
		secret_free(&s);
	}
}

TEST(a_word_may_be_as_long_as_the_file)
{
	struct secret s;
	struct buf b;
	int line;

	buf_init(&b, SAMPLE_MAX);
	sample_repeat(&b, "machine a login b password c\n", 20000);
	buf_puts(&b, "machine mx.example login joe password ");
	sample_repeat(&b, "0123456789", 10000);
	assert_true(find(buf_span(&b), &s, &line));
	assert_int_equal(s.len, 100000);
	assert_int_equal(line, 20001);
	secret_free(&s);
	buf_free(&b);
}

TEST(a_nul_is_a_byte_like_any_other)
{
	struct secret s;
	int line;

	assert_true(find(
	    span_bytes("machine mx.example login joe password a\0b", 41), &s, &line));
	assert_int_equal(s.len, 3);
	secret_free(&s);
	assert_false(
	    find(span_bytes("machine mx.example\0 login joe password a", 40), &s, &line));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_password_of_host_and_user_is_found),
		cmocka_unit_test(a_word_may_be_as_long_as_the_file),
		cmocka_unit_test(a_nul_is_a_byte_like_any_other),
	};

	return cmocka_run_group_tests_name("netrc", tests, NULL, NULL);
}
