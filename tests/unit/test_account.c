/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/account.h"
#include "conf/option.h"

/* Sets "NAME VALUE, NAME VALUE". */
static struct account *
account_of(const char *settings)
{
	const struct origin here = { "rc", 1, true };
	struct account *a = account_new("work");
	struct span all = span_of(settings), one, name;
	struct outcome o;

	while (span_cut(&all, ',', &one)) {
		one = span_trim(one);
		(void)span_cut(&one, ' ', &name);
		if (!option_set(a, option_find(name), one, here, CAUSE_CONFIG, &o))
			fail_msg("%s: %s", settings, o.text);
	}
	return a;
}

TEST(the_port_follows_from_the_settings)
{
	static const struct {
		const char *settings;
		int port;
	} cases[] = {
		{ "", 25 },
		{ "tls on", 25 },
		{ "tls on, tls_starttls off", 465 },
		{ "tls off, tls_starttls off", 25 },
		{ "port 587", 587 },
		{ "port 587, tls on, tls_starttls off", 587 },
		{ "protocol lmtp", 0 },
		{ "protocol lmtp, port 24", 24 },
		{ "protocol lmtp, tls on, tls_starttls off", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_of(cases[i].settings);

		check_int(cases[i].settings, account_port(a), cases[i].port);
		account_free(a);
	}
}

TEST(where_the_server_is_and_who_follows_from_the_settings)
{
	static const struct {
		const char *settings, *place, *server;
	} cases[] = {
		{ "host h", "h:25", "h" },
		{ "host h, port 587", "h:587", "h" },
		{ "host h, proxy_host p", "h:25 through the proxy p:1080", "h" },
		{ "host h, proxy_host p, proxy_port 9050",
		    "h:25 through the proxy p:9050", "h" },
		{ "host h, proxy_port 9050", "h:25", "h" },
		{ "socket /run/s", "/run/s", "localhost" },
		{ "socket /run/s, host h, proxy_host p", "/run/s", "h" },
		{ "socket /run/s, tls_host_override o", "/run/s", "o" },
		{ "socket /run/s, host h, tls_host_override o", "/run/s", "h" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_of(cases[i].settings);
		struct buf place;

		buf_init(&place, 1000);
		account_place(a, &place);
		check_text(cases[i].settings, place.data, cases[i].place);
		check_text(cases[i].settings, account_server(a), cases[i].server);
		buf_free(&place);
		account_free(a);
	}
}

TEST(what_is_missing_or_contradicts_itself_is_told)
{
	static const struct {
		const char *settings, *words; /* NULL: all is well */
	} cases[] = {
		{ "host h", NULL },
		{ "", "host" },
		{ "port 25", "host" },
		{ "host h, protocol lmtp", "port" },
		{ "host h, protocol lmtp, port 24", NULL },
		{ "socket /run/s", NULL },
		{ "socket /run/s, protocol lmtp", NULL },
		{ "socket /run/s, tls on", "host not set" },
		{ "socket /run/s, tls on, host h", NULL },
		{ "socket /run/s, tls on, tls_host_override h", NULL },
		{ "socket /run/s, host a b", "one name" },
		{ "socket /run/s, host h:25", "no port: h:25" },
		{ "host h, proxy_host p", NULL },
		{ "host h, proxy_host ::1", NULL },
		{ "host h, proxy_host p:1080", "no port: p:1080" },
		{ "host h, proxy_host socks5://p", "URL" },
		{ "host h, proxy_host socks5://p:1080", "URL" },
		{ "host ::1", NULL },
		{ "host h, tls_key_file k", "tls_cert_file" },
		{ "host h, tls_cert_file c", "tls_key_file" },
		{ "host h, tls_cert_file c, tls_key_file k", NULL },
		{ "host h, tls_crl_file l", NULL },
		{ "host h, tls_crl_file l, tls_trust_file", "tls_trust_file" },
		{ "host h, tls on", NULL },
		{ "host h, tls on, tls_trust_file", "tls_trust_file" },
		{ "host h, tls_trust_file", NULL },
		{ "host h, tls on, tls_trust_file, tls_certcheck off", NULL },
		{ "host h, tls on, tls_trust_file, tls_fingerprint "
		  "00:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f",
		    NULL },
		{ "host h, domain me.example", NULL },
		{ "host h, domain", NULL },
		{ "host h, domain a b", "domain" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_of(cases[i].settings);
		struct outcome o;
		bool ok = account_check(a, &o);

		check_int(cases[i].settings, ok, cases[i].words == NULL);
		if (!ok) {
			check_int(cases[i].settings, o.cause, CAUSE_CONFIG);
			check_part(cases[i].settings, o.text, cases[i].words);
		}
		account_free(a);
	}
}

TEST(what_is_no_name_in_host_is_told_with_its_line_and_what_was_meant)
{
	static const struct {
		const char *settings, *words, *meant;
	} cases[] = {
		{ "host m.example:587",
		    "rc:1: host takes names and addresses of servers, "
		    "and no port: m.example:587",
		    "host m.example\nport 587" },
		{ "host smtp://m.example", "no URL: smtp://m.example", "host m.example" },
		{ "host smtps://m.example/", "no URL",
		    "host m.example\ntls on\ntls_starttls off" },
		{ "host smtps://m.example, tls on, tls_starttls off", "no URL",
		    "host m.example" },
		{ "host tls://m.example:587", "no URL",
		    "host m.example\nport 587\ntls on" },
		{ "host TLS://m.example, tls on, tls_starttls off", "no URL",
		    "host m.example\ntls_starttls on" },
		{ "host https://m.example/inbox", "no URL", "host m.example" },
		{ "host m.example/", "no path: m.example/", "host m.example" },
		{ "host me@m.example", "no user: ****@m.example", "host m.example" },
		{ "host smtp://me:s@ecret@m.example:25", "no URL: ****@m.example:25",
		    "host m.example\nport 25" },
		{ "host smtp://me:s ecret@m.example", "no URL: ****", "" },
		{ "host m.example:25 me:s ecret@n", "no port: ****", "" },
		{ "host smtp://me:secret ecret@n", "no URL: ****", "" },
		{ "host [2001:db8::1]", "no brackets", "host 2001:db8::1" },
		{ "host [2001:db8::1]:25", "no port", "host 2001:db8::1\nport 25" },
		{ "host m.example:smtp", "no port: m.example:smtp", "host m.example" },
		{ "host m.example:", "no port: m.example:", "host m.example" },
		{ "host m.example:99999", "no port", "host m.example" },
		{ "host :25", "no port", "" },
		{ "host a b:25", "no port: b:25", "" },
		{ "host smtp://", "no URL", "" },
		{ "host [", "", NULL },
		{ "host 2001:db8::1", "", NULL },
		{ "host h, proxy_host socks5://p:9050", "rc:1: proxy_host",
		    "proxy_host p\nproxy_port 9050" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_of(cases[i].settings);
		struct outcome o = { 0 };

		check_int(
		    cases[i].settings, account_check(a, &o), cases[i].meant == NULL);
		check_part(cases[i].settings, o.text, cases[i].words);
		check_text(cases[i].settings, o.setting,
		    cases[i].meant != NULL ? cases[i].meant : "");
		check(cases[i].settings, strstr(o.text, "ecret") == NULL);
		account_free(a);
	}
}

/* What would have to be cut off is not offered. */
TEST(a_long_name_is_told_without_what_to_write)
{
	char settings[200] = "host ";
	struct account *a;
	struct outcome o;

	memset(settings + 5, 'a', 130);
	memcpy(settings + 135, ":25", 3);
	a = account_of(settings);
	assert_false(account_check(a, &o));
	check_part("words", o.text, "no port: aaa");
	check_text("setting", o.setting, "");
	account_free(a);
}

TEST(a_complaint_names_account_and_file)
{
	struct account *a = account_of("");
	struct outcome o;

	assert_false(account_check(a, &o));
	assert_null(strstr(o.text, "work"));
	a->file = "/home/joe/.msmtprc";
	assert_false(account_check(a, &o));
	check_part("account", o.text, "work");
	check_part("file", o.text, "/home/joe/.msmtprc");
	account_free(a);
}

TEST(the_name_for_ehlo_is_never_missing)
{
	static const struct {
		const char *settings, *domain;
	} cases[] = {
		{ "", "localhost" },
		{ "domain", "localhost" },
		{ "domain me.example", "me.example" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a = account_of(cases[i].settings);

		check_text(cases[i].settings, account_domain(a), cases[i].domain);
		account_free(a);
	}
}

/* Every row has its place in the two ways of taking over. */
TEST(every_setting_that_was_given_is_inherited)
{
	for (size_t i = 0; i < option_count; i++) {
		const struct option_row *row = &options[i];
		const struct origin here = { "rc", 3, true };
		struct account *from = account_new("from"), *to = account_new("to");
		struct origin origin;
		struct outcome o;

		/* anything that the row takes: its bare meaning, its default, or text */
		if (!option_set(from, row,
			span_of(row->fallback != NULL ? row->fallback : ""), here,
			CAUSE_CONFIG, &o))
			check(row->name,
			    option_set(from, row, span_of("25"), here, CAUSE_CONFIG, &o));
		account_inherit(to, from);
		origin = option_origin(to, row);
		check(row->name, origin.given && origin.line == 3);
		account_free(to);
		to = account_like(from, "to");
		origin = option_origin(to, row);
		check(row->name, !origin.given && origin.line == 3);
		account_free(from);
		account_free(to);
	}
}

TEST(what_was_inherited_is_ones_own)
{
	struct account *from = account_of("user joe, password s, host h");
	struct account *to = account_new("to");

	account_inherit(to, from);
	account_free(from);
	assert_string_equal(to->user, "joe");
	assert_string_equal(to->password.data, "s");
	assert_string_equal(to->host, "h");
	account_free(to);
	account_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_port_follows_from_the_settings),
		cmocka_unit_test(where_the_server_is_and_who_follows_from_the_settings),
		cmocka_unit_test(what_is_missing_or_contradicts_itself_is_told),
		cmocka_unit_test(
		    what_is_no_name_in_host_is_told_with_its_line_and_what_was_meant),
		cmocka_unit_test(a_long_name_is_told_without_what_to_write),
		cmocka_unit_test(a_complaint_names_account_and_file),
		cmocka_unit_test(the_name_for_ehlo_is_never_missing),
		cmocka_unit_test(every_setting_that_was_given_is_inherited),
		cmocka_unit_test(what_was_inherited_is_ones_own),
	};

	return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}
