/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include "serve/request.h"

TEST(a_verb_is_known_in_any_case_and_takes_its_blanks_with_it)
{
	static const struct {
		const char *line, *rest;
		enum verb verb;
	} cases[] = {
		{ "NOOP", "", VERB_NOOP },
		{ "noop", "", VERB_NOOP },
		{ "  Mail  FROM:<a@x>  ", "FROM:<a@x>", VERB_MAIL },
		{ "RCPT\tTO:<a@x>", "TO:<a@x>", VERB_RCPT },
		{ "NOOPS", "", VERB_UNKNOWN },
		{ "NO", "", VERB_UNKNOWN },
		{ "", "", VERB_UNKNOWN },
		{ "HTTP", "", VERB_UNKNOWN },
		{ "POST / HTTP/1.1", "/ HTTP/1.1", VERB_HTTP },
		{ "host: example.org", "example.org", VERB_HTTP },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct span rest;
		char text[100];

		check_int(cases[i].line, request_verb(span_of(cases[i].line), &rest),
		    cases[i].verb);
		(void)snprintf(text, sizeof text, "%.*s", (int)rest.n, rest.p);
		check_text(cases[i].line, text, cases[i].rest);
	}
}

TEST(a_sender_is_read_with_its_parameters)
{
	static const struct {
		const char *rest, *sender, *envid, *options;
		unsigned long long size;
		bool is_8bit, utf8;
		enum ret ret;
	} cases[] = {
		{ "FROM:<a@x>", "a@x", NULL, "", 0, false, false, RET_UNSET },
		{ "from: <a@x>", "a@x", NULL, "", 0, false, false, RET_UNSET },
		{ "FROM:a@x", "a@x", NULL, "", 0, false, false, RET_UNSET },
		{ "FROM: a@x SIZE=5", "a@x", NULL, "SIZE=5", 5, false, false, RET_UNSET },
		{ "FROM:<>", "", NULL, "", 0, false, false, RET_UNSET },
		{ "FROM:<root>", "root", NULL, "", 0, false, false, RET_UNSET },
		{ "FROM:<@a,@b:c@x>", "c@x", NULL, "", 0, false, false, RET_UNSET },
		{ "FROM:<\"a > b\"@x> BODY=7bit", "\"a > b\"@x", NULL, "BODY=7bit", 0,
		    false, false, RET_UNSET },
		{ "FROM:<\"a \\\" b\"@x>", "\"a \\\" b\"@x", NULL, "", 0, false, false,
		    RET_UNSET },
		{ "FROM:<a@x> SIZE=999999999999999999 BODY=8BITMIME", "a@x", NULL,
		    "SIZE=999999999999999999 BODY=8BITMIME", 999999999999999999ULL, true,
		    false, RET_UNSET },
		{ "FROM:<a@x> RET=hdrs ENVID=a+2Bb+3D AUTH=<>", "a@x", "a+b=",
		    "RET=hdrs ENVID=a+2Bb+3D AUTH=<>", 0, false, false, RET_HDRS },
		{ "FROM:<\303\251@x> SMTPUTF8", "\303\251@x", NULL, "SMTPUTF8", 0, false,
		    true, RET_UNSET },
		{ "FROM:<a@[127.0.0.1]>", "a@[127.0.0.1]", NULL, "", 0, false, false,
		    RET_UNSET },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *label = cases[i].rest;
		struct mail_request m;
		char options[100];

		check_int(label, request_mail(&m, span_of(label)), MISTAKE_NONE);
		(void)snprintf(
		    options, sizeof options, "%.*s", (int)m.options.n, m.options.p);
		check_text(label, m.sender, cases[i].sender);
		check_text(label, m.envid, cases[i].envid);
		check_text(label, options, cases[i].options);
		check(label, m.size == cases[i].size);
		check(label, m.is_8bit == cases[i].is_8bit);
		check(label, m.smtputf8 == cases[i].utf8);
		check_int(label, m.ret, cases[i].ret);
		request_free_mail(&m);
	}
}

TEST(what_is_no_sender_gets_the_reply_for_its_mistake)
{
	static const struct {
		const char *rest;
		enum mistake mistake;
	} cases[] = {
		{ "", MISTAKE_SYNTAX },
		{ "<a@x>", MISTAKE_SYNTAX },
		{ "TO:<a@x>", MISTAKE_SYNTAX },
		{ "FROM:", MISTAKE_SENDER },
		{ "FROM:<a@x", MISTAKE_SENDER },
		{ "FROM:<a@x>SIZE=1", MISTAKE_SENDER },
		{ "FROM:<a@x,b@x>", MISTAKE_SENDER },
		{ "FROM:<a@x> <b@x>", MISTAKE_PARAMETER },
		{ "FROM:<a b@x>", MISTAKE_SENDER },
		{ "FROM:<a\"@x>", MISTAKE_SENDER },
		{ "FROM:<<a@x>>", MISTAKE_SENDER },
		{ "FROM:<a@x> FOO=1", MISTAKE_PARAMETER },
		{ "FROM:<a@x> NOTIFY=NEVER", MISTAKE_PARAMETER },
		{ "FROM:<a@x> BODY=BINARYMIME", MISTAKE_SYNTAX },
		{ "FROM:<a@x> SIZE=", MISTAKE_SYNTAX },
		{ "FROM:<a@x> SIZE", MISTAKE_SYNTAX },
		{ "FROM:<a@x> SIZE=1 SIZE=1", MISTAKE_SYNTAX },
		{ "FROM:<a@x> SIZE=9999999999999999999", MISTAKE_SYNTAX },
		{ "FROM:<a@x> SIZE=-1", MISTAKE_SYNTAX },
		{ "FROM:<a@x> SMTPUTF8=1", MISTAKE_SYNTAX },
		{ "FROM:<a@x> RET=ALL", MISTAKE_SYNTAX },
		{ "FROM:<a@x> ENVID=", MISTAKE_SYNTAX },
		{ "FROM:<a@x> ENVID=+0A", MISTAKE_SYNTAX },
		{ "FROM:<a@x> ENVID=+2b", MISTAKE_SYNTAX },
		{ "FROM:<a@x> ENVID=a=b", MISTAKE_SYNTAX },
		{ "FROM:<\303\251@x>", MISTAKE_UTF8 },
		{ "FROM:<\377@x> SMTPUTF8", MISTAKE_SENDER },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct mail_request m;

		check_int(cases[i].rest, request_mail(&m, span_of(cases[i].rest)),
		    cases[i].mistake);
		request_free_mail(&m);
	}
}

TEST(a_recipient_is_read_with_its_wishes)
{
	static const struct {
		const char *rest, *address, *orcpt;
		unsigned notify;
	} cases[] = {
		{ "TO:<b@x>", "b@x", NULL, 0 },
		{ "to: root", "root", NULL, 0 },
		{ "TO:<b@x> NOTIFY=NEVER", "b@x", NULL, NOTIFY_NEVER },
		{ "TO:<b@x> NOTIFY=success,Delay ORCPT=rfc822;root+40x", "b@x", "root@x",
		    NOTIFY_SUCCESS | NOTIFY_DELAY },
		{ "TO:<b@x> ORCPT=x400;whoever", "b@x", NULL, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const char *label = cases[i].rest;
		struct rcpt_request r;

		check_int(label, request_rcpt(&r, span_of(label), false), MISTAKE_NONE);
		check_text(label, r.to.address, cases[i].address);
		check_text(label, r.to.orcpt, cases[i].orcpt);
		check_int(label, r.to.notify, cases[i].notify);
		request_free_rcpt(&r);
	}
}

TEST(what_is_no_recipient_gets_the_reply_for_its_mistake)
{
	static const struct {
		const char *rest;
		enum mistake mistake;
	} cases[] = {
		{ "FROM:<a@x>", MISTAKE_SYNTAX },
		{ "TO:<>", MISTAKE_RECIPIENT },
		{ "TO:", MISTAKE_RECIPIENT },
		{ "TO:<a@x> SIZE=1", MISTAKE_PARAMETER },
		{ "TO:<a@x> NOTIFY=", MISTAKE_SYNTAX },
		{ "TO:<a@x> NOTIFY=NEVER,DELAY", MISTAKE_SYNTAX },
		{ "TO:<a@x> NOTIFY=SOMETIMES", MISTAKE_SYNTAX },
		{ "TO:<a@x> NOTIFY=NEVER NOTIFY=NEVER", MISTAKE_SYNTAX },
		{ "TO:<a@x> ORCPT=root", MISTAKE_SYNTAX },
		{ "TO:<a@x> ORCPT", MISTAKE_SYNTAX },
		{ "TO:<a@x> ORCPT=;root", MISTAKE_SYNTAX },
		{ "TO:<a@x> ORCPT=rfc822;+0D", MISTAKE_SYNTAX },
		{ "TO:<a@x> ORCPT=rfc822;a ORCPT=rfc822;b", MISTAKE_SYNTAX },
		{ "TO:<\303\251@x>", MISTAKE_UTF8 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct rcpt_request r;

		check_int(cases[i].rest, request_rcpt(&r, span_of(cases[i].rest), false),
		    cases[i].mistake);
		request_free_rcpt(&r);
	}
}

/* What RFC 3461, 4, allows; a byte more is none. */
TEST(wishes_have_limits)
{
	struct mail_request m;
	struct rcpt_request r;
	char text[600];

	(void)snprintf(text, sizeof text, "FROM:<a@x> ENVID=%0100d", 0);
	check_int("ENVID", request_mail(&m, span_of(text)), MISTAKE_NONE);
	request_free_mail(&m);
	(void)snprintf(text, sizeof text, "FROM:<a@x> ENVID=%0101d", 0);
	check_int("a longer one", request_mail(&m, span_of(text)), MISTAKE_SYNTAX);
	request_free_mail(&m);
	(void)snprintf(text, sizeof text, "TO:<a@x> ORCPT=rfc822;%0500d", 0);
	check_int("ORCPT", request_rcpt(&r, span_of(text), false), MISTAKE_NONE);
	request_free_rcpt(&r);
	(void)snprintf(text, sizeof text, "TO:<a@x> ORCPT=rfc822;%0501d", 0);
	check_int("longer", request_rcpt(&r, span_of(text), false), MISTAKE_SYNTAX);
	request_free_rcpt(&r);
}

TEST(a_chunk_has_a_size_and_may_be_the_last)
{
	static const struct {
		const char *rest;
		bool ok, last;
		unsigned long long size;
	} cases[] = {
		{ "0 LAST", true, true, 0 },
		{ "10", true, false, 10 },
		{ "10 last", true, true, 10 },
		{ "", false, false, 0 },
		{ "ten", false, false, 0 },
		{ "10 LAST LAST", false, true, 10 },
		{ "10 FIRST", false, false, 10 },
		{ "-1", false, false, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		uint64_t size;
		bool last;
		bool ok =
		    request_bdat(span_of(cases[i].rest), &size, &last) == MISTAKE_NONE;

		check(cases[i].rest, ok == cases[i].ok);
		check(cases[i].rest,
		    !ok || (last == cases[i].last && size == cases[i].size));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_verb_is_known_in_any_case_and_takes_its_blanks_with_it),
		cmocka_unit_test(a_sender_is_read_with_its_parameters),
		cmocka_unit_test(what_is_no_sender_gets_the_reply_for_its_mistake),
		cmocka_unit_test(a_recipient_is_read_with_its_wishes),
		cmocka_unit_test(what_is_no_recipient_gets_the_reply_for_its_mistake),
		cmocka_unit_test(wishes_have_limits),
		cmocka_unit_test(a_chunk_has_a_size_and_may_be_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
