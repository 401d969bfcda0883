/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <sysexits.h>

#include "base/explain.h"
#include "base/outcome.h"

TEST(every_cause_has_its_status_exit_code_verdict_and_name)
{
	static const struct {
		enum cause cause;
		const char *name, *status;
		int sysexit;
		enum verdict verdict;
	} rows[] = {
		{ CAUSE_NONE, "OK", "2.0.0", EX_OK, VERDICT_DONE },
		{ CAUSE_QUEUED, "QUEUED", "2.0.0", EX_OK, VERDICT_DONE },
		{ CAUSE_USAGE, "USAGE", "5.5.4", EX_USAGE, VERDICT_REJECT },
		{ CAUSE_FORBIDDEN, "FORBIDDEN", "5.7.1", EX_NOPERM, VERDICT_REJECT },
		{ CAUSE_NO_SUCH_JOB, "NO_SUCH_JOB", "5.5.1", EX_UNAVAILABLE,
		    VERDICT_REJECT },
		{ CAUSE_NO_RECIPIENT, "NO_RECIPIENT", "5.1.3", EX_USAGE, VERDICT_REJECT },
		{ CAUSE_PARTIAL, "RCPT_PARTIAL", "5.0.0", EX_UNAVAILABLE,
		    VERDICT_REJECT },
		{ CAUSE_ADDRESS, "ADDRESS", "5.1.3", EX_DATAERR, VERDICT_REJECT },
		{ CAUSE_ALIAS, "ALIAS", "5.4.6", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_MESSAGE, "MESSAGE", "5.6.0", EX_DATAERR, VERDICT_REJECT },
		{ CAUSE_TOO_LARGE, "TOO_LARGE", "5.3.4", EX_DATAERR, VERDICT_REJECT },
		{ CAUSE_NO_INPUT, "NO_INPUT", "5.6.0", EX_NOINPUT, VERDICT_REJECT },
		{ CAUSE_FILE, "FILE", "5.3.5", EX_NOINPUT, VERDICT_HOLD },
		{ CAUSE_CONFIG, "CONFIG", "5.3.5", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_NO_CONFIG, "NO_CONFIG", "5.3.5", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_NO_ACCOUNT, "NO_ACCOUNT", "5.3.5", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_CONFIG_FILE, "CONFIG_FILE", "5.3.5", EX_IOERR, VERDICT_HOLD },
		{ CAUSE_EVAL, "EVAL", "5.3.5", EX_IOERR, VERDICT_HOLD },
		{ CAUSE_EXPOSED, "EXPOSED", "5.3.5", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_PASSWORD, "PASSWORD", "5.3.5", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_NO_PASSWORD, "NO_PASSWORD", "5.3.5", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_STORE, "STORE", "4.3.1", EX_IOERR, VERDICT_RETRY },
		{ CAUSE_QUEUE, "QUEUE", "4.3.1", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_QUEUE_CHANGE, "QUEUE_CHANGE", "4.3.1", EX_TEMPFAIL,
		    VERDICT_RETRY },
		{ CAUSE_QUEUE_DIR, "QUEUE_DIR", "4.3.5", EX_CANTCREAT, VERDICT_RETRY },
		{ CAUSE_NO_QUEUE, "NO_QUEUE", "4.3.5", EX_CANTCREAT, VERDICT_RETRY },
		{ CAUSE_QUEUE_ENTRY, "QUEUE_ENTRY", "5.3.0", EX_DATAERR, VERDICT_HOLD },
		{ CAUSE_NO_ENTRY, "NO_ENTRY", "5.3.0", EX_NOINPUT, VERDICT_REJECT },
		{ CAUSE_BUSY, "BUSY", "4.3.0", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_KILLED, "KILLED", "4.3.0", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_OUTPUT, "OUTPUT", "4.3.1", EX_IOERR, VERDICT_RETRY },
		{ CAUSE_SYSTEM, "SYSTEM", "4.3.0", EX_OSERR, VERDICT_RETRY },
		{ CAUSE_NO_HOST, "DNS_NONE", "5.4.4", EX_NOHOST, VERDICT_HOLD },
		{ CAUSE_DNS, "DNS_TEMP", "4.4.3", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_SOURCE_IP, "SOURCE_IP", "5.3.5", EX_OSERR, VERDICT_HOLD },
		{ CAUSE_CONNECT, "CONNECT", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_PORT25, "PORT25_BLOCKED", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_SOCKET, "SOCKET", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_PROXY_NO_HOST, "PROXY_DNS_NONE", "5.4.4", EX_NOHOST,
		    VERDICT_HOLD },
		{ CAUSE_PROXY_DOWN, "PROXY_DOWN", "4.4.1", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_PROXY_TIMEOUT, "PROXY_TIMEOUT", "4.4.2", EX_TEMPFAIL,
		    VERDICT_RETRY },
		{ CAUSE_PROXY_HANGUP, "PROXY_HANGUP", "4.4.2", EX_TEMPFAIL,
		    VERDICT_RETRY },
		{ CAUSE_PROXY_PROTOCOL, "PROXY_PROTOCOL", "5.5.0", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_PROXY_AUTH, "PROXY_AUTH", "5.7.0", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_PROXY_REFUSED, "PROXY_REFUSED", "5.7.1", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_PROXY_CONNECT, "PROXY_CONNECT", "4.4.1", EX_TEMPFAIL,
		    VERDICT_RETRY },
		{ CAUSE_TIMEOUT, "TIMEOUT", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_HANGUP, "HANGUP", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_MAYBE_SENT, "MAYBE_SENT", "4.4.2", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_SESSION_FULL, "SESSION_FULL", "4.3.2", EX_TEMPFAIL,
		    VERDICT_RETRY },
		{ CAUSE_PROTOCOL, "PROTOCOL", "5.5.0", EX_PROTOCOL, VERDICT_RETRY },
		{ CAUSE_NOT_SMTP, "NOT_SMTP", "5.5.0", EX_PROTOCOL, VERDICT_RETRY },
		{ CAUSE_TLS_STARTTLS, "TLS_STARTTLS", "5.7.10", EX_PROTOCOL,
		    VERDICT_HOLD },
		{ CAUSE_TLS_IMPLICIT, "TLS_IMPLICIT", "5.7.10", EX_PROTOCOL,
		    VERDICT_HOLD },
		{ CAUSE_TLS_WANTED, "TLS_WANTED", "5.7.10", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_TLS_NONE, "TLS_NONE", "5.7.10", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_TLS_SETUP, "TLS_SETUP", "5.3.5", EX_SOFTWARE, VERDICT_HOLD },
		{ CAUSE_TLS_FAILED, "TLS_FAILED", "4.7.5", EX_PROTOCOL, VERDICT_RETRY },
		{ CAUSE_TLS_INJECTED, "TLS_INJECTED", "5.7.0", EX_PROTOCOL,
		    VERDICT_HOLD },
		{ CAUSE_CERT_NAME, "CERT_NAME", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_CERT_EXPIRED, "CERT_EXPIRED", "4.7.5", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_CERT_UNKNOWN, "CERT_UNKNOWN_CA", "5.7.5", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_CERT_REVOKED, "CERT_REVOKED", "5.7.5", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_CERT_PIN, "CERT_PIN", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_CERT_KEY_PIN, "CERT_KEY_PIN", "5.7.5", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_CERT_BAD, "CERT_BAD", "5.7.5", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_AUTH_WANTED, "AUTH_WANTED", "5.7.0", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_AUTH_NONE, "AUTH_NONE", "5.7.4", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_AUTH_METHOD, "AUTH_METHOD", "5.7.4", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_AUTH_CLEAR, "AUTH_CLEAR", "5.7.4", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_AUTH_SETTING, "AUTH_SETTING", "5.7.4", EX_UNAVAILABLE,
		    VERDICT_HOLD },
		{ CAUSE_AUTH_TICKET, "AUTH_TICKET", "5.7.0", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_AUTH_REFUSED, "AUTH_REFUSED", "5.7.8", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_AUTH_APP, "AUTH_APP_PASSWORD", "5.7.9", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_AUTH_BASIC, "AUTH_BASIC_OFF", "5.7.8", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_AUTH_FAILED, "AUTH_FAILED", "5.7.0", EX_PROTOCOL, VERDICT_HOLD },
		{ CAUSE_AUTH_SERVER, "AUTH_SERVER", "5.7.0", EX_NOPERM, VERDICT_HOLD },
		{ CAUSE_SENDER, "SENDER_REFUSED", "5.7.1", EX_DATAERR, VERDICT_REJECT },
		{ CAUSE_QUOTA, "QUOTA", "4.4.5", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_NO_DSN, "NO_DSN", "5.6.9", EX_UNAVAILABLE, VERDICT_REJECT },
		{ CAUSE_NO_SMTPUTF8, "NO_SMTPUTF8", "5.6.7", EX_UNAVAILABLE,
		    VERDICT_REJECT },
		{ CAUSE_GUARDED, "GUARDED", "5.7.1", EX_NOPERM, VERDICT_REJECT },
		{ CAUSE_NOT_YOURS, "NOT_YOURS", "5.7.1", EX_NOPERM, VERDICT_REJECT },
		{ CAUSE_TOO_MUCH, "TOO_MUCH", "4.7.1", EX_TEMPFAIL, VERDICT_RETRY },
		{ CAUSE_LISTEN, "LISTEN", "5.3.5", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_CATCH, "CATCH", "4.3.0", EX_IOERR, VERDICT_RETRY },
		{ CAUSE_NO_SERVER, "NO_SERVER", "5.3.5", EX_CONFIG, VERDICT_HOLD },
		{ CAUSE_NO_ETRN, "NO_ETRN", "5.5.1", EX_UNAVAILABLE, VERDICT_HOLD },
		{ CAUSE_QUEUE_NAME, "QUEUE_NAME", "5.5.4", EX_DATAERR, VERDICT_REJECT },
		{ CAUSE_NO_SRV, "NO_SRV", "5.4.4", EX_NOHOST, VERDICT_HOLD },
		{ CAUSE_REPLY, "REFUSED", "5.0.0", EX_UNAVAILABLE, VERDICT_REJECT },
	};

	assert_int_equal(COUNT(rows), CAUSE_LAST);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct outcome o;

		check_int(rows[i].name, rows[i].cause, i);
		assert_false(outcome_fail(&o, rows[i].cause, "why"));
		check_text(rows[i].name, outcome_name(&o), rows[i].name);
		check_text(rows[i].name, o.status, rows[i].status);
		check_int(rows[i].name, outcome_sysexit(&o), rows[i].sysexit);
		check_int(rows[i].name, outcome_verdict(&o), rows[i].verdict);
		check_int(rows[i].name, o.code, 0);
		check_int(rows[i].name, o.stage, STAGE_LOCAL);
		check_text(rows[i].name, o.text, "why");
	}
}

TEST(only_what_asks_for_another_try_has_a_status_of_class_4)
{
	for (int cause = 1; cause < CAUSE_LAST; cause++) {
		struct outcome o;

		(void)outcome_fail(&o, (enum cause)cause, "%s", "");
		/* A protocol error is tried again, though it is nothing passing; an
		 * expired certificate is renewed by somebody else. */
		if (cause != CAUSE_PROTOCOL && cause != CAUSE_NOT_SMTP &&
		    cause != CAUSE_CERT_EXPIRED)
			check_int(outcome_name(&o), o.status[0] == '4',
			    outcome_verdict(&o) == VERDICT_RETRY);
	}
}

TEST(a_refusal_at_each_stage_has_its_exit_code)
{
	static const struct {
		enum stage stage;
		int sysexit;
		const char *words;
	} cases[] = {
		{ STAGE_CONNECT, EX_UNAVAILABLE, "the server refused the connection" },
		{ STAGE_GREETING, EX_PROTOCOL, "the server refused the connection" },
		{ STAGE_HELLO, EX_PROTOCOL, "the server refused our name" },
		{ STAGE_TLS, EX_PROTOCOL, "the server refused STARTTLS" },
		{ STAGE_AUTH, EX_NOPERM, "the server refused the sign-in" },
		{ STAGE_MAIL, EX_DATAERR, "the server refused the sender" },
		{ STAGE_RCPT, EX_NOUSER, "the server refused the recipient" },
		{ STAGE_DATA, EX_DATAERR, "the server refused to take the message" },
		{ STAGE_FINAL, EX_UNAVAILABLE, "the server refused the message" },
		{ STAGE_QUEUE, EX_UNAVAILABLE, "the server refused to start the queue" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct buf words;

		assert_false(outcome_reply(&o, cases[i].stage, 550, "5.1.1 no"));
		check_int(cases[i].words, outcome_sysexit(&o), cases[i].sysexit);
		check_int(cases[i].words, outcome_verdict(&o), VERDICT_REJECT);
		buf_init(&words, 1000);
		outcome_words(&o, NULL, &words);
		check_text(cases[i].words, words.data, cases[i].words);
		assert_false(outcome_reply(&o, cases[i].stage, 450, "4.2.0 later"));
		check_int(cases[i].words, outcome_sysexit(&o), EX_TEMPFAIL);
		check_int(cases[i].words, outcome_verdict(&o), VERDICT_RETRY);
		buf_free(&words);
	}
}

TEST(the_enhanced_status_is_taken_from_the_reply_where_it_has_one)
{
	static const struct {
		int code;
		const char *text, *status;
	} cases[] = {
		{ 550, "5.1.1 no such user", "5.1.1" },
		{ 550, "5.1.1", "5.1.1" },
		{ 550, "5.1.1\n5.1.1 twice", "5.1.1" },
		{ 550, "5.123.456 far out", "5.123.456" },
		{ 550, "no such user", "5.0.0" },
		{ 550, "", "5.0.0" },
		{ 550, "4.1.1 of the wrong class", "5.0.0" },
		{ 550, "5.1 is none", "5.0.0" },
		{ 550, "5.1.1.1 neither", "5.0.0" },
		{ 550, "5.1.1, nor this", "5.0.0" },
		{ 550, "5..1 nor this", "5.0.0" },
		{ 550, "5.1234.1 nor this", "5.0.0" },
		{ 550, "5.1.x", "5.0.0" },
		{ 451, "4.3.0 later", "4.3.0" },
		{ 451, "later", "4.0.0" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;

		(void)outcome_reply(&o, STAGE_RCPT, cases[i].code, cases[i].text);
		check_text(cases[i].text, o.status, cases[i].status);
		check_int(cases[i].text, o.code, cases[i].code);
		check_int(cases[i].text, o.stage, STAGE_RCPT);
		check_text(cases[i].text, o.text, cases[i].text);
	}
}

TEST(an_acceptance_keeps_what_the_server_said)
{
	struct outcome o;

	outcome_accept(&o, STAGE_FINAL, 250, "2.0.0 queued as 12345");
	assert_int_equal(o.cause, CAUSE_NONE);
	assert_int_equal(o.code, 250);
	assert_int_equal(o.stage, STAGE_FINAL);
	assert_string_equal(o.status, "2.0.0");
	assert_string_equal(o.text, "2.0.0 queued as 12345");
	assert_int_equal(outcome_sysexit(&o), EX_OK);
	assert_int_equal(outcome_verdict(&o), VERDICT_DONE);
}

TEST(control_characters_of_a_peer_never_get_into_the_text)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_FILE, "%s", "a\033[2Jb\177c\td");
	assert_string_equal(o.text, "a?[2Jb?c?d");
	(void)outcome_reply(&o, STAGE_RCPT, 550, "a\rb\nc\033d");
	assert_string_equal(o.text, "a?b\nc?d");
}

TEST(line_ends_stay_between_the_lines_of_a_reply_only)
{
	struct outcome o;

	(void)outcome_reply(&o, STAGE_RCPT, 550, "one\ntwo");
	assert_string_equal(o.text, "one\ntwo");
	(void)outcome_fail(&o, CAUSE_FILE, "%s", "one\ntwo");
	assert_string_equal(o.text, "one two");
}

TEST(a_text_that_is_too_long_is_cut)
{
	struct outcome o;
	char text[2000];

	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	(void)outcome_fail(&o, CAUSE_FILE, "%s", text);
	assert_int_equal(strlen(o.text), sizeof o.text - 1);
	(void)outcome_reply(&o, STAGE_RCPT, 550, text);
	assert_int_equal(strlen(o.text), sizeof o.text - 1);
}

TEST(a_stage_is_added_and_nothing_else_is_changed)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_HANGUP, "gone");
	assert_false(outcome_at(&o, STAGE_DATA));
	assert_int_equal(o.stage, STAGE_DATA);
	assert_int_equal(o.cause, CAUSE_HANGUP);
	assert_string_equal(o.text, "gone");
}

TEST(a_setting_is_offered_and_nothing_else_is_changed)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_CERT_PIN, "another one");
	assert_string_equal(o.setting, "");
	assert_false(outcome_offer(&o, "tls_fingerprint", "AB:CD"));
	assert_string_equal(o.setting, "tls_fingerprint AB:CD");
	assert_int_equal(o.cause, CAUSE_CERT_PIN);
	assert_string_equal(o.text, "another one");
	(void)outcome_fail(&o, CAUSE_CERT_PIN, "again");
	assert_string_equal(o.setting, "");
}

/* "chmod 700 /var/sp" would be about another directory. */
TEST(a_setting_that_is_too_long_is_not_offered_in_part)
{
	char path[sizeof((struct outcome *)0)->setting];
	struct outcome o;

	memset(path, 'a', sizeof path);
	path[sizeof path - sizeof "chmod 700 "] = '\0';
	(void)outcome_fail(&o, CAUSE_QUEUE_DIR, "another one");
	assert_false(outcome_offer(&o, "chmod 700", path));
	assert_int_equal(strlen(o.setting), sizeof path - 1);
	path[strlen(path)] = 'a';
	path[sizeof path - sizeof "chmod 700 " + 1] = '\0';
	assert_false(outcome_offer(&o, "chmod 700", path));
	assert_string_equal(o.setting, "");
}

TEST(a_failure_is_made_more_of_and_its_text_is_kept)
{
	struct outcome o;

	(void)outcome_reply(&o, STAGE_AUTH, 534, "5.7.9 no");
	outcome_refine(&o, CAUSE_AUTH_APP, "it wants another", NULL);
	assert_string_equal(outcome_name(&o), "AUTH_APP_PASSWORD");
	assert_string_equal(o.sentence, "it wants another");
	assert_non_null(outcome_hint(&o));
	assert_string_equal(o.text, "5.7.9 no");
	outcome_refine(&o, CAUSE_AUTH_APP, NULL, "do that");
	assert_string_equal(outcome_hint(&o), "do that");
}

TEST(a_cause_is_found_by_its_name)
{
	assert_int_equal(cause_find(span_of("CERT_NAME")), CAUSE_CERT_NAME);
	assert_int_equal(cause_find(span_of("cert_name")), CAUSE_CERT_NAME);
	assert_int_equal(cause_find(span_of("CERT")), CAUSE_LAST);
	assert_int_equal(cause_find(span_of("")), CAUSE_LAST);
	for (int cause = 0; cause < CAUSE_LAST; cause++)
		assert_int_equal(cause_find(span_of(cause_name(cause))), cause);
}

TEST(every_cause_is_explained_in_whole_sentences)
{
	for (int cause = 0; cause < CAUSE_LAST; cause++) {
		const char *name = cause_name((enum cause)cause);
		const char *words = explain((enum cause)cause);
		size_t n = strlen(words);

		check_int(name, n > 20 && words[n - 1] == '.', true);
		check_int(name, span_has_8bit(span_of(words)), false);
		check_int(name, strstr(words, "  ") != NULL, false);
	}
}

TEST(a_note_is_added_made_fit_and_goes_with_the_next_failure)
{
	struct outcome o;

	(void)outcome_reply(&o, STAGE_AUTH, 535, "no");
	assert_false(outcome_note(&o, "from %s", "a\nb\033c"));
	assert_string_equal(o.note, "from a b?c");
	assert_string_equal(o.text, "no");
	assert_int_equal(o.stage, STAGE_AUTH);
	(void)outcome_fail(&o, CAUSE_DNS, "%s", "x");
	assert_string_equal(o.note, "");
}

TEST(words_say_what_happened_for_whom_and_for_how_long)
{
	static const struct {
		enum cause cause;
		int code;
		const char *text, *recipient, *words;
	} cases[] = {
		{ CAUSE_CONFIG, 0, "host not set", NULL, "host not set" },
		{ CAUSE_TIMEOUT, 0, "", NULL,
		    "the server did not answer in time (at RCPT)" },
		{ CAUSE_HANGUP, 0, "closed", NULL,
		    "the connection was lost before the message was handed over (at "
		    "RCPT): "
		    "closed" },
		{ CAUSE_STORE, 0, "no room", NULL,
		    "the message can't be kept while it is being sent; nothing was sent: "
		    "no room" },
		{ CAUSE_NO_SMTPUTF8, 0, "", "m@x",
		    "the server does not take addresses outside ASCII (SMTPUTF8) <m@x>" },
		{ CAUSE_REPLY, 550, "5.1.1 no", "m@x",
		    "the server refused the recipient <m@x>" },
		{ CAUSE_REPLY, 450, "4.2.1 no", "m@x",
		    "the server refused the recipient <m@x>, for now" },
		{ CAUSE_AUTH_REFUSED, 454, "4.7.0 no", NULL,
		    "the server refused the user name or password, for now" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct outcome o;
		struct buf words;

		(void)outcome_fail(&o, cases[i].cause, "%s", cases[i].text);
		o.code = cases[i].code;
		o.stage = STAGE_RCPT;
		buf_init(&words, 1000);
		buf_puts(&words, "host:25: ");
		outcome_words(&o, cases[i].recipient, &words);
		check_text(cases[i].words, words.data + 9, cases[i].words);
		check_int(cases[i].words, outcome_is_said(&o), cases[i].code != 0);
		buf_free(&words);
	}
}

TEST(every_cause_says_something)
{
	for (int cause = 0; cause < CAUSE_LAST; cause++) {
		struct outcome o;
		struct buf words;

		(void)outcome_fail(&o, (enum cause)cause, "because");
		buf_init(&words, 1000);
		outcome_words(&o, NULL, &words);
		check_part(outcome_name(&o), words.data, "because");
		buf_free(&words);
	}
}

TEST(a_place_goes_before_what_is_known_and_the_rest_stays)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_CONFIG, "no such word");
	outcome_refine(&o, CAUSE_CONFIG, NULL, "write another");
	(void)outcome_offer(&o, "tls", "on");
	assert_false(outcome_place(&o, "%s:%d", "r\nc", 7));
	assert_int_equal(o.cause, CAUSE_CONFIG);
	assert_string_equal(o.text, "r c:7: no such word");
	assert_string_equal(o.setting, "tls on");
	assert_string_equal(outcome_hint(&o), "write another");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cause_has_its_status_exit_code_verdict_and_name),
		cmocka_unit_test(only_what_asks_for_another_try_has_a_status_of_class_4),
		cmocka_unit_test(a_refusal_at_each_stage_has_its_exit_code),
		cmocka_unit_test(
		    the_enhanced_status_is_taken_from_the_reply_where_it_has_one),
		cmocka_unit_test(an_acceptance_keeps_what_the_server_said),
		cmocka_unit_test(control_characters_of_a_peer_never_get_into_the_text),
		cmocka_unit_test(line_ends_stay_between_the_lines_of_a_reply_only),
		cmocka_unit_test(a_text_that_is_too_long_is_cut),
		cmocka_unit_test(a_stage_is_added_and_nothing_else_is_changed),
		cmocka_unit_test(a_setting_is_offered_and_nothing_else_is_changed),
		cmocka_unit_test(a_setting_that_is_too_long_is_not_offered_in_part),
		cmocka_unit_test(a_failure_is_made_more_of_and_its_text_is_kept),
		cmocka_unit_test(a_cause_is_found_by_its_name),
		cmocka_unit_test(every_cause_is_explained_in_whole_sentences),
		cmocka_unit_test(a_note_is_added_made_fit_and_goes_with_the_next_failure),
		cmocka_unit_test(words_say_what_happened_for_whom_and_for_how_long),
		cmocka_unit_test(every_cause_says_something),
		cmocka_unit_test(a_place_goes_before_what_is_known_and_the_rest_stays),
	};

	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
