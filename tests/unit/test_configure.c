/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/clock.h"
#include "conf/config.h"
#include "conf/load.h"
#include "lib/sample.h"
#include "probe/configure.h"

static struct submission
submission(const char *address, const char *domain, bool from_start)
{
	return (struct submission){
		.address = (char *)(uintptr_t)address,
		.domain = (char *)(uintptr_t)domain,
		.from_start = from_start,
		.servers = { .n = 2,
		    .v = { { 0, 1, from_start ? 465 : 587, "mail.example.org" },
			{ 10, 0, 1465, "backup.example.org" } } },
	};
}

TEST(the_account_says_what_the_domain_says)
{
	static const struct {
		bool from_start;
		const char *want;
	} cases[] = {
		{ true, "\naccount example.org\nhost mail.example.org\nport 465\ntls on\n"
			"tls_starttls off\nauth on\nuser joe@example.org\n"
			"from joe@example.org\n" },
		{ false,
		    "\naccount example.org\nhost mail.example.org\nport 587\ntls on\n"
		    "tls_starttls on\nauth on\nuser joe@example.org\n"
		    "from joe@example.org\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct submission s =
		    submission("joe@example.org", "example.org", cases[i].from_start);
		struct buf out;

		buf_init(&out, CONFIGURE_MAX);
		configure_show(&s, &out);
		check_part("account", out.data, cases[i].want);
		check_part("others", out.data,
		    "# example.org also: host backup.example.org, port 1465\n");
		check("inside", strstr(out.data, "outside") == NULL);
		buf_free(&out);
	}
}

/* What the configuration language makes of the block, and not only what it looks like. */
TEST(the_account_can_be_read_as_it_stands)
{
	static const char *const addresses[] = { "joe@example.org", "o'brien@example.org",
		"\"joe at home\"@example.org", "a#b@example.org",
		"j\303\266e@example.org" };

	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct submission s = submission(addresses[i], "example.org", true);
		char *directory = sample_directory(), *path;
		struct config c = { 0 };
		struct outcome o;
		struct account *a;
		struct buf out;

		buf_init(&out, CONFIGURE_MAX);
		configure_show(&s, &out);
		path = sample_write(directory, "rc", out.data, 0600);
		if (!config_load(&c, path, &o))
			fail_msg("%s: %s", addresses[i], o.text);
		a = config_account(&c, "default", &o);
		assert_non_null(a);
		check_text(addresses[i], a->host, "mail.example.org");
		check_text(addresses[i], a->user, addresses[i]);
		check_text(addresses[i], a->from, addresses[i]);
		check(addresses[i], a->tls && !a->starttls && a->passwordeval == NULL);
		config_free(&c);
		buf_free(&out);
		free(path);
		sample_directory_end(directory);
	}
}

TEST(an_address_is_quoted_for_the_shell)
{
	struct submission s = submission("o'$(id)`id`@example.org", "example.org", true);
	struct buf out;

	buf_init(&out, CONFIGURE_MAX);
	configure_show(&s, &out);
	check_part("lookup", out.data,
	    "\n#passwordeval secret-tool lookup host mail.example.org service smtp user "
	    "'o'\\''$(id)`id`@example.org'\n");
	buf_free(&out);
}

TEST(a_server_outside_of_the_domain_is_told_as_such)
{
	static const struct {
		const char *domain;
		bool outside;
	} cases[] = {
		{ "example.org", false },
		{ "Example.ORG.", false },
		{ "mail.example.org", false },
		{ "org", false },
		{ "ple.org", true },
		{ "example.net", true },
		{ "a.mail.example.org", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct submission s =
		    submission("joe@example.org", cases[i].domain, true);
		struct buf out;

		buf_init(&out, CONFIGURE_MAX);
		configure_show(&s, &out);
		check_int(cases[i].domain, strstr(out.data, "outside") != NULL,
		    cases[i].outside);
		buf_free(&out);
	}
}

TEST(what_is_no_address_is_told_before_anybody_is_asked)
{
	static const char *const addresses[] = { "", "<>", "nodomain", "@example.org",
		"a@", "a@[192.0.2.1]", "a@b@", "a@exa mple.org", "a@example..org",
		"a@x\ny.example", "a@b, c@d", "a@-_;.example", "a@\357\274\236.example" };

	for (size_t i = 0; i < COUNT(addresses); i++) {
		struct submission s;
		struct outcome o = { 0 };

		check(addresses[i], !configure_find(&s, addresses[i], clock_in(0), &o));
		check_int(addresses[i], o.cause, CAUSE_ADDRESS);
		check_part(addresses[i], o.text, "invalid mail address");
		configure_free(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_account_says_what_the_domain_says),
		cmocka_unit_test(the_account_can_be_read_as_it_stands),
		cmocka_unit_test(an_address_is_quoted_for_the_shell),
		cmocka_unit_test(a_server_outside_of_the_domain_is_told_as_such),
		cmocka_unit_test(what_is_no_address_is_told_before_anybody_is_asked),
	};

	return cmocka_run_group_tests_name("configure", tests, NULL, NULL);
}
