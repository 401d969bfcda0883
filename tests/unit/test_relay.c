/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#include "lib/sample.h"
#include "lib/server.h"
#include "relay/relay.h"

/* Outcomes by one letter each, for mixes. */
static struct outcome
outcome_of(char letter)
{
	struct outcome o = { 0 };

	switch (letter) {
	case 'y': /* yes */
		outcome_accept(&o, STAGE_FINAL, 250, "ok");
		break;
	case 'l': /* later */
		(void)outcome_reply(&o, STAGE_RCPT, 450, "later");
		break;
	case 'n': /* no such user */
		(void)outcome_reply(&o, STAGE_RCPT, 550, "no");
		break;
	case 's': /* spam */
		(void)outcome_reply(&o, STAGE_FINAL, 554, "spam");
		break;
	case 'u': /* UTF-8 */
		(void)outcome_fail(&o, CAUSE_NO_SMTPUTF8, "%s", "");
		break;
	case 'm': /* maybe */
		(void)outcome_fail(&o, CAUSE_MAYBE_SENT, "%s", "");
		break;
	case 'p': /* no protocol */
		(void)outcome_fail(&o, CAUSE_PROTOCOL, "%s", "");
		break;
	case 'h': /* sign-in */
		(void)outcome_fail(&o, CAUSE_AUTH_REFUSED, "%s", "");
		break;
	default:
		fail_msg("no outcome %c", letter);
	}
	return o;
}

TEST(many_outcomes_give_one_exit_status)
{
	static const struct {
		const char *mix;
		size_t verdict; /* the recipient whose outcome stands for all */
		int sysexit;
	} cases[] = {
		{ "y", 0, EX_OK },
		{ "yyy", 0, EX_OK },
		{ "l", 0, EX_TEMPFAIL },
		{ "n", 0, EX_DATAERR },
		{ "s", 0, EX_UNAVAILABLE },
		{ "h", 0, EX_NOPERM },
		{ "m", 0, EX_TEMPFAIL },
		{ "p", 0, EX_PROTOCOL },

		/* the gravest, and of equals the first */
		{ "ll", 0, EX_TEMPFAIL },
		{ "ln", 1, EX_DATAERR },
		{ "nl", 0, EX_DATAERR },
		{ "sn", 0, EX_UNAVAILABLE },
		{ "ns", 0, EX_DATAERR },
		{ "lmn", 2, EX_DATAERR },
		{ "pl", 0, EX_PROTOCOL },
		{ "lp", 0, EX_TEMPFAIL },
		{ "uu", 0, EX_UNAVAILABLE },

		/* somebody has the mail: who tries again would send it twice */
		{ "yl", 1, EX_UNAVAILABLE },
		{ "ly", 0, EX_UNAVAILABLE },
		{ "ym", 1, EX_UNAVAILABLE },
		{ "yn", 1, EX_NOUSER },
		{ "nyl", 0, EX_NOUSER },
		{ "yln", 2, EX_NOUSER },
		{ "yp", 1, EX_PROTOCOL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		size_t n = strlen(cases[i].mix);
		struct envelope e = { 0 };

		for (size_t k = 0; k < n; k++) {
			char spec[32];

			(void)snprintf(spec, sizeof spec, "r%zu@x", k);
			envelope_add(&e, spec);
			e.rcpt[k].outcome = outcome_of(cases[i].mix[k]);
		}
		check_int(cases[i].mix, relay_sysexit(&e, false), cases[i].sysexit);
		check(
		    cases[i].mix, relay_verdict(&e) == &e.rcpt[cases[i].verdict].outcome);
		envelope_free(&e);
	}
}

/* A whole session: what was heard behind the greeting, by what the server says. */
static void
check_session(const char *label, const char *says, const char *message, enum cause cause,
    const char *const *parts)
{
	struct account *a;
	struct server server;
	struct envelope e;
	struct source m;
	char *heard;

	server_start(&server, says);
	a = server_account(server.port);
	sample_envelope(&e, "s@x", "a@x, b@x");
	sample_source(&m, span_of(message));
	relay_send(a, &e, &m, NULL);
	heard = server_stop(&server);
	for (size_t i = 0; i < e.n; i++)
		check_int(label, e.rcpt[i].outcome.cause, cause);
	for (; *parts != NULL; parts++)
		check_part(label, heard, *parts);
	free(heard);
	account_free(a);
	envelope_free(&e);
	source_free(&m);
}

#define MIME_8BIT "MIME-Version: 1.0\r\n\r\nb\303\244r\r\n"
#define REST "250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n250 queued\r\n221 bye\r\n"

TEST(a_mail_goes_to_a_server)
{
	static const char *const parts[] = { "EHLO localhost\r\n",
		"MAIL FROM:<s@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n",
		"A: b\r\n\r\nhello\r\n.\r\nQUIT\r\n", NULL };

	check_session("SMTP", "220 mx\r\n250-mx\r\n250 PIPELINING\r\n" REST,
	    "A: b\r\n\r\nhello\r\n", CAUSE_NONE, parts);
}

TEST(eight_bits_go_as_they_are_where_the_server_takes_them)
{
	static const char *const parts[] = { "BODY=8BITMIME\r\n",
		"\r\n\r\nb\303\244r\r\n", NULL };

	check_session("8BITMIME", "220 mx\r\n250-mx\r\n250 8BITMIME\r\n" REST, MIME_8BIT,
	    CAUSE_NONE, parts);
}

TEST(eight_bits_become_seven_where_the_server_takes_no_more)
{
	static const char *const parts[] = { "MAIL FROM:<s@x>\r\n",
		"Content-Transfer-Encoding: quoted-printable\r\n\r\nb=C3=A4r\r\n.\r\n",
		NULL };

	check_session(
	    "7 bits", "220 mx\r\n250 mx\r\n" REST, MIME_8BIT, CAUSE_NONE, parts);
}

TEST(eight_bits_that_nobody_has_explained_go_as_they_are)
{
	static const char *const parts[] = { "A: b\r\n\r\nb\303\244r\r\n.\r\n", NULL };

	check_session("8 bits", "220 mx\r\n250 mx\r\n" REST, "A: b\r\n\r\nb\303\244r\r\n",
	    CAUSE_NONE, parts);
}

TEST(a_greeting_that_refuses_is_the_outcome_of_all)
{
	static const char *const parts[] = { "QUIT\r\n", NULL };

	check_session("554", "554 go away\r\n221 bye\r\n", "A: b\r\n\r\nhello\r\n",
	    CAUSE_REPLY, parts);
}

TEST(nobody_at_the_other_end_is_the_outcome_of_all)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct account *account;
	socklen_t n = sizeof a;
	struct envelope e;
	struct source m;

	/* bound, so that nobody else gets the port; and nobody listens */
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	account = server_account(ntohs(a.sin_port));
	sample_envelope(&e, "s@x", "a@x, b@x");
	sample_source(&m, span_of("A: b\r\n\r\nhello\r\n"));
	relay_send(account, &e, &m, NULL);
	for (size_t i = 0; i < e.n; i++) {
		assert_int_equal(e.rcpt[i].outcome.cause, CAUSE_CONNECT);
		assert_int_equal(e.rcpt[i].outcome.stage, STAGE_CONNECT);
	}
	assert_int_equal(relay_sysexit(&e, false), EX_TEMPFAIL);
	account_free(account);
	envelope_free(&e);
	source_free(&m);
	(void)close(fd);
}

TEST(without_a_password_nobody_is_called)
{
	struct account *a = server_account(1);
	struct envelope e;
	struct source m;

	server_account_set(a, "auth", "on");
	server_account_set(a, "user", "joe");
	server_account_set(a, "passwordeval", "echo 'no agent' >&2; exit 1");
	sample_envelope(&e, "s@x", "a@x, b@x");
	sample_source(&m, span_of("A: b\r\n\r\nhello\r\n"));
	relay_send(a, &e, &m, NULL);
	for (size_t i = 0; i < e.n; i++)
		assert_int_equal(e.rcpt[i].outcome.cause, CAUSE_PASSWORD);
	assert_int_equal(relay_sysexit(&e, false), EX_CONFIG);
	account_free(a);
	envelope_free(&e);
	source_free(&m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(many_outcomes_give_one_exit_status),
		cmocka_unit_test(a_mail_goes_to_a_server),
		cmocka_unit_test(eight_bits_go_as_they_are_where_the_server_takes_them),
		cmocka_unit_test(eight_bits_become_seven_where_the_server_takes_no_more),
		cmocka_unit_test(eight_bits_that_nobody_has_explained_go_as_they_are),
		cmocka_unit_test(a_greeting_that_refuses_is_the_outcome_of_all),
		cmocka_unit_test(nobody_at_the_other_end_is_the_outcome_of_all),
		cmocka_unit_test(without_a_password_nobody_is_called),
	};

	return cmocka_run_group_tests_name("relay", tests, NULL, NULL);
}
