/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "lib/sample.h"
#include "lib/server.h"
#include "relay/guard.h"

static const char message[] = "Subject: x\r\n\r\nhello\r\n";

TEST(only_those_who_are_allowed_stay)
{
	struct account *a = account_new("a");
	struct envelope e;
	struct source m;
	struct guard g;

	server_account_set(a, "allow_recipients", "lab.example, boss@x");
	assert_true(guard_is_set(a));
	sample_envelope(&e, "s@x", "a@x, b@lab.example, boss@x, c@sub.lab.example");
	sample_source(&m, span_of(message));
	guard_begin(&g, a, &e, &m);
	assert_int_equal(g.part.envelope.n, 2);
	check_text("first", g.part.envelope.rcpt[0].address, "b@lab.example");
	check_text("second", g.part.envelope.rcpt[1].address, "boss@x");
	for (size_t i = 0; i < 2; i++)
		outcome_accept(&g.part.envelope.rcpt[i].outcome, STAGE_FINAL, 250, "ok");
	guard_end(&g, &e, &m);
	check_int("a", e.rcpt[0].outcome.cause, CAUSE_GUARDED);
	check_int("a", e.rcpt[0].outcome.stage, STAGE_RCPT);
	check_int("b", e.rcpt[1].outcome.code, 250);
	check_int("boss", e.rcpt[2].outcome.code, 250);
	check_int("c", e.rcpt[3].outcome.cause, CAUSE_GUARDED);
	check_int("size", m.size, sizeof message - 1);
	source_free(&m);
	envelope_free(&e);
	account_free(a);
}

static void
check_source(const char *label, struct source *m, const char *text)
{
	struct buf all;

	sample_text(m, &all);
	check_text(label, all.data, text);
	check_int(label, all.len, m->size);
	buf_free(&all);
}

TEST(all_mail_goes_to_one_who_sees_whom_it_was_for)
{
	struct account *a = account_new("a");
	struct envelope e;
	struct source m;
	struct guard g;

	server_account_set(a, "redirect_all", "The tester <me@lab.example>");
	server_account_set(a, "allow_recipients", "nobody@x");
	sample_envelope(&e, "s@x", "a@x, gr\303\274n@y, b@z");
	sample_source(&m, span_of(message));
	guard_begin(&g, a, &e, &m);
	assert_int_equal(g.part.envelope.n, 1);
	check_text("who", g.part.envelope.rcpt[0].address, "me@lab.example");
	check_source("with a lead", &m,
	    "X-Original-To: a@x,\r\n =?utf-8?B?Z3LDvG5AeQ==?= ,\r\n b@z\r\n"
	    "Subject: x\r\n\r\nhello\r\n");
	(void)outcome_reply(&g.part.envelope.rcpt[0].outcome, STAGE_FINAL, 554, "no");
	guard_end(&g, &e, &m);
	for (size_t i = 0; i < e.n; i++)
		check_int(e.rcpt[i].address, e.rcpt[i].outcome.code, 554);
	check_source("as before", &m, message);
	source_free(&m);
	envelope_free(&e);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_those_who_are_allowed_stay),
		cmocka_unit_test(all_mail_goes_to_one_who_sees_whom_it_was_for),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
