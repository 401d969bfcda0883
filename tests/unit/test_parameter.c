/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <stdlib.h>

#include "base/mem.h"
#include "lib/sample.h"
#include "smtp/parameter.h"

TEST(a_path_is_the_address_in_the_form_that_the_server_takes)
{
	static const struct {
		const char *address, *plain, *utf8; /* NULL: it has no such form */
	} cases[] = {
		{ "", "<>", "<>" },
		{ "root", "<root>", "<root>" },
		{ "a@x.example", "<a@x.example>", "<a@x.example>" },
		{ "\"a b\"@x", "<\"a b\"@x>", "<\"a b\"@x>" },
		{ "\"a@b\"", "<\"a@b\">", "<\"a@b\">" },
		{ "a@[IPv6:::1]", "<a@[IPv6:::1]>", "<a@[IPv6:::1]>" },
		{ "a@b\303\274cher.example", "<a@xn--bcher-kva.example>",
		    "<a@b\303\274cher.example>" },
		{ "m\303\274ller@x", NULL, "<m\303\274ller@x>" },
		{ "m\303\274ller@b\303\274cher.example", NULL,
		    "<m\303\274ller@b\303\274cher.example>" },
		{ "m\303\274ller", NULL, "<m\303\274ller>" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (int utf8 = 0; utf8 < 2; utf8++) {
			const char *want = utf8 ? cases[i].utf8 : cases[i].plain;
			struct outcome o;
			struct buf out;
			bool ok;

			buf_init(&out, PARAMETERS_MAX);
			ok = add_path(&out, cases[i].address, utf8 != 0, &o);
			check_int(cases[i].address, ok, want != NULL);
			check_text(cases[i].address, out.data, want != NULL ? want : "");
			if (!ok)
				check_int(cases[i].address, o.cause, CAUSE_NO_SMTPUTF8);
			buf_free(&out);
		}
}

TEST(a_domain_that_cannot_be_one_is_an_address_that_cannot_be_one)
{
	struct outcome o;
	struct buf out;

	buf_init(&out, PARAMETERS_MAX);
	assert_false(add_path(&out, "a@\377.example", false, &o));
	assert_int_equal(o.cause, CAUSE_ADDRESS);
	assert_int_equal(out.len, 0);
	buf_free(&out);
}

TEST(one_address_outside_ascii_makes_the_envelope_so)
{
	static const struct {
		const char *sender, *recipients;
		bool is;
	} cases[] = {
		{ "s@x", "a@x, b@x", false },
		{ "", "a@x", false },
		{ "s\303\274@x", "a@x", true },
		{ "s@x\303\274", "a@x", true },
		{ "s@x", "a@x, b\303\274@x, c@x", true },
		{ "s@x", "a@x, b@x\303\274", true },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct envelope e;

		sample_envelope(&e, cases[i].sender, cases[i].recipients);
		check_int(cases[i].recipients, envelope_is_utf8(&e), cases[i].is);
		envelope_free(&e);
	}
}

TEST(what_the_sender_wants_to_know_is_written_as_rfc_3461_says)
{
	static const struct {
		unsigned notify;
		enum ret ret;
		const char *envid, *orcpt;
		const char *mail, *rcpt;
	} cases[] = {
		{ NOTIFY_UNSET, RET_UNSET, NULL, NULL, "", "" },
		{ NOTIFY_NEVER, RET_UNSET, NULL, NULL, "", " NOTIFY=NEVER" },
		{ NOTIFY_SUCCESS, RET_HDRS, NULL, NULL, " RET=HDRS", " NOTIFY=SUCCESS" },
		{ NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY, RET_FULL, NULL, NULL,
		    " RET=FULL", " NOTIFY=FAILURE,DELAY,SUCCESS" },
		{ NOTIFY_UNSET, RET_UNSET, "QQ314159", NULL, " ENVID=QQ314159", "" },
		{ NOTIFY_UNSET, RET_HDRS, "a+b=c d", NULL,
		    " RET=HDRS ENVID=a+2Bb+3Dc+20d", "" },
		{ NOTIFY_UNSET, RET_UNSET, "\001~\177\303\274", NULL,
		    " ENVID=+01~+7F+C3+BC", "" },
		{ NOTIFY_UNSET, RET_UNSET, NULL, "a@x", "", " ORCPT=rfc822;a@x" },
		{ NOTIFY_DELAY, RET_UNSET, NULL, "a+b@x", "",
		    " NOTIFY=DELAY ORCPT=rfc822;a+2Bb@x" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct recipient to = { 0 };
		struct envelope e = { 0 };
		struct buf out;
		char label[16];

		(void)snprintf(label, sizeof label, "case %zu", i);
		e.notify = cases[i].notify;
		e.ret = cases[i].ret;
		e.envid = cases[i].envid != NULL ? mem_dup(cases[i].envid) : NULL;
		to.orcpt = cases[i].orcpt != NULL ? mem_dup(cases[i].orcpt) : NULL;
		buf_init(&out, PARAMETERS_MAX);
		add_mail_dsn(&out, &e);
		check_text(label, out.data, cases[i].mail);
		buf_clear(&out);
		add_rcpt_dsn(&out, &e, &to);
		check_text(label, out.data, cases[i].rcpt);
		free(to.orcpt);
		envelope_free(&e);
		buf_free(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_the_address_in_the_form_that_the_server_takes),
		cmocka_unit_test(
		    a_domain_that_cannot_be_one_is_an_address_that_cannot_be_one),
		cmocka_unit_test(one_address_outside_ascii_makes_the_envelope_so),
		cmocka_unit_test(
		    what_the_sender_wants_to_know_is_written_as_rfc_3461_says),
	};

	return cmocka_run_group_tests_name("parameter", tests, NULL, NULL);
}
