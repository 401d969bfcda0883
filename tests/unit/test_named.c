/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <unistd.h>

#include "lib/sample.h"
#include "mail/named.h"

static void
read_header(struct header *h, const char *text)
{
	int fd = sample_file(span_of(text));
	struct input in;
	struct outcome o;

	input_init(&in, fd);
	header_init(h);
	assert_true(header_read(h, &in, &o));
	input_free(&in);
	(void)close(fd);
}

/* Whom a header names, or who of them is to stay unseen. */
static void
check_named(const char *text, const char *wanted, bool hidden)
{
	struct envelope e = { 0 };
	struct outcome o;
	struct buf got;
	struct header h;

	read_header(&h, text);
	buf_init(&got, SAMPLE_MAX);
	check(text, recipients_from_header(&e, &h, &o));
	for (size_t k = 0; k < e.n; k++)
		if (!hidden || e.rcpt[k].hidden)
			buf_printf(&got, "%s|", e.rcpt[k].address);
	check_text(text, got.data, wanted);
	buf_free(&got);
	envelope_free(&e);
	header_free(&h);
}

TEST(recipients_are_taken_from_the_header)
{
	static const struct {
		const char *header, *recipients;
	} cases[] = {
		{ "To: a@x\n\n", "a@x|" },
		{ "To: a@x\nCc: b@x\nBcc: c@x\n\n", "a@x|b@x|c@x|" },
		{ "Bcc: c@x\nTo: a@x\nTo: b@x\n\n", "c@x|a@x|b@x|" },
		{ "to: a@x\nCC : b@x\n\n", "a@x|b@x|" },
		{ "To: A B <a@x>,\n b@x (c),\n\tG: d@x;\n\n", "a@x|b@x|d@x|" },
		{ "To: a@x\nCc: a@X\n\n", "a@x|" },
		{ "To:\nCc: \n\n", "" },
		{ "To: undisclosed-recipients:;\nBcc: b@x\n\n", "b@x|" },
		{ "From: f@x\nSender: s@x\nReply-To: r@x\nX-To: t@x\n\n", "" },
		{ "\nTo: a@x\n", "" },
		{ "", "" },

		/* RFC 5322, 3.6.6: the first block is the latest */
		{ "Resent-To: r@x\nTo: a@x\n\n", "r@x|" },
		{ "To: a@x\nResent-To: r@x\n\n", "r@x|" },
		{ "Resent-To: r@x\nResent-Cc: s@x\nResent-Bcc: t@x\nTo: a@x\n\n",
		    "r@x|s@x|t@x|" },
		{ "Resent-From: f@x\nResent-Date: d\nResent-To: r@x\nResent-Message-ID: "
		  "m\nTo: a@x\n\n",
		    "r@x|" },
		{ "Resent-To: new@x\nReceived: y\nResent-To: old@x\nTo: a@x\n\n",
		    "new@x|" },
		{ "Resent-Bcc: r@x\nTo: a@x\n\n", "r@x|" },
		{ "Resent-From: f@x\nX: y\nResent-To: r@x\nTo: a@x\n\n", "r@x|" },
		{ "Resent-From: f@x\nResent-Date: d\nTo: a@x\n\n", "a@x|" },
		{ "RESENT-TO: r@x\nTo: a@x\n\n", "r@x|" },
		{ "Resent-To: r@x,\n s@x\nResent-From: f@x\nTo: a@x\n\n", "r@x|s@x|" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_named(cases[i].header, cases[i].recipients, false);
}

TEST(who_is_only_in_bcc_is_hidden)
{
	static const struct {
		const char *header, *hidden;
	} cases[] = {
		{ "To: a@x\nCc: b@x\nBcc: c@x\n\n", "c@x|" },
		{ "Bcc: a@x, c@x\nTo: a@x\n\n", "c@x|" },
		{ "To: a@x\nbcc : a@x\n\n", "" },
		{ "Resent-To: r@x\nResent-Bcc: t@x\n\n", "t@x|" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		check_named(cases[i].header, cases[i].hidden, true);
}

TEST(a_bad_address_in_the_header_is_named_with_its_field)
{
	struct envelope e = { 0 };
	struct outcome o;
	struct header h;

	read_header(&h, "To: a@x\ncC: b@x, joe doe\n\n");
	assert_false(recipients_from_header(&e, &h, &o));
	assert_int_equal(o.cause, CAUSE_ADDRESS);
	check_part("field", o.text, "in the header cC: ");
	check_part("address", o.text, "\"joe doe\"");
	envelope_free(&e);
	header_free(&h);
}

TEST(the_sender_is_the_first_who_is_named)
{
	static const struct {
		const char *header, *sender;
	} cases[] = {
		{ "From: a@x, b@x\n\n", "a@x" },
		{ "To: t@x\nfrom: A B <a@x> (c)\n\n", "a@x" },
		{ "From: nobody here\nFrom: b@x\n\n", "b@x" },
		{ "From: <>\nFrom: b@x\n\n", "b@x" },
		{ "Resent-From: r@x\nFrom: a@x\n\n", "r@x" },
		{ "From: a@x\nResent-From: r@x\n\n", "a@x" },
		{ "Sender: s@x\n\n", NULL },
		{ "\nFrom: a@x\n", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header h;
		char *sender;

		read_header(&h, cases[i].header);
		sender = sender_from_header(&h);
		check_text(cases[i].header, sender, cases[i].sender);
		free(sender);
		header_free(&h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_are_taken_from_the_header),
		cmocka_unit_test(who_is_only_in_bcc_is_hidden),
		cmocka_unit_test(a_bad_address_in_the_header_is_named_with_its_field),
		cmocka_unit_test(the_sender_is_the_first_who_is_named),
	};

	return cmocka_run_group_tests_name("named", tests, NULL, NULL);
}
