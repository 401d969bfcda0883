/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/sample.h"
#include "serve/received.h"

#define NOON 1700000000 /* 2023-11-14 22:13:20 UTC */

TEST(it_tells_who_said_what_and_how)
{
	static const struct {
		const char *label;
		struct visitor visitor;
		const char *from, *with;
	} cases[] = {
		{ "HELO", { .hello = "c", .address = "127.0.0.1", .uid = -1 },
		    "c ([127.0.0.1])", "SMTP" },
		{ "EHLO", { .hello = "c", .address = "::1", .uid = -1, .extended = true },
		    "c ([IPv6:::1])", "ESMTP" },
		{ "TLS",
		    { .hello = "c",
			.address = "192.0.2.1",
			.extended = true,
			.encrypted = true },
		    "c ([192.0.2.1])", "ESMTPS" },
		{ "AUTH",
		    { .hello = "c",
			.address = "192.0.2.1",
			.user = "ops",
			.extended = true },
		    "c ([192.0.2.1])", "ESMTPA" },
		{ "all of it",
		    { .hello = "[192.0.2.1]",
			.address = "192.0.2.1",
			.user = "ops",
			.extended = true,
			.encrypted = true,
			.lmtp = true },
		    "[192.0.2.1] ([192.0.2.1])", "LMTPSA" },
		{ "a socket", { .hello = "c", .uid = 1000, .extended = true },
		    "c (uid 1000)", "ESMTP" },
		{ "nobody knows", { .hello = "", .uid = -1 }, "unknown", "SMTP" },
		{ "what is no name", { .hello = "a\r\nBcc: b@x (c\303\244", .uid = -1 },
		    "a??Bcc:?b?x??c??", "SMTP" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct posting p = { .visitor = &cases[i].visitor };
		char *field = received_field(&p, "mx.lab.example", "a1.2", NOON);
		char want[512];

		(void)snprintf(want, sizeof want,
		    "Received: from %s\n\tby mx.lab.example with %s id a1.2;\n\t",
		    cases[i].from, cases[i].with);
		check_part(cases[i].label, field, want);
		check(cases[i].label, strncmp(field, want, strlen(want)) == 0);
		check_part(cases[i].label, field, "Nov 2023 ");
		free(field);
	}
}

TEST(addresses_beyond_ascii_have_protocols_of_their_own)
{
	static const struct {
		struct visitor visitor;
		const char *with;
	} cases[] = {
		{ { .hello = "c", .extended = true }, "with UTF8SMTP id" },
		{ { .hello = "c", .extended = true, .encrypted = true, .user = "ops" },
		    "with UTF8SMTPSA id" },
		{ { .hello = "c", .extended = true, .lmtp = true }, "with UTF8LMTP id" },
		{ { .hello = "c" }, "with SMTP id" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct posting p = { .visitor = &cases[i].visitor,
			.smtputf8 = true };
		char *field = received_field(&p, "mx", "1", NOON);

		check_part(cases[i].with, field, cases[i].with);
		free(field);
	}
}

TEST(one_recipient_is_named_and_several_are_not)
{
	static const struct {
		const char *rcpt[2];
		const char *words;
	} cases[] = {
		{ { "b@x.example" }, "id 1\n\tfor <b@x.example>;\n" },
		{ { "b@x.example", "c@x.example" }, "id 1;\n" },
		{ { "j\303\266@x.example" }, "id 1;\n" },
	};
	struct visitor visitor = { .hello = "c", .uid = -1 };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct posting p = { .visitor = &visitor };
		char *field;

		for (size_t k = 0; k < 2 && cases[i].rcpt[k] != NULL; k++)
			envelope_add(&p.envelope, cases[i].rcpt[k]);
		field = received_field(&p, "mx", "1", NOON);
		check_part(cases[i].rcpt[0], field, cases[i].words);
		free(field);
		envelope_free(&p.envelope);
	}
}

TEST(a_name_without_an_end_is_cut)
{
	struct buf name;
	struct visitor visitor = { .uid = -1 };
	const struct posting p = { .visitor = &visitor };
	char *field;

	buf_init(&name, SAMPLE_MAX);
	sample_repeat(&name, "x", 10000);
	visitor.hello = name.data;
	field = received_field(&p, "mx", "1", NOON);
	assert_true(strlen(field) < 500);
	free(field);
	buf_free(&name);
}

TEST(a_hundred_servers_are_many_and_more_go_in_a_circle)
{
	for (size_t n = 99; n < 103; n++) {
		struct header h;
		struct input input;
		struct buf text;
		struct outcome o;
		int fd;

		buf_init(&text, SAMPLE_MAX);
		sample_repeat(&text, "Received: from a\r\n\tby b; then\r\n", n);
		buf_puts(&text, "Subject: Received: x\r\n\r\n");
		fd = sample_file(buf_span(&text));
		header_init(&h);
		input_init(&input, fd);
		assert_true(header_read(&h, &input, &o));
		check_int("so many", received_too_often(&h), n > 100);
		input_free(&input);
		header_free(&h);
		(void)close(fd);
		buf_free(&text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_tells_who_said_what_and_how),
		cmocka_unit_test(addresses_beyond_ascii_have_protocols_of_their_own),
		cmocka_unit_test(one_recipient_is_named_and_several_are_not),
		cmocka_unit_test(a_name_without_an_end_is_cut),
		cmocka_unit_test(a_hundred_servers_are_many_and_more_go_in_a_circle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
