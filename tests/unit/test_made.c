/* SPDX-License-Identifier: ISC
 *
 * test_made.c - the fields of a header that are added, or made of others, and those that
 * go
 */
#include "lib/unit.h"

#include <unistd.h>

#include "lib/composed.h"
#include "lib/sample.h"
#include "mail/rewrite.h"

TEST(what_is_missing_is_added_on_top_in_this_order)
{
	static const char want_head[] = "From: s@x.example\r\n"
					"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
					"Message-ID: <";
	struct composed r;
	const char *id, *end_of_id;

	composed_make(&r, span_of("Subject: hi\nTo: a@x\n\nbody\n"), "s@x.example",
	    &composed_usual);
	assert_true(r.ok);
	assert_true(r.text.len > sizeof want_head);
	assert_memory_equal(r.text.data, want_head, sizeof want_head - 1);
	id = r.text.data + sizeof want_head - 1;
	assert_int_equal(strspn(id, "0123456789abcdef"), 32);
	end_of_id = id + 32;
	assert_string_equal(
	    end_of_id, "@id.example>\r\nSubject: hi\r\nTo: a@x\r\n\r\nbody\r\n");
	composed_free(&r);
}

TEST(no_two_message_ids_are_equal)
{
	struct composed a, b;

	composed_make(&a, span_of("x\n"), "s@x", &composed_usual);
	composed_make(&b, span_of("x\n"), "s@x", &composed_usual);
	assert_string_not_equal(a.text.data, b.text.data);
	composed_free(&a);
	composed_free(&b);
}

/* From what the policy says, and what the header has, follows what is sent. Of Date and
 * Message-ID only the presence is shown, as "D" and "M". */
TEST(each_field_is_set_as_the_policy_says)
{
	static const struct {
		const char *label, *text;
		int from, date, id;
		const char *message;
	} cases[] = {
		{ "all there", "From: a@x\nDate: d\nMessage-ID: <m>\n\n", SET_AUTO,
		    SET_AUTO, SET_AUTO,
		    "From: a@x\r\nDate: d\r\nMessage-ID: <m>\r\n\r\n" },
		{ "any case", "FROM: a@x\ndate: d\nmessage-id: <m>\n\n", SET_AUTO,
		    SET_AUTO, SET_AUTO,
		    "FROM: a@x\r\ndate: d\r\nmessage-id: <m>\r\n\r\n" },
		{ "all off", "S: x\n\n", SET_OFF, SET_OFF, SET_OFF, "S: x\r\n\r\n" },
		{ "from", "S: x\n\n", SET_AUTO, SET_OFF, SET_OFF,
		    "From: s@x\r\nS: x\r\n\r\n" },
		{ "from empty", "From:\nS: x\n\n", SET_AUTO, SET_OFF, SET_OFF,
		    "From: s@x\r\nS: x\r\n\r\n" },
		{ "from blank", "From: \n\t\nS: x\n\n", SET_AUTO, SET_OFF, SET_OFF,
		    "From: s@x\r\nS: x\r\n\r\n" },
		{ "from kept when off", "From:\nS: x\n\n", SET_OFF, SET_OFF, SET_OFF,
		    "From:\r\nS: x\r\n\r\n" },
		{ "from forced", "From: a@x\nS: x\n\n", SET_ON, SET_OFF, SET_OFF,
		    "From: s@x\r\nS: x\r\n\r\n" },
		{ "from forced, folded", "S: x\nFrom: a\n <a@x>,\n\tb@x\nT: y\n\n",
		    SET_ON, SET_OFF, SET_OFF, "From: s@x\r\nS: x\r\nT: y\r\n\r\n" },
		{ "from forced, twice", "From: a@x\nfrom : b@x\n\n", SET_ON, SET_OFF,
		    SET_OFF, "From: s@x\r\n\r\n" },
		{ "from forced, none", "S: x\n\n", SET_ON, SET_OFF, SET_OFF,
		    "From: s@x\r\nS: x\r\n\r\n" },
		{ "resent-from is no from", "Resent-From: a@x\n\n", SET_AUTO, SET_OFF,
		    SET_OFF, "From: s@x\r\nResent-From: a@x\r\n\r\n" },
		{ "date", "S: x\n\n", SET_OFF, SET_AUTO, SET_OFF,
		    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nS: x\r\n\r\n" },
		{ "date empty", "Date:\nS: x\n\n", SET_OFF, SET_AUTO, SET_OFF,
		    "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\nS: x\r\n\r\n" },
		{ "nothing at all", "", SET_AUTO, SET_AUTO, SET_OFF,
		    "From: s@x\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n" },
		{ "a body alone", "hello\n", SET_AUTO, SET_OFF, SET_OFF,
		    "From: s@x\r\n\r\nhello\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_policy policy = composed_usual;
		struct composed r;

		policy.set_from = cases[i].from;
		policy.set_date = cases[i].date;
		policy.set_message_id = cases[i].id;
		composed_make(&r, span_of(cases[i].text), "s@x", &policy);
		check(cases[i].label, r.ok);
		check_text(cases[i].label, r.text.data, cases[i].message);
		composed_free(&r);
	}
}

TEST(an_empty_message_id_is_replaced)
{
	struct header_policy policy = composed_usual;
	struct composed r;

	policy.set_from = policy.set_date = SET_OFF;
	composed_make(&r, span_of("Message-ID: \nS: x\n\n"), "s@x", &policy);
	assert_true(r.ok);
	assert_memory_equal(r.text.data, "Message-ID: <", 13);
	assert_non_null(strstr(r.text.data, "@id.example>\r\nS: x\r\n\r\n"));
	composed_free(&r);
}

TEST(a_from_field_shows_sender_and_name)
{
	static const struct {
		const char *sender, *name, *from;
	} cases[] = {
		{ "s@x", NULL, "From: s@x\r\n" },
		{ "s@x", "", "From: s@x\r\n" },
		{ "s@x", "Joe", "From: Joe <s@x>\r\n" },
		{ "s@x", "Joe Public", "From: Joe Public <s@x>\r\n" },
		{ "s@x", "Joe Q. Public", "From: \"Joe Q. Public\" <s@x>\r\n" },
		{ "s@x", "Public, Joe", "From: \"Public, Joe\" <s@x>\r\n" },
		{ "s@x", "a \"b\" \\c", "From: \"a \\\"b\\\" \\\\c\" <s@x>\r\n" },
		{ "s@x", "<evil@x>", "From: \"<evil@x>\" <s@x>\r\n" },
		{ "s@x", "J\303\266rg", "From: =?utf-8?B?SsO2cmc=?= <s@x>\r\n" },
		{ "", NULL, "From: MAILER-DAEMON@host.example\r\n" },
		{ NULL, NULL, "From: MAILER-DAEMON@host.example\r\n" },
		{ "", "Mail System",
		    "From: Mail System <MAILER-DAEMON@host.example>\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_policy policy = composed_plain;
		struct composed r;

		policy.set_from = SET_AUTO;
		policy.full_name = cases[i].name;
		composed_make(&r, span_of(""), cases[i].sender, &policy);
		check(cases[i].from, r.ok);
		check_text(cases[i].from, r.text.data, cases[i].from);
		composed_free(&r);
	}
}

TEST(a_name_that_is_absurdly_long_is_refused)
{
	struct header_policy policy = composed_plain;
	struct buf name;
	struct composed r;

	buf_init(&name, SAMPLE_MAX);
	sample_repeat(&name, "name ", 20000);
	policy.set_from = SET_AUTO;
	policy.full_name = name.data;
	composed_make(&r, span_of("x\n"), "s@x", &policy);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_MESSAGE);
	composed_free(&r);
	buf_free(&name);
}

TEST(blind_copies_stay_blind)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "To: a@x\nBcc: b@x\nS: y\n\n", "To: a@x\r\nS: y\r\n\r\n" },
		{ "BCC: b@x\nbcc : c@x\n\n", "\r\n" },
		{ "Bcc: b@x,\n c@x,\n\td@x\nS: y\n\n", "S: y\r\n\r\n" },
		{ "Resent-Bcc: b@x\nS: y\n\n", "S: y\r\n\r\n" },
		{ "X-Bcc: b@x\n\n", "X-Bcc: b@x\r\n\r\n" },
		{ "S: y\nBcc: b@x\n", "S: y\r\n" },
		{ "Bcc: b@x\n\nBcc: c@x\n", "\r\nBcc: c@x\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_policy policy = composed_plain;
		struct composed r;

		policy.remove_bcc = true;
		composed_make(&r, span_of(cases[i].text), "s@x", &policy);
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.text.data, cases[i].message);
		composed_free(&r);
	}
}

TEST(blind_copies_are_kept_where_that_is_wanted)
{
	struct composed r;

	composed_make(
	    &r, span_of("Bcc: b@x\nResent-Bcc: c@x\n\n"), "s@x", &composed_plain);
	assert_string_equal(r.text.data, "Bcc: b@x\r\nResent-Bcc: c@x\r\n\r\n");
	composed_free(&r);
}

/* The message that is made of `text`, for open and hidden recipients (NULL: none). */
static void
make_to(struct composed *c, const char *text, const char *open, const char *hidden,
    const struct header_policy *policy)
{
	struct envelope e;
	int fd = sample_file(span_of(text));

	sample_envelope(&e, "s@x", open);
	if (hidden != NULL)
		envelope_add_hidden(&e, hidden);
	composed_read(c, fd, &e, policy);
	envelope_free(&e);
	(void)close(fd);
}

TEST(a_to_header_can_be_made_of_the_recipients)
{
	static const char text[] = "S: y\nTo: a@x\nCC : b@x,\n c@x\nBcc: d@x\n\n";
	static const struct {
		int set_to;
		const char *open, *hidden, *message;
	} cases[] = {
		{ TO_OFF, "e@x", NULL,
		    "S: y\r\nTo: a@x\r\nCC: b@x,\r\n c@x\r\nBcc: d@x\r\n\r\n" },
		{ TO_ON, "e@x", NULL, "To: e@x\r\nS: y\r\n\r\n" },
		{ TO_ON, "e@x, root", NULL, "To: e@x, root\r\nS: y\r\n\r\n" },
		{ TO_ON, "e@x", "f@x", "To: e@x\r\nS: y\r\n\r\n" },
		{ TO_ON, "e@x", "e@x", "To: e@x\r\nS: y\r\n\r\n" },
		{ TO_ON, "", "f@x", "To: undisclosed-recipients:;\r\nS: y\r\n\r\n" },
		{ TO_UNDISCLOSED, "e@x", NULL,
		    "To: undisclosed-recipients:;\r\nS: y\r\n\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header_policy policy = composed_plain;
		struct composed r;

		policy.set_to = cases[i].set_to;
		make_to(&r, text, cases[i].open, cases[i].hidden, &policy);
		check(cases[i].message, r.ok);
		check_text(cases[i].message, r.text.data, cases[i].message);
		composed_free(&r);
	}
}

TEST(a_long_to_header_is_folded)
{
	struct header_policy policy = composed_plain;
	struct buf list;
	struct composed r;

	buf_init(&list, SAMPLE_MAX);
	for (int i = 0; i < 5000; i++)
		buf_printf(&list, "user%d@lab.example,", i);
	policy.set_to = TO_ON;
	make_to(&r, "S: y\n\n", list.data, NULL, &policy);
	assert_true(r.ok);
	assert_in_range(r.source.longest, 60, 78);
	check_part("first", r.text.data, "To: user0@lab.example, user1@lab.example, ");
	check_part("last", r.text.data, " user4999@lab.example\r\nS: y\r\n");
	composed_free(&r);
	buf_free(&list);
}

TEST(what_is_added_stands_in_front_in_a_fixed_order)
{
	static const struct local here = { .host = "h" };
	static const struct rewrite rewrite = {
		.when = REWRITE_AUTO,
		.from = "me@mail.example",
		.local = &here,
	};
	struct header_policy policy = composed_plain;
	struct composed r;

	policy.rewrite = &rewrite;
	policy.set_from = SET_AUTO;
	policy.set_to = TO_ON;
	policy.set_date = SET_AUTO;
	make_to(&r, "From: root (Cron)\nTo: root\n\nx\n", "a@x", NULL, &policy);
	assert_true(r.ok);
	assert_string_equal(r.text.data,
	    "From: Cron <me@mail.example>\r\nX-Original-From: root (Cron)\r\n"
	    "To: a@x\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nx\r\n");
	composed_free(&r);
}

TEST(a_message_id_is_ascii)
{
	struct header_policy policy = composed_usual;
	struct composed r;

	policy.set_from = policy.set_date = SET_OFF;
	policy.message_id_domain = "b\303\274cher.example";
	composed_make(&r, span_of("x\n"), "s@x", &policy);
	check_part("IDN", r.text.data, "@xn--bcher-kva.example>\r\n");
	composed_free(&r);
	policy.message_id_domain = "\377.example";
	composed_make(&r, span_of("x\n"), "s@x", &policy);
	assert_false(span_has_8bit(buf_span(&r.text)));
	composed_free(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_added_on_top_in_this_order),
		cmocka_unit_test(no_two_message_ids_are_equal),
		cmocka_unit_test(each_field_is_set_as_the_policy_says),
		cmocka_unit_test(an_empty_message_id_is_replaced),
		cmocka_unit_test(a_from_field_shows_sender_and_name),
		cmocka_unit_test(a_name_that_is_absurdly_long_is_refused),
		cmocka_unit_test(blind_copies_stay_blind),
		cmocka_unit_test(blind_copies_are_kept_where_that_is_wanted),
		cmocka_unit_test(a_to_header_can_be_made_of_the_recipients),
		cmocka_unit_test(a_long_to_header_is_folded),
		cmocka_unit_test(what_is_added_stands_in_front_in_a_fixed_order),
		cmocka_unit_test(a_message_id_is_ascii),
	};

	return cmocka_run_group_tests_name("made", tests, composed_in_utc, NULL);
}
