/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "conf/rcfile.h"
#include "lib/sample.h"
#include "relay/relay.h"
#include "relay/route.h"

static const char file[] = "defaults\n"
			   "route list@x,list-*@x lists\n"
			   "route intra,*.intra   two words\n"
			   "account main\n"
			   "host main.example\n"
			   "route list-own@x other\n"
			   "route gone@x nowhere\n"
			   "route hostless@x broken\n"
			   "account plain : main\n"
			   "route\n"
			   "account lists\n"
			   "protocol lmtp\n"
			   "host lists.example\n"
			   "port 24\n"
			   "account two words\n"
			   "host office.example\n"
			   "account other\n"
			   "host other.example\n"
			   "account broken\n";

static void
load(struct config *c)
{
	struct outcome o;
	bool secret;

	*c = (struct config){ 0 };
	if (!rcfile_parse(c, span_of(file), "test", &secret, &o))
		fail_msg("%s", o.text);
}

TEST(the_first_route_that_fits_names_the_account)
{
	static const struct {
		const char *from, *address, *account;
	} cases[] = {
		{ "main", "list@x", "lists" },
		{ "main", "LIST@X", "lists" },
		{ "main", "list-request@x", "lists" },
		{ "main", "list-own@x", "lists" },
		{ "main", "list@y", "main" },
		{ "main", "a@intra", "two words" },
		{ "main", "a@b.intra", "two words" },
		{ "main", "root", "main" },
		{ "plain", "list@x", "plain" },
		{ "other", "list@x", "lists" },
		{ "other", "list-own@y", "other" },
	};
	struct config c;

	load(&c);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct account *a =
		    route_find(config_find(&c, cases[i].from), &c, cases[i].address, &o);

		check_text(cases[i].address, a->name, cases[i].account);
	}
	config_free(&c);
}

TEST(a_notice_goes_back_by_the_account_that_has_the_route)
{
	static const struct {
		const char *through, *address, *account;
	} cases[] = {
		{ "lists", "me@y", "main" },
		{ "lists", "a@intra", "two words" },
		{ "two words", "me@y", "main" },
		{ "main", "me@y", "main" },
		{ "plain", "me@y", "plain" },
		{ "broken", "me@y", "main" },
		{ "broken", "gone@x", "broken" },
	};
	struct config c;

	load(&c);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct account *a =
		    route_back(config_find(&c, cases[i].through), &c, cases[i].address);

		check_text(cases[i].through, a->name, cases[i].account);
	}
	config_free(&c);
}

TEST(a_mail_goes_in_parts_and_each_recipient_has_an_outcome)
{
	struct config c;
	struct envelope e;
	struct routes r;
	struct outcome o;

	load(&c);
	sample_envelope(&e, "s@x", "a@x, list@x, b@x, list-join@x, c@intra");
	e.notify = NOTIFY_FAILURE;
	assert_true(routes_split(&r, config_find(&c, "main"), &c, &e, &o));
	assert_int_equal(r.n, 3);
	check_text("first", r.v[0].account->name, "main");
	check_text("second", r.v[1].account->name, "lists");
	assert_int_equal(r.v[0].part.envelope.n, 2);
	assert_int_equal(r.v[1].part.envelope.n, 2);
	assert_int_equal(r.v[2].part.envelope.n, 1);
	check_text("sender", r.v[1].part.envelope.sender, "s@x");
	check_int("notify", r.v[1].part.envelope.notify, NOTIFY_FAILURE);
	check_text("recipient", r.v[1].part.envelope.rcpt[1].address, "list-join@x");
	for (size_t i = 0; i < r.n; i++)
		outcome_accept(&r.v[i].part.envelope.rcpt[0].outcome, STAGE_FINAL, 250,
		    r.v[i].account->name);
	(void)outcome_reply(&r.v[0].part.envelope.rcpt[1].outcome, STAGE_RCPT, 550, "no");
	(void)outcome_reply(
	    &r.v[1].part.envelope.rcpt[1].outcome, STAGE_RCPT, 450, "later");
	routes_join(&r, &e);
	check_text("a", e.rcpt[0].outcome.text, "main");
	check_text("list", e.rcpt[1].outcome.text, "lists");
	check_text("b", e.rcpt[2].outcome.text, "no");
	check_text("join", e.rcpt[3].outcome.text, "later");
	check_text("c", e.rcpt[4].outcome.text, "two words");
	assert_ptr_equal(relay_verdict(&e), &e.rcpt[2].outcome);
	routes_free(&r);
	envelope_free(&e);
	config_free(&c);
}

TEST(an_account_that_is_not_there_or_not_in_order_stops_the_mail)
{
	static const struct {
		const char *recipients;
		enum cause cause;
		const char *says;
	} cases[] = {
		{ "a@x, gone@x", CAUSE_CONFIG, "nowhere" },
		{ "hostless@x", CAUSE_CONFIG, "account broken from test: host not set" },
	};
	struct config c;

	load(&c);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct envelope e;
		struct routes r;
		struct outcome o;

		sample_envelope(&e, "s@x", cases[i].recipients);
		check(cases[i].recipients,
		    !routes_split(&r, config_find(&c, "main"), &c, &e, &o));
		check_int(cases[i].recipients, o.cause, cases[i].cause);
		check_part(cases[i].recipients, o.text, cases[i].says);
		routes_free(&r);
		envelope_free(&e);
	}
	config_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_route_that_fits_names_the_account),
		cmocka_unit_test(a_notice_goes_back_by_the_account_that_has_the_route),
		cmocka_unit_test(a_mail_goes_in_parts_and_each_recipient_has_an_outcome),
		cmocka_unit_test(
		    an_account_that_is_not_there_or_not_in_order_stops_the_mail),
	};

	return cmocka_run_group_tests_name("route", tests, NULL, NULL);
}
