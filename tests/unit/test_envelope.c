/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <time.h>

#include "lib/sample.h"
#include "mail/envelope.h"

TEST(doubles_are_dropped)
{
	static const struct {
		const char *list;
		size_t n;
	} cases[] = {
		{ "a@x, a@x", 1 },
		{ "a@x, a@X", 1 },
		{ "a@Example.ORG, a@eXAMPLE.org", 1 },
		{ "a@x, A@x", 2 }, /* a local part is its server's business */
		{ "a@x, a@y", 2 },
		{ "a@x, a", 2 },
		{ "a, a", 1 },
		{ "a, A", 2 },
		{ "ab@x, a@bx", 2 },
		{ "\"a@b\", a@b", 2 },
		{ "\"a@X\", \"a@x\"", 2 }, /* both are all local part */
		{ "Joe <a@x>, (b) a@x, \"a\"@x", 1 },
		{ "a@[IPv6:::1], a@[ipv6:::1]", 1 },
		{ "m\303\274@b\303\274.x, m\303\274@b\303\274.X", 1 },
		{ "<>, a@x, <>", 1 },
		{ "<>", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct envelope e;

		sample_envelope(&e, "s@x", cases[i].list);
		check_int(cases[i].list, e.n, cases[i].n);
		envelope_free(&e);
	}
}

TEST(recipients_keep_their_order_and_their_first_spelling)
{
	struct envelope e;

	sample_envelope(&e, "s@x", "c@X, a@x, b@x, c@x, A@x");
	assert_int_equal(e.n, 4);
	assert_string_equal(e.rcpt[0].address, "c@X");
	assert_string_equal(e.rcpt[1].address, "a@x");
	assert_string_equal(e.rcpt[2].address, "b@x");
	assert_string_equal(e.rcpt[3].address, "A@x");
	envelope_free(&e);
}

/* Comparing each with each would take minutes. */
TEST(very_many_recipients_take_no_time)
{
	enum { MANY = 50000 };
	clock_t start = clock();
	struct envelope e = { 0 };
	char spec[64];

	for (int round = 0; round < 2; round++)
		for (int i = 0; i < MANY; i++) {
			(void)snprintf(spec, sizeof spec, "user%05d@list.example", i);
			envelope_add(&e, spec);
		}
	assert_int_equal(e.n, MANY);
	assert_string_equal(e.rcpt[MANY - 1].address, "user49999@list.example");
	assert_true(clock() - start < 60 * CLOCKS_PER_SEC);
	envelope_free(&e);
	assert_int_equal(e.n, 0);
	envelope_free(&e);
}

TEST(who_takes_the_place_of_a_name_keeps_it_for_notices)
{
	struct recipient root = { .address = (char[]){ "root" }, .hidden = true };
	struct recipient before = {
		.address = (char[]){ "cron" },
		.orcpt = (char[]){ "root" },
	};
	struct envelope e = { 0 };

	envelope_add_for(&e, "a@x", &root);
	envelope_add_for(&e, "root", &root);
	envelope_add_for(&e, "b@x", &before);
	envelope_add_for(&e, "A@x", &before);
	envelope_add_for(&e, "a@X", &before);
	assert_int_equal(e.n, 4);
	assert_string_equal(e.rcpt[0].orcpt, "root");
	assert_false(e.rcpt[0].hidden); /* added once openly */
	assert_null(e.rcpt[1].orcpt);
	assert_true(e.rcpt[1].hidden);
	assert_string_equal(e.rcpt[2].orcpt, "root");
	assert_string_equal(e.rcpt[3].orcpt, "root");
	envelope_free(&e);
}

TEST(names_get_the_domain_and_stay_once)
{
	static const struct {
		const char *list, *want;
	} cases[] = {
		{ "a", "a@d.example" },
		{ "a, b@x, c", "a@d.example b@x c@d.example" },
		{ "a, a@D.example", "a@d.example" },
		{ "a@d.example, a", "a@d.example" },
		{ "a, A", "a@d.example A@d.example" },
		{ "\"a b\"", "\"a b\"@d.example" },
		{ "\"a@x\"", "\"a@x\"@d.example" },
		{ "", "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct envelope e;
		struct buf got;

		sample_envelope(&e, "s@x", cases[i].list);
		envelope_qualify(&e, "d.example");
		buf_init(&got, SAMPLE_MAX);
		for (size_t j = 0; j < e.n; j++)
			buf_printf(&got, "%s%s", j > 0 ? " " : "", e.rcpt[j].address);
		check_text(cases[i].list, got.data, cases[i].want);
		assert_string_equal(e.sender, "s@x");
		buf_free(&got);
		envelope_free(&e);
	}
}

TEST(local_names_get_a_domain)
{
	struct envelope e;

	sample_envelope(&e, "root", "root, a@x, ops, ops@Lab.example, \"a@b\"");
	envelope_qualify(&e, "lab.example");
	assert_string_equal(e.sender, "root@lab.example");
	assert_int_equal(e.n, 4);
	assert_string_equal(e.rcpt[0].address, "root@lab.example");
	assert_string_equal(e.rcpt[1].address, "a@x");
	assert_string_equal(e.rcpt[2].address, "ops@lab.example");
	assert_string_equal(e.rcpt[3].address, "\"a@b\"@lab.example");
	envelope_add(&e, "root@LAB.example");
	assert_int_equal(e.n, 4);
	envelope_set_sender(&e, "");
	envelope_qualify(&e, "lab.example");
	assert_string_equal(e.sender, "");
	envelope_free(&e);
}

TEST(envelopes_can_be_joined)
{
	struct envelope e, more;

	sample_envelope(&e, "s@x", "a@x");
	sample_envelope(&more, "t@x", "b@x, c@x");
	(void)outcome_fail(&more.rcpt[0].outcome, CAUSE_ALIAS, "no");
	envelope_append(&e, &more);
	assert_int_equal(more.n, 0);
	assert_null(more.sender);
	assert_int_equal(e.n, 3);
	assert_string_equal(e.sender, "s@x");
	assert_string_equal(e.rcpt[1].address, "b@x");
	assert_int_equal(e.rcpt[1].outcome.cause, CAUSE_ALIAS);
	envelope_add(&e, "c@x");
	assert_int_equal(e.n, 3);
	envelope_append(&e, &more);
	assert_int_equal(e.n, 3);
	envelope_free(&e);
}

TEST(a_bad_list_adds_nobody)
{
	struct envelope e = { 0 };
	struct outcome o;

	assert_true(envelope_add_list(&e, span_of("a@x"), &o));
	assert_false(envelope_add_list(&e, span_of("b@x, c d"), &o));
	assert_int_equal(o.cause, CAUSE_ADDRESS);
	assert_int_equal(e.n, 1);
	envelope_free(&e);
}

TEST(a_sender_is_replaced_and_copied)
{
	char spec[] = "a@x";
	struct envelope e = { 0 };

	envelope_set_sender(&e, spec);
	spec[0] = 'b';
	assert_string_equal(e.sender, "a@x");
	envelope_set_sender(&e, spec);
	assert_string_equal(e.sender, "b@x");
	envelope_set_sender(&e, "");
	assert_string_equal(e.sender, "");
	envelope_free(&e);
}

TEST(outcomes_are_settled_and_counted)
{
	struct envelope e;
	struct outcome o;

	sample_envelope(&e, "s@x", "a@x, b@x, c@x");
	(void)outcome_fail(&o, CAUSE_HANGUP, "gone");
	envelope_settle(&e, &o);
	assert_int_equal(envelope_accepted(&e), 0);
	for (size_t i = 0; i < e.n; i++)
		assert_int_equal(e.rcpt[i].outcome.cause, CAUSE_HANGUP);
	outcome_accept(&e.rcpt[1].outcome, STAGE_FINAL, 250, "ok");
	assert_int_equal(envelope_accepted(&e), 1);
	envelope_free(&e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_are_dropped),
		cmocka_unit_test(recipients_keep_their_order_and_their_first_spelling),
		cmocka_unit_test(very_many_recipients_take_no_time),
		cmocka_unit_test(who_takes_the_place_of_a_name_keeps_it_for_notices),
		cmocka_unit_test(names_get_the_domain_and_stay_once),
		cmocka_unit_test(local_names_get_a_domain),
		cmocka_unit_test(envelopes_can_be_joined),
		cmocka_unit_test(a_bad_list_adds_nobody),
		cmocka_unit_test(a_sender_is_replaced_and_copied),
		cmocka_unit_test(outcomes_are_settled_and_counted),
	};

	return cmocka_run_group_tests_name("envelope", tests, NULL, NULL);
}
