/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "mail/rewrite.h"

static const struct local here = { .host = "host1.lab.example", .domains = "vm.example" };

static const struct rewrite automatic = {
	.when = REWRITE_AUTO,
	.from = "me@mail.example",
	.own = "me@mail.example, mine@vm.example, us-*@mail.example",
	.allow = "ann@host1, *@ok.example ,,",
	.local = &here,
};

static const struct rewrite always = {
	.when = REWRITE_ALWAYS,
	.from = "me@mail.example",
	.own = "me@mail.example, mine@vm.example, us-*@mail.example",
	.allow = "ann@host1, *@ok.example ,,",
	.local = &here,
};

TEST(local_senders_are_replaced_and_in_the_end_all_but_the_allowed)
{
	static const struct {
		const char *spec;
		bool automatic, always;
	} cases[] = {
		{ "root", true, true },
		{ "root@localhost", true, true },
		{ "root@host1", true, true },
		{ "root@host1.lab.example", true, true },
		{ "root@VM.example", true, true },
		{ "joe@other.example", false, true },
		{ "root@lab.example", false, true },
		{ "me@mail.example", false, false },
		{ "Me@Mail.Example", false, false },
		{ "me+tag@mail.example", false, false },
		{ "mine@vm.example", false, false },
		{ "us-two@mail.example", false, false },
		{ "ann@host1", false, false },
		{ "Ann@Host1", false, false },
		{ "x@ok.example", false, false },
		{ "x@OK.example", false, false },
		{ "x@not-ok.example", false, true },
		{ "", false, false },
	};
	static const struct rewrite off = { .when = REWRITE_OFF, .local = &here };

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *spec = cases[i].spec;

		check_int(spec, rewrite_wanted(&automatic, spec), cases[i].automatic);
		check_int(spec, rewrite_wanted(&always, spec), cases[i].always);
		check(spec, !rewrite_wanted(&off, spec));
	}
}

/* What is added, and what remains of the header. */
static void
run(const struct rewrite *r, const char *text, struct buf *out, struct buf *odd)
{
	struct header h;
	bool done;

	header_init(&h);
	header_parse(&h, span_of(text));
	buf_init(out, SAMPLE_MAX);
	buf_init(odd, SAMPLE_MAX);
	done = rewrite_header(&h, r, out, odd);
	check(text, done == (out->len > 0));
	for (size_t i = 0; i < h.n; i++)
		if (!h.v[i].removed)
			buf_add(out, h.text.data + h.v[i].start, h.v[i].len);
	header_free(&h);
}

TEST(the_name_stays_and_the_old_address_can_be_seen)
{
	static const struct {
		const char *text, *result; /* NULL: nothing changes */
	} cases[] = {
		{ "From: root\n", "From: me@mail.example\nX-Original-From: root\n" },
		{ "From: root (Cron Daemon)\n", "From: Cron Daemon <me@mail.example>\n"
						"X-Original-From: root (Cron Daemon)\n" },
		{ "From: Web App <root@localhost>\nS: x\n",
		    "From: Web App <me@mail.example>\n"
		    "X-Original-From: Web App <root@localhost>\nS: x\n" },
		{ "From: \"App, Web\" <root@host1>\n",
		    "From: \"App, Web\" <me@mail.example>\n"
		    "X-Original-From: \"App, Web\" <root@host1>\n" },
		{ "From: root@host1 <root@host1>\n",
		    "From: \"root@host1\" <me@mail.example>\n"
		    "X-Original-From: root@host1 <root@host1>\n" },
		{ "From: root (a (b) \\) c)\n", "From: \"a (b) ) c\" <me@mail.example>\n"
						"X-Original-From: root (a (b) \\) c)\n" },
		{ "From: \"a (b)\"@localhost ()\n",
		    "From: me@mail.example\nX-Original-From: \"a (b)\"@localhost ()\n" },
		{ "FROM : J\303\266rg <root>\n",
		    "From: =?utf-8?B?SsO2cmc=?= <me@mail.example>\n"
		    "X-Original-From: J\303\266rg <root>\n" },
		{ "From: =?utf-8?Q?J=C3=B6_X.?=\n =?utf-8?Q?y?= <root>\n",
		    "From: =?utf-8?Q?J=C3=B6_X.?=\n =?utf-8?Q?y?= <me@mail.example>\n"
		    "X-Original-From: =?utf-8?Q?J=C3=B6_X.?=\n =?utf-8?Q?y?= <root>\n" },
		{ "From: Web\n App\n\t<root>\n",
		    "From: Web App <me@mail.example>\n"
		    "X-Original-From: Web\n App\n\t<root>\n" },

		/* Nothing to do */
		{ "From: joe@other.example\n", NULL },
		{ "From: Me <me@mail.example>\n", NULL },
		{ "From: Ann <ann@host1>\n", NULL },
		{ "From: a@other.example, b@other.example\n", NULL },
		{ "From:\n", NULL },
		{ "S: x\n", NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *want = cases[i].result;
		struct buf out, odd;

		run(&automatic, cases[i].text, &out, &odd);
		check_text(cases[i].text, out.data, want != NULL ? want : cases[i].text);
		check_text(cases[i].text, odd.data, "");
		buf_free(&out);
		buf_free(&odd);
	}
}

TEST(answers_go_to_who_can_get_them)
{
	static const struct {
		const char *text, *result;
	} cases[] = {
		{ "From: Joe <j@x.example>\n",
		    "From: Joe <me@mail.example>\nX-Original-From: Joe <j@x.example>\n"
		    "Reply-To: Joe <j@x.example>\n" },
		{ "From: j@x.example\nReply-To: k@x.example\n",
		    "From: me@mail.example\nX-Original-From: j@x.example\n"
		    "Reply-To: k@x.example\n" },
		{ "From: j@x.example\nReply-To: \n",
		    "From: me@mail.example\nX-Original-From: j@x.example\n"
		    "Reply-To: j@x.example\n" },
		{ "From: j@localhost\n",
		    "From: me@mail.example\nX-Original-From: j@localhost\n" },
		{ "From: j@vm.example\n",
		    "From: me@mail.example\nX-Original-From: j@vm.example\n" },
		{ "From: me@mail.example\n", "From: me@mail.example\n" },
		{ "From: x@ok.example\n", "From: x@ok.example\n" },
		{ "From: me@mail.example, x@ok.example\n",
		    "From: me@mail.example, x@ok.example\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out, odd;

		run(&always, cases[i].text, &out, &odd);
		check_text(cases[i].text, out.data, cases[i].result);
		check_text(cases[i].text, odd.data, "");
		buf_free(&out);
		buf_free(&odd);
	}
}

TEST(more_or_less_than_one_author_is_told_and_always_replaced)
{
	static const struct {
		const char *text, *result;
	} cases[] = {
		{ "From: a@x.example, b@x.example\n",
		    "From: me@mail.example\nX-Original-From: a@x.example, b@x.example\n"
		    "Reply-To: a@x.example, b@x.example\n" },
		{ "From: a@x.example, root\n",
		    "From: me@mail.example\nX-Original-From: a@x.example, root\n" },
		{ "From: a@x.example\nFrom: b@x.example\n",
		    "From: me@mail.example\n"
		    "X-Original-From: a@x.example,\n b@x.example\n"
		    "Reply-To: a@x.example,\n b@x.example\n" },
		{ "From: team: root;\n",
		    "From: me@mail.example\nX-Original-From: team: root;\n" },
		{ "From: nobody:;\n",
		    "From: me@mail.example\nX-Original-From: nobody:;\n" },
		{ "From: <>\n", "From: me@mail.example\nX-Original-From: <>\n" },
		{ "From: a b c\n", "From: me@mail.example\nX-Original-From: a b c\n" },
		{ "From: a@x.example, (\n",
		    "From: me@mail.example\nX-Original-From: a@x.example, (\n" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out, odd;

		run(&always, cases[i].text, &out, &odd);
		check_text(cases[i].text, out.data, cases[i].result);
		check_part(
		    cases[i].text, odd.data, "isn't one address, and was replaced: ");
		buf_free(&out);
		buf_free(&odd);
	}
}

TEST(what_cannot_be_judged_stays_unless_all_is_replaced)
{
	static const char *const cases[] = { "From: a@x.example, root\n",
		"From: team: root;\n", "From: a b c\n", "From: <>\n" };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct buf out, odd;

		run(&automatic, cases[i], &out, &odd);
		check_text(cases[i], out.data, cases[i]);
		check_part(cases[i], odd.data, "isn't one address, and stays as it is: ");
		buf_free(&out);
		buf_free(&odd);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    local_senders_are_replaced_and_in_the_end_all_but_the_allowed),
		cmocka_unit_test(the_name_stays_and_the_old_address_can_be_seen),
		cmocka_unit_test(answers_go_to_who_can_get_them),
		cmocka_unit_test(
		    more_or_less_than_one_author_is_told_and_always_replaced),
		cmocka_unit_test(what_cannot_be_judged_stays_unless_all_is_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
