/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "lib/sample.h"
#include "mail/compose.h"
#include "mail/rewrite.h"

#define NOW 1700000000 /* 14 November 2023, 22:13:20 UTC */

/* Changes nothing that it needn't. */
static const struct header_policy plain = {
	.set_from = SET_OFF,
	.set_date = SET_OFF,
	.set_message_id = SET_OFF,
	.domain = "host.example",
	.message_id_domain = "id.example",
	.now = NOW,
};

/* What accounts have by default. */
static const struct header_policy usual = {
	.set_from = SET_AUTO,
	.set_date = SET_AUTO,
	.set_message_id = SET_AUTO,
	.remove_bcc = true,
	.domain = "host.example",
	.message_id_domain = "id.example",
	.now = NOW,
};

struct run {
	bool ok;
	struct header h;
	struct source source;
	struct buf text;
	unsigned repaired;
	struct outcome o;
};

static void
run(struct run *r, struct span text, const char *sender,
    const struct header_policy *policy)
{
	struct envelope e = { 0 };
	int fd = sample_file(text);
	struct input in;

	*r = (struct run){ .ok = false };
	input_init(&in, fd);
	header_init(&r->h);
	source_init(&r->source);
	if (sender != NULL)
		envelope_set_sender(&e, sender);
	r->ok = header_read(&r->h, &in, &r->o) &&
		compose(&r->source, &r->h, &in, &e, policy, &r->repaired, &r->o);
	sample_text(&r->source, &r->text);
	envelope_free(&e);
	input_free(&in);
	(void)close(fd);
}

static void
end(struct run *r)
{
	header_free(&r->h);
	source_free(&r->source);
	buf_free(&r->text);
}

TEST(every_line_ends_with_cr_lf_and_nothing_else_is_changed)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{ "", "" },
		{ "\n", "\r\n" },
		{ "A: b\n\nhi\n", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\r\n\r\nhi\r\n", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\r\r\n\r\r\nhi\r\r\n", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\n\r\nhi\r\nho\n", "A: b\r\n\r\nhi\r\nho\r\n" },

		/* The last line */
		{ "A: b\n\nhi", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\n\nhi\r", "A: b\r\n\r\nhi\r\n" },
		{ "A: b\n\n\n", "A: b\r\n\r\n\r\n" },

		/* A header alone: no line is invented */
		{ "A: b\n", "A: b\r\n" },
		{ "A: b", "A: b\r\n" },
		{ "A: b\n\n", "A: b\r\n\r\n" },

		/* A header that nobody ended, and none at all */
		{ "A: b\nhi\n", "A: b\r\n\r\nhi\r\n" },
		{ "hi\n", "\r\nhi\r\n" },
		{ "hi", "\r\nhi\r\n" },

		/* Headers stay as they are: order, case, folding, oddities */
		{ "B: x\na: y\nB: z\n\n", "B: x\r\na: y\r\nB: z\r\n\r\n" },
		{ "A: b\n c\n\td\n\n", "A: b\r\n c\r\n\td\r\n\r\n" },
		{ "A :b\nC:\n\n", "A:b\r\nC:\r\n\r\n" },
		{ "A: \303\244\n\n\303\266\n", "A: \303\244\r\n\r\n\303\266\r\n" },

		/* The body, too: dots are doubled later, by those who send it */
		{ "A: b\n\n.\n..\n. x\n", "A: b\r\n\r\n.\r\n..\r\n. x\r\n" },
		{ "A: b\n\nFrom me\n>From you\n",
		    "A: b\r\n\r\nFrom me\r\n>From you\r\n" },
		{ "A: b\n\n trailing \t\n", "A: b\r\n\r\n trailing \t\r\n" },
		{ "A: b\n\nBcc: x\n", "A: b\r\n\r\nBcc: x\r\n" },

		/* An mbox separator is no part of the mail */
		{ "From x@y\nA: b\n\n", "A: b\r\n\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_of(cases[i].text), "s@x", &plain);
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.text.data, cases[i].message);
		check_int(cases[i].text, r.repaired, false);
		end(&r);
	}
}

TEST(what_no_mail_may_hold_is_repaired_and_told)
{
	static const struct {
		const char *text;
		size_t n;
		const char *message;
	} cases[] = {
		{ "A: b\n\na\rb\n", 10, "A: b\r\n\r\na b\r\n" },
		{ "A: b\n\n\rb\n", 9, "A: b\r\n\r\n b\r\n" },
		{ "A: b\n\na\0b\n", 10, "A: b\r\n\r\nab\r\n" },
		{ "A: b\n\n\0\n", 8, "A: b\r\n\r\n\r\n" },
		{ "A: b\n\n\0", 7, "A: b\r\n\r\n\r\n" },
		{ "A: b\n\na\0\r\n", 10, "A: b\r\n\r\na\r\n" },
		{ "A: b\n\na\r\0\n", 10, "A: b\r\n\r\na \r\n" },
		{ "A: b\n\n.\r.\n", 10, "A: b\r\n\r\n. .\r\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_bytes(cases[i].text, cases[i].n), "s@x", &plain);
		check(cases[i].message, r.ok);
		check_text(cases[i].message, r.text.data, cases[i].message);
		check_int(cases[i].message, r.repaired, true);
		end(&r);
	}
}

TEST(what_is_missing_is_added_on_top_in_this_order)
{
	static const char want_head[] = "From: s@x.example\r\n"
					"Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"
					"Message-ID: <";
	struct run r;
	const char *id, *end_of_id;

	run(&r, span_of("Subject: hi\nTo: a@x\n\nbody\n"), "s@x.example", &usual);
	assert_true(r.ok);
	assert_true(r.text.len > sizeof want_head);
	assert_memory_equal(r.text.data, want_head, sizeof want_head - 1);
	id = r.text.data + sizeof want_head - 1;
	assert_int_equal(strspn(id, "0123456789abcdef"), 32);
	end_of_id = id + 32;
	assert_string_equal(
	    end_of_id, "@id.example>\r\nSubject: hi\r\nTo: a@x\r\n\r\nbody\r\n");
	end(&r);
}

TEST(no_two_message_ids_are_equal)
{
	struct run a, b;

	run(&a, span_of("x\n"), "s@x", &usual);
	run(&b, span_of("x\n"), "s@x", &usual);
	assert_string_not_equal(a.text.data, b.text.data);
	end(&a);
	end(&b);
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
		struct header_policy policy = usual;
		struct run r;

		policy.set_from = cases[i].from;
		policy.set_date = cases[i].date;
		policy.set_message_id = cases[i].id;
		run(&r, span_of(cases[i].text), "s@x", &policy);
		check(cases[i].label, r.ok);
		check_text(cases[i].label, r.text.data, cases[i].message);
		end(&r);
	}
}

TEST(an_empty_message_id_is_replaced)
{
	struct header_policy policy = usual;
	struct run r;

	policy.set_from = policy.set_date = SET_OFF;
	run(&r, span_of("Message-ID: \nS: x\n\n"), "s@x", &policy);
	assert_true(r.ok);
	assert_memory_equal(r.text.data, "Message-ID: <", 13);
	assert_non_null(strstr(r.text.data, "@id.example>\r\nS: x\r\n\r\n"));
	end(&r);
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
		struct header_policy policy = plain;
		struct run r;

		policy.set_from = SET_AUTO;
		policy.full_name = cases[i].name;
		run(&r, span_of(""), cases[i].sender, &policy);
		check(cases[i].from, r.ok);
		check_text(cases[i].from, r.text.data, cases[i].from);
		end(&r);
	}
}

TEST(a_name_that_is_absurdly_long_is_refused)
{
	struct header_policy policy = plain;
	struct buf name;
	struct run r;

	buf_init(&name, SAMPLE_MAX);
	sample_repeat(&name, "name ", 20000);
	policy.set_from = SET_AUTO;
	policy.full_name = name.data;
	run(&r, span_of("x\n"), "s@x", &policy);
	assert_false(r.ok);
	assert_int_equal(r.o.cause, CAUSE_MESSAGE);
	end(&r);
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
		struct header_policy policy = plain;
		struct run r;

		policy.remove_bcc = true;
		run(&r, span_of(cases[i].text), "s@x", &policy);
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.text.data, cases[i].message);
		end(&r);
	}
}

TEST(blind_copies_are_kept_where_that_is_wanted)
{
	struct run r;

	run(&r, span_of("Bcc: b@x\nResent-Bcc: c@x\n\n"), "s@x", &plain);
	assert_string_equal(r.text.data, "Bcc: b@x\r\nResent-Bcc: c@x\r\n\r\n");
	end(&r);
}

/* The message that is made of `text`, for recipients of whom c@x is hidden. */
static void
run_to(struct run *r, const char *text, const char *open, const char *hidden,
    const struct header_policy *policy)
{
	struct envelope e;
	int fd = sample_file(span_of(text));
	struct input in;

	*r = (struct run){ .ok = false };
	input_init(&in, fd);
	header_init(&r->h);
	source_init(&r->source);
	sample_envelope(&e, "s@x", open);
	if (hidden != NULL)
		envelope_add_hidden(&e, hidden);
	r->ok = header_read(&r->h, &in, &r->o) &&
		compose(&r->source, &r->h, &in, &e, policy, &r->repaired, &r->o);
	sample_text(&r->source, &r->text);
	envelope_free(&e);
	input_free(&in);
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
		struct header_policy policy = plain;
		struct run r;

		policy.set_to = cases[i].set_to;
		run_to(&r, text, cases[i].open, cases[i].hidden, &policy);
		check(cases[i].message, r.ok);
		check_text(cases[i].message, r.text.data, cases[i].message);
		end(&r);
	}
}

TEST(a_long_to_header_is_folded)
{
	struct header_policy policy = plain;
	struct buf list;
	struct run r;

	buf_init(&list, SAMPLE_MAX);
	for (int i = 0; i < 5000; i++)
		buf_printf(&list, "user%d@lab.example,", i);
	policy.set_to = TO_ON;
	run_to(&r, "S: y\n\n", list.data, NULL, &policy);
	assert_true(r.ok);
	assert_in_range(r.source.longest, 60, 78);
	check_part("first", r.text.data, "To: user0@lab.example, user1@lab.example, ");
	check_part("last", r.text.data, " user4999@lab.example\r\nS: y\r\n");
	end(&r);
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
	struct header_policy policy = plain;
	struct run r;

	policy.rewrite = &rewrite;
	policy.set_from = SET_AUTO;
	policy.set_to = TO_ON;
	policy.set_date = SET_AUTO;
	run_to(&r, "From: root (Cron)\nTo: root\n\nx\n", "a@x", NULL, &policy);
	assert_true(r.ok);
	assert_string_equal(r.text.data,
	    "From: Cron <me@mail.example>\r\nX-Original-From: root (Cron)\r\n"
	    "To: a@x\r\nDate: Tue, 14 Nov 2023 22:13:20 +0000\r\n\r\nx\r\n");
	end(&r);
}

TEST(a_message_id_is_ascii)
{
	struct header_policy policy = usual;
	struct run r;

	policy.set_from = policy.set_date = SET_OFF;
	policy.message_id_domain = "b\303\274cher.example";
	run(&r, span_of("x\n"), "s@x", &policy);
	check_part("IDN", r.text.data, "@xn--bcher-kva.example>\r\n");
	end(&r);
	policy.message_id_domain = "\377.example";
	run(&r, span_of("x\n"), "s@x", &policy);
	assert_false(span_has_8bit(buf_span(&r.text)));
	end(&r);
}

TEST(the_figures_of_a_message_are_right)
{
	static const struct {
		const char *text;
		size_t size, lines, longest;
		bool body_8bit, header_8bit;
	} cases[] = {
		{ "", 0, 0, 0, false, false },
		{ "A: b\n\nhi\n", 12, 3, 4, false, false },
		{ "A: b\n\n\303\266\n", 12, 3, 4, true, false },
		{ "A: \303\266\n\nhi\n", 13, 3, 5, false, true },
		{ "A: \303\266\n\n\303\266", 13, 3, 5, true, true },
		{ "A: b\n\n1234567890\r\n12\n", 24, 4, 10, false, false },
		{ "A: b\n\n1234567890", 20, 3, 10, false, false },
		{ "hi\n", 6, 2, 2, false, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run(&r, span_of(cases[i].text), "s@x", &plain);
		check_int(cases[i].text, r.source.size, cases[i].size);
		check_int(cases[i].text, r.text.len, cases[i].size);
		check_int(cases[i].text, r.source.lines, cases[i].lines);
		check_int(cases[i].text, r.source.longest, cases[i].longest);
		check_int(cases[i].text, r.source.is_8bit, cases[i].body_8bit);
		check_int(cases[i].text, r.source.header_is_8bit, cases[i].header_8bit);
		end(&r);
	}
}

TEST(a_line_longer_than_any_buffer_stays_one_line)
{
	struct buf text;
	struct run r;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, "A: b\n\n");
	sample_repeat(&text, "0123456789", 50000);
	run(&r, buf_span(&text), "s@x", &plain);
	assert_true(r.ok);
	assert_int_equal(r.source.longest, 500000);
	assert_int_equal(r.source.lines, 3);
	assert_int_equal(r.text.len, 4 + 2 + 2 + 500000 + 2);
	assert_memory_equal(r.text.data + 8, text.data + 6, 500000);
	assert_string_equal(r.text.data + 500008, "\r\n");
	end(&r);
	buf_free(&text);
}

/* Reads the mail from a pipe, of which nothing can be read twice. */
static void
run_from_pipe(struct run *r, struct span text)
{
	struct sample_pipe p = sample_pipe(text, 30000);
	struct envelope e = { 0 };
	struct input in;

	*r = (struct run){ .ok = false };
	input_init(&in, p.fd);
	header_init(&r->h);
	source_init(&r->source);
	r->ok = header_read(&r->h, &in, &r->o) &&
		compose(&r->source, &r->h, &in, &e, &plain, &r->repaired, &r->o);
	sample_text(&r->source, &r->text);
	input_free(&in);
	sample_pipe_end(&p);
}

/* A large file is left where it is, as long as nothing in it needs repair. */
TEST(a_large_mail_is_the_same_from_a_file_and_from_a_pipe)
{
	static const struct {
		const char *label, *odd;
		size_t odd_length;
		size_t before, after; /* lines */
		bool lent;
	} cases[] = {
		{ "lines", "", 0, 10000, 0, true },
		{ "no end", "the last", 8, 10000, 0, true },
		{ "a CR LF", "odd\r\n", 5, 9000, 1000, false },
		{ "a CR LF at the start", "odd\r\n", 5, 0, 10000, false },
		{ "a lone CR", "od\rd\n", 5, 5000, 5000, false },
		{ "a NUL", "od\0d\n", 5, 5000, 5000, false },
		{ "a CR at the end", "odd\r", 4, 10000, 0, false },
		{ "a dot", ".\n..\n", 5, 5000, 5000, true },
		{ "8 bit", "\303\266\n", 3, 5000, 5000, true },
		{ "nothing else", "", 0, 0, 0, false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run file, pipe;
		struct buf text;

		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "A: b\n\n");
		sample_repeat(&text, "thirty bytes in each of these\n", cases[i].before);
		buf_add(&text, cases[i].odd, cases[i].odd_length);
		sample_repeat(&text, "thirty bytes in each of these\n", cases[i].after);
		run(&file, buf_span(&text), "s@x", &plain);
		run_from_pipe(&pipe, buf_span(&text));
		check(cases[i].label, file.ok && pipe.ok);
		check_text(cases[i].label, file.text.data, pipe.text.data);
		check_int(cases[i].label, file.text.len, file.source.size);
		check_int(cases[i].label, pipe.text.len, pipe.source.size);
		check_int(cases[i].label, file.source.lines, pipe.source.lines);
		check_int(cases[i].label, file.source.longest, pipe.source.longest);
		check_int(cases[i].label, file.source.is_8bit, pipe.source.is_8bit);
		check_int(cases[i].label, file.source.loan.fd >= 0, cases[i].lent);
		check_int(cases[i].label, file.repaired, pipe.repaired);
		end(&file);
		end(&pipe);
		buf_free(&text);
	}
}

/* A last line without an end, as long as the buffer, to the byte. */
TEST(a_last_line_of_any_length_gets_an_end)
{
	for (size_t n = INPUT_BUFFER - 2; n <= INPUT_BUFFER + 2; n++) {
		char label[32];
		struct buf text;
		struct run r;

		(void)snprintf(label, sizeof label, "%zu bytes", n);
		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "A: b\n\n");
		sample_repeat(&text, "x", n);
		run(&r, buf_span(&text), "s@x", &plain);
		check(label, r.ok);
		check_text(label, r.text.data + r.text.len - 3, "x\r\n");
		check_int(label, r.source.lines, 3);
		check_int(label, r.source.longest, n);
		end(&r);
		buf_free(&text);
	}
}

TEST(an_input_that_breaks_off_is_no_message)
{
	struct header h;
	struct envelope e = { 0 };
	struct source source;
	struct outcome o;
	struct input in;
	unsigned repaired;

	input_init(&in, -1);
	header_init(&h);
	source_init(&source);
	assert_false(compose(&source, &h, &in, &e, &plain, &repaired, &o));
	assert_int_equal(o.cause, CAUSE_NO_INPUT);
	source_free(&source);
	header_free(&h);
	input_free(&in);
}

static int
use_utc(void **state)
{
	(void)state;
	if (setenv("TZ", "UTC", 1) != 0)
		return -1;
	tzset();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_ends_with_cr_lf_and_nothing_else_is_changed),
		cmocka_unit_test(what_no_mail_may_hold_is_repaired_and_told),
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
		cmocka_unit_test(the_figures_of_a_message_are_right),
		cmocka_unit_test(a_line_longer_than_any_buffer_stays_one_line),
		cmocka_unit_test(a_large_mail_is_the_same_from_a_file_and_from_a_pipe),
		cmocka_unit_test(a_last_line_of_any_length_gets_an_end),
		cmocka_unit_test(an_input_that_breaks_off_is_no_message),
	};

	return cmocka_run_group_tests_name("compose", tests, use_utc, NULL);
}
