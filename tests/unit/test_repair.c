/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <string.h>

#include "lib/sample.h"
#include "mail/fold.h"
#include "mail/repair.h"

struct run {
	bool ok;
	struct header h;
	struct repairs r;
	struct buf out;
	struct outcome o;
};

static void
run(struct run *r, struct span text, unsigned wanted)
{
	*r = (struct run){ .r = { .wanted = wanted, .domain = "lab.example" } };
	header_init(&r->h);
	r->h.text.max = SAMPLE_MAX;
	buf_init(&r->out, SAMPLE_MAX);
	header_parse(&r->h, text);
	r->r.is_signed = repair_header_is_signed(&r->h);
	r->ok = repair_fields(&r->out, &r->h, 0, r->h.n, &r->r, &r->o);
}

static void
end(struct run *r)
{
	header_free(&r->h);
	buf_free(&r->out);
}

struct example {
	const char *text, *repaired;
};

static void
check_examples(const struct example *cases, size_t n, unsigned wanted, unsigned done)
{
	for (size_t i = 0; i < n; i++) {
		bool same = strcmp(cases[i].text, cases[i].repaired) == 0;
		struct run r;

		run(&r, span_of(cases[i].text), wanted);
		check(cases[i].text, r.ok);
		check_text(cases[i].text, r.out.data, cases[i].repaired);
		check_int(cases[i].text, r.r.done, same ? 0 : done);
		end(&r);
	}
}

/* U+00E9 is "\303\251", w6k= */
TEST(text_of_8_bits_becomes_encoded_words)
{
	static const struct example cases[] = {
		{ "Subject: \303\251\n", "Subject: =?utf-8?B?w6k=?=\n" },
		{ "Subject:\303\251\n", "Subject: =?utf-8?B?w6k=?=\n" },
		{ "Subject: \351\n", "Subject: =?unknown-8bit?B?6Q==?=\n" },
		{ "Comments: \303\251\n", "Comments: =?utf-8?B?w6k=?=\n" },
		{ "X-Y: \303\251\n", "X-Y: =?utf-8?B?w6k=?=\n" },
		{ "Unheard-Of: \303\251\n", "Unheard-Of: =?utf-8?B?w6k=?=\n" },

		/* ASCII words stay */
		{ "Subject: a \303\251 b\n", "Subject: a =?utf-8?B?w6k=?= b\n" },
		{ "Subject:  a\t\303\251  b \n", "Subject:  a\t=?utf-8?B?w6k=?=  b \n" },
		{ "Subject: a\n \303\251\n\tb\n",
		    "Subject: a\n =?utf-8?B?w6k=?=\n\tb\n" },
		{ "Subject: a\n", "Subject: a\n" },

		/* Readers drop blanks between encoded words: they go in */
		{ "Subject: \303\251 \303\251\n", "Subject: =?utf-8?B?w6kgw6k=?=\n" },
		{ "Subject: \303\251\n\t\303\251\n", "Subject: =?utf-8?B?w6kgw6k=?=\n" },
		{ "Subject: =?utf-8?Q?x?= \303\251\n",
		    "Subject: =?utf-8?Q?x?= =?utf-8?B?IMOp?=\n" },
		{ "Subject: \303\251 =?utf-8?Q?x?=\n",
		    "Subject: =?utf-8?B?w6kg?= =?utf-8?Q?x?=\n" },
		{ "Subject: =?utf-8?Q?x?= =?utf-8?Q?y?=\n",
		    "Subject: =?utf-8?Q?x?= =?utf-8?Q?y?=\n" },

		/* What has rules of its own stays */
		{ "Message-ID: <\303\251@x>\n", "Message-ID: <\303\251@x>\n" },
		{ "Content-Type: text/plain; name=\303\251\n",
		    "Content-Type: text/plain; name=\303\251\n" },
		{ "Received: from \303\251\n", "Received: from \303\251\n" },

		/* So does what is signed */
		{ "DKIM-Signature: x\nSubject: \303\251\n",
		    "DKIM-Signature: x\nSubject: \303\251\n" },
	};

	check_examples(cases, COUNT(cases), REPAIR_ALL, REPAIRED_TEXT);
}

TEST(names_and_comments_become_encoded_words_and_addresses_stay)
{
	static const struct example cases[] = {
		{ "From: J\303\251 <a@b>\n", "From: =?utf-8?B?SsOp?= <a@b>\n" },
		{ "From: J\303\251<a@b>\n", "From: =?utf-8?B?SsOp?= <a@b>\n" },
		{ "From: \"J\303\251, \\\"x\\\"\" <a@b>\n",
		    "From: =?utf-8?B?SsOpLCAieCI=?= <a@b>\n" },
		{ "From: \"Joe\" \303\251 <a@b>\n",
		    "From: \"Joe\" =?utf-8?B?w6k=?= <a@b>\n" },
		{ "To: a@b, \303\251 <c@d>,\n e@f\n",
		    "To: a@b, =?utf-8?B?w6k=?= <c@d>,\n e@f\n" },
		{ "Cc: \303\251 <\303\251@b>\n", "Cc: =?utf-8?B?w6k=?= <\303\251@b>\n" },
		{ "Cc: \303\251@b\n", "Cc: \303\251@b\n" },
		{ "Cc: \"\303\251\"@b\n", "Cc: \"\303\251\"@b\n" },
		{ "Cc: a@b (\303\251 x)\n", "Cc: a@b (=?utf-8?B?w6k=?= x)\n" },
		{ "Cc: a@b (x (\303\251) y)\n", "Cc: a@b (x (=?utf-8?B?w6k=?=) y)\n" },
		{ "Cc: a@b (x\\)\303\251)\n", "Cc: a@b (=?utf-8?B?eCnDqQ==?=)\n" },
		{ "To: \303\251: a@b;\n", "To: =?utf-8?B?w6k=?= : a@b;\n" },
		{ "To: \303\251:;\n", "To: =?utf-8?B?w6k=?= :;\n" },

		/* What can't be read is left to others */
		{ "To: \303\251 x\n", "To: \303\251 x\n" },
		{ "To: \"\303\251 <a@b>\n", "To: \"\303\251 <a@b>\n" },
	};

	check_examples(cases, COUNT(cases), REPAIR_HEADERS, REPAIRED_TEXT);
}

TEST(local_names_get_a_domain)
{
	static const struct example cases[] = {
		{ "From: root\n", "From: root@lab.example\n" },
		{ "From:root\n", "From:root@lab.example\n" },
		{ "From: root (Cron Daemon)\n",
		    "From: root@lab.example (Cron Daemon)\n" },
		{ "From: Cron <root>\n", "From: Cron <root@lab.example>\n" },
		{ "From: <root>\n", "From: <root@lab.example>\n" },
		{ "From: < root (x) >\n", "From: < root@lab.example (x) >\n" },
		{ "To: root, a@b,\n ops\n",
		    "To: root@lab.example, a@b,\n ops@lab.example\n" },
		{ "To: \"a b\"\n", "To: \"a b\"@lab.example\n" },
		{ "To: a . b\n", "To: a . b@lab.example\n" },
		{ "To: x: root, a@b;, ops\n",
		    "To: x: root@lab.example, a@b;, ops@lab.example\n" },
		{ "To: root; ops\n", "To: root@lab.example; ops@lab.example\n" },
		{ "resent-to: root\n", "resent-to: root@lab.example\n" },
		{ "Reply-To: root\n", "Reply-To: root@lab.example\n" },
		{ "Sender: root\n", "Sender: root@lab.example\n" },

		{ "To: a@b, \"root\" <c@d> (root)\n",
		    "To: a@b, \"root\" <c@d> (root)\n" },
		{ "To: undisclosed-recipients:;\n", "To: undisclosed-recipients:;\n" },
		{ "To:\n", "To:\n" },
		{ "To: <>\n", "To: <>\n" },
		{ "To: <@x,@y:a@b>\n", "To: <@x,@y:a@b>\n" },
		{ "To: foo bar\n", "To: foo bar\n" },
		{ "To: \\root\n", "To: \\root\n" },
		{ "To: \303\251\n", "To: \303\251\n" },
		{ "Subject: root\n", "Subject: root\n" },
	};

	check_examples(cases, COUNT(cases), REPAIR_ADDRESSES, REPAIRED_ADDRESSES);
}

TEST(what_isnt_wanted_isnt_done)
{
	static const struct example cases[] = {
		{ "From: \303\251 <root>\nSubject: \303\251\n",
		    "From: \303\251 <root>\nSubject: \303\251\n" },
	};

	check_examples(cases, COUNT(cases), 0, 0);
	check_examples(cases, COUNT(cases), REPAIR_MIME | REPAIR_TRACE, 0);
}

/* Long text: lines of 76 bytes, whole characters, and nothing is lost. */
TEST(lines_with_encoded_words_are_short)
{
	for (size_t n = 1; n < 120; n++) {
		struct buf text;
		struct span left, line;
		struct run r;
		char label[32];

		(void)snprintf(label, sizeof label, "%zu", n);
		buf_init(&text, SAMPLE_MAX);
		buf_puts(&text, "Subject: some words \303\251 ");
		sample_repeat(&text, "x", n % 50);
		buf_puts(&text, " ");
		sample_repeat(&text, "\303\251", n);
		buf_puts(&text, " and more words behind it\n");
		run(&r, buf_span(&text), REPAIR_HEADERS);
		check(label, r.ok);
		left = buf_span(&r.out);
		while (span_cut(&left, '\n', &line)) {
			check(label, line.n <= 76);
			check(label, span_trim(line).n > 0);
		}
		check(label, !span_has_8bit(buf_span(&r.out)));
		end(&r);
		buf_free(&text);
	}
}

/* The field without its line ends but the last, and without blanks. */
static void
add_dense(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!is_blank(text.p[i]) && text.p[i] != '\n')
			buf_addc(out, text.p[i]);
}

TEST(lines_that_are_too_long_are_folded)
{
	static const struct {
		const char *start, *unit, *last;
	} cases[] = {
		{ "Subject:", " word", "" },
		{ "X-Y:", "  two blanks", "  " },
		{ "References:", " <some.long-identifier.of-a-mail@lab.example>", "" },
		{ "To: a@b", ", somebody@lab.example", "" },
		{ "To: a@b", ",somebody@lab.example", "" },
		{ "To: a@b", ",\"a,b\" <somebody@lab.example> (x,y)", "" },
		{ "Content-Type: text/plain", ";abcdefg=\"h;i\"", "" },
		{ "DKIM-Signature: v=1", ";abcdefg=hi", "" },
		{ "Received: from x", " (y z)", ";date" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span left, line;
		struct buf text, was, is;
		struct run r;

		buf_init(&text, SAMPLE_MAX);
		buf_init(&was, SAMPLE_MAX);
		buf_init(&is, SAMPLE_MAX);
		buf_puts(&text, cases[i].start);
		sample_repeat(&text, cases[i].unit, 500);
		buf_puts(&text, cases[i].last);
		buf_puts(&text, "\n");
		run(&r, buf_span(&text), REPAIR_ALL);
		check(cases[i].start, r.ok);
		check_int(cases[i].start, r.r.done, REPAIRED_LONG_HEADERS);
		left = buf_span(&r.out);
		while (span_cut(&left, '\n', &line)) {
			check(cases[i].start, line.n <= 80);
			check(cases[i].start, span_trim(line).n > 0);
		}
		add_dense(&was, buf_span(&text));
		add_dense(&is, buf_span(&r.out));
		check_text(cases[i].start, is.data, was.data);
		end(&r);
		buf_free(&text);
		buf_free(&was);
		buf_free(&is);
	}
}

static void
run_long(struct run *r, const char *start, size_t n, const char *last)
{
	struct buf text;

	buf_init(&text, SAMPLE_MAX);
	buf_puts(&text, start);
	sample_repeat(&text, "y", n);
	buf_puts(&text, last);
	buf_puts(&text, "\n");
	run(r, buf_span(&text), REPAIR_ALL);
	buf_free(&text);
}

TEST(a_word_that_is_too_long_is_encoded_where_that_can_be)
{
	static const struct {
		const char *start, *last;
	} cases[] = {
		{ "X-L: ", "" },
		{ "Subject: a ", " b" },
		{ "From: ", " <a@b>" },
		{ "From: \"", "\" <a@b>" },
		{ "From: a@b (", ")" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct run r;

		run_long(&r, cases[i].start, 2500, cases[i].last);
		check(cases[i].start, r.ok);
		check(cases[i].start, !fold_is_needed(buf_span(&r.out)));
		check(cases[i].start, strstr(r.out.data, "=?utf-8?B?eXl5") != NULL);
		end(&r);
		run_long(&r, cases[i].start, 950, cases[i].last);
		check(cases[i].start, r.ok);
		check_int(cases[i].start, r.r.done, 0);
		end(&r);
	}
}

TEST(what_cant_be_folded_is_refused_and_named)
{
	static const char *const starts[] = { "Message-ID: <a@", "References: <",
		"To: a@", "Received: ", "DKIM-Signature: b=", "Subject: =?x?Q?" };

	for (size_t i = 0; i < COUNT(starts); i++) {
		const char *last = starts[i][0] == 'S' ? "?=" : "";
		struct run r;

		run_long(&r, starts[i], 2500, last);
		check(starts[i], !r.ok);
		check_int(starts[i], r.o.cause, CAUSE_MESSAGE);
		check(starts[i], strncmp(r.o.text, "its header ", 11) == 0);
		check(starts[i], strncmp(r.o.text + 11, starts[i], 2) == 0);
		end(&r);
	}
}

TEST(lines_at_the_limit_stay)
{
	struct run r;

	run_long(&r, "X-L: ", LINE_LIMIT - 5, "");
	assert_true(r.ok);
	assert_int_equal(r.r.done, 0);
	assert_int_equal(r.out.len, LINE_LIMIT + 1);
	end(&r);
	run_long(&r, "X-L: ", LINE_LIMIT - 4, "");
	assert_true(r.ok);
	assert_int_not_equal(r.r.done, 0);
	end(&r);
}

TEST(a_block_without_a_name_that_mail_knows_is_no_header)
{
	static const struct {
		const char *text;
		bool is_body;
	} cases[] = {
		{ "Warning: x\n", true },
		{ "Warning: x\n y\nNote: z\n", true },
		{ "Warning: x\nSubject: y\n", false },
		{ "subject: x\n", false },
		{ "X-Y: x\n", false },
		{ "List-Id: x\n", false },
		{ "Resent-Date: x\n", false },
		{ "", false },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header h;

		header_init(&h);
		header_parse(&h, span_of(cases[i].text));
		check_int(cases[i].text, repair_is_body(&h), cases[i].is_body);
		h.ended = true;
		check_int(cases[i].text, repair_is_body(&h), false);
		header_free(&h);
	}
}

TEST(a_body_gets_the_labels_that_it_lacks)
{
	static const struct body_facts plain, utf8 = { true, true, false },
					      other = { true, false, false },
					      wide = { false, true, true };
	static const struct {
		const char *header;
		const struct body_facts *body;
		const char *labels;
	} cases[] = {
		{ "", &plain, "" },
		{ "", &utf8,
		    "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
		    "Content-Transfer-Encoding: 8bit\n" },
		{ "", &other,
		    "MIME-Version: 1.0\nContent-Type: text/plain; charset=unknown-8bit\n"
		    "Content-Transfer-Encoding: 8bit\n" },
		{ "", &wide,
		    "MIME-Version: 1.0\nContent-Type: text/plain; charset=us-ascii\n" },

		{ "MIME-Version: 1.0\nContent-Type: text/html\n"
		  "Content-Transfer-Encoding: 7bit\n",
		    &utf8, "" },
		{ "Content-Type: text/html; charset=utf-8\n", &utf8,
		    "MIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n" },
		{ "MIME-Version: 1.0\n", &utf8,
		    "Content-Type: text/plain; charset=utf-8\n"
		    "Content-Transfer-Encoding: 8bit\n" },

		/* Labels that say something else */
		{ "Content-Transfer-Encoding: base64\n", &utf8, "" },
		{ "Content-Type: text\n", &utf8, "" },
		{ "Content-Type:\n", &utf8, "" },
		{ "Content-Type: message/rfc822\n", &utf8, "" },
		{ "Content-Transfer-Encoding:\n", &utf8, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct header h;
		struct buf out;

		header_init(&h);
		buf_init(&out, SAMPLE_MAX);
		header_parse(&h, span_of(cases[i].header));
		check_int(cases[i].header, repair_label(&out, &h, cases[i].body),
		    *cases[i].labels != '\0');
		check_text(cases[i].header, out.data, cases[i].labels);
		header_free(&h);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_of_8_bits_becomes_encoded_words),
		cmocka_unit_test(
		    names_and_comments_become_encoded_words_and_addresses_stay),
		cmocka_unit_test(local_names_get_a_domain),
		cmocka_unit_test(what_isnt_wanted_isnt_done),
		cmocka_unit_test(lines_with_encoded_words_are_short),
		cmocka_unit_test(lines_that_are_too_long_are_folded),
		cmocka_unit_test(a_word_that_is_too_long_is_encoded_where_that_can_be),
		cmocka_unit_test(what_cant_be_folded_is_refused_and_named),
		cmocka_unit_test(lines_at_the_limit_stay),
		cmocka_unit_test(a_block_without_a_name_that_mail_knows_is_no_header),
		cmocka_unit_test(a_body_gets_the_labels_that_it_lacks),
	};

	return cmocka_run_group_tests_name("repair", tests, NULL, NULL);
}
