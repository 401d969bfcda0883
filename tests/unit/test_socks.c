/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <sysexits.h>

#include "base/clock.h"
#include "lib/script.h"
#include "net/socks.h"

#define HELLO "\5\1\0"
#define GREETING "220 mx\r\n"
#define BYTES(literal)                                                                   \
	{                                                                                \
		literal, sizeof literal - 1                                              \
	}

static int64_t
soon(void)
{
	return clock_in(1000);
}

static const struct socks to = { "mx.example", 587, "proxy.example", 1080 };

/* One conversation: all that the proxy says, whatever it hears. */
struct talk {
	struct script script;
	struct stream stream;
	struct outcome o;
	bool ok;
};

static void
talk(struct talk *t, const struct socks *target, struct span says, size_t piece,
    enum script_end end)
{
	*t = (struct talk){ .ok = false };
	script_init_bytes(&t->script, says, end);
	t->script.read_max = piece;
	script_stream(&t->script, &t->stream);
	t->ok = socks_connect(&t->stream, target, soon(), &t->o);
}

static void
talk_end(struct talk *t)
{
	stream_close(&t->stream);
	script_free(&t->script);
}

TEST(the_proxy_gets_a_name_as_a_name_and_an_address_as_an_address)
{
	static const struct {
		const char *host;
		int port;
		struct span request;
	} cases[] = {
		{ "mx.example", 587, BYTES("\5\1\0\3\12mx.example\2\113") },
		{ "localhost", 25, BYTES("\5\1\0\3\11localhost\0\31") },
		{ "192.0.2.1", 65535, BYTES("\5\1\0\1\300\0\2\1\377\377") },
		{ "2001:db8::1", 1,
		    BYTES("\5\1\0\4\40\1\15\270\0\0\0\0\0\0\0\0\0\0\0\1\0\1") },
		{ "b\303\274cher.example", 465,
		    BYTES("\5\1\0\3\25xn--bcher-kva.example\1\321") },
		{ "192.0.2", 256, BYTES("\5\1\0\3\007192.0.2\1\0") },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct socks target = { cases[i].host, cases[i].port, "p", 1080 };
		const size_t n = cases[i].request.n;
		struct talk t;

		talk(&t, &target, (struct span)BYTES("\5\0\5\0\0\1\0\0\0\0\0\0" GREETING),
		    0, SCRIPT_CLOSES);
		check(cases[i].host, t.ok);
		check_int(cases[i].host, t.script.heard.len, 3 + n);
		check(cases[i].host, memcmp(t.script.heard.data, HELLO, 3) == 0);
		check(cases[i].host,
		    memcmp(t.script.heard.data + 3, cases[i].request.p, n) == 0);
		talk_end(&t);
	}
}

/* Nobody knows what a proxy makes of a request that it hasn't asked for yet. */
TEST(the_request_waits_for_the_answer_to_the_hello)
{
	const struct script_step steps[] = { { HELLO, "" } };
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init(&s, steps, COUNT(steps), SCRIPT_SILENT);
	script_stream(&s, &stream);
	assert_false(socks_connect(&stream, &to, soon(), &o));
	assert_int_equal(o.cause, CAUSE_PROXY_TIMEOUT);
	assert_int_equal(s.heard.len, 3);
	stream_close(&stream);
	script_free(&s);
}

TEST(a_host_that_can_be_no_name_is_never_asked_for)
{
	char longest[300];
	const char *hosts[] = { "", "\377\376", longest };

	memset(longest, 'x', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	for (size_t i = 0; i < COUNT(hosts); i++) {
		const struct socks target = { hosts[i], 25, "p", 1080 };
		struct talk t;

		talk(&t, &target, (struct span)BYTES("\5\0\5\0\0\1\0\0\0\0\0\0"), 0,
		    SCRIPT_CLOSES);
		check(hosts[i], !t.ok);
		check_int(hosts[i], t.o.cause, CAUSE_NO_HOST);
		check_int(hosts[i], t.script.heard.len, 0);
		talk_end(&t);
	}
}

TEST(the_next_byte_is_the_servers_whatever_pieces_they_come_in)
{
	static const struct {
		const char *label;
		struct span says;
	} cases[] = {
		{ "an IPv4 address", BYTES("\5\0\5\0\0\1\177\0\0\1\4\70" GREETING) },
		{ "an IPv6 address",
		    BYTES("\5\0\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\4\70" GREETING) },
		{ "a name", BYTES("\5\0\5\0\0\3\4a.de\4\70" GREETING) },
		{ "an empty name", BYTES("\5\0\5\0\0\3\0\4\70" GREETING) },
		{ "a reserved byte that isn't 0",
		    BYTES("\5\0\5\0\7\1\177\0\0\1\4\70" GREETING) },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t piece = 0; piece < cases[i].says.n; piece++) {
			struct talk t;
			struct span line;

			talk(&t, &to, cases[i].says, piece, SCRIPT_CLOSES);
			check(cases[i].label, t.ok);
			check_int(cases[i].label, stream_unread(&t.stream), 0);
			check(cases[i].label,
			    stream_line(&t.stream, &line, 100, soon(), &t.o));
			check(cases[i].label, span_is(line, "220 mx"));
			talk_end(&t);
		}
}

TEST(every_refusal_has_its_words_and_its_verdict)
{
	static const struct {
		const char *label;
		struct span says;
		enum cause cause;
		int sysexit;
		enum verdict verdict;
		const char *words;
	} cases[] = {
		{ "1", BYTES("\5\0\5\1\0\1"), CAUSE_PROXY_CONNECT, EX_TEMPFAIL,
		    VERDICT_RETRY, "general failure" },
		{ "2", BYTES("\5\0\5\2\0\1"), CAUSE_PROXY_REFUSED, EX_UNAVAILABLE,
		    VERDICT_HOLD, "rules do not allow" },
		{ "3", BYTES("\5\0\5\3\0\1"), CAUSE_PROXY_CONNECT, EX_TEMPFAIL,
		    VERDICT_RETRY, "network unreachable" },
		{ "4", BYTES("\5\0\5\4\0\1"), CAUSE_PROXY_CONNECT, EX_TEMPFAIL,
		    VERDICT_RETRY, "can't find or reach the host" },
		{ "5", BYTES("\5\0\5\5\0\1"), CAUSE_PROXY_CONNECT, EX_TEMPFAIL,
		    VERDICT_RETRY, "connection was refused" },
		{ "6", BYTES("\5\0\5\6\0\1"), CAUSE_PROXY_CONNECT, EX_TEMPFAIL,
		    VERDICT_RETRY, "TTL" },
		{ "7", BYTES("\5\0\5\7\0\1"), CAUSE_PROXY_REFUSED, EX_UNAVAILABLE,
		    VERDICT_HOLD, "does not make connections" },
		{ "8", BYTES("\5\0\5\10\0\1"), CAUSE_PROXY_REFUSED, EX_UNAVAILABLE,
		    VERDICT_HOLD, "kind of address" },
		{ "9", BYTES("\5\0\5\11\0\1"), CAUSE_PROXY_REFUSED, EX_UNAVAILABLE,
		    VERDICT_HOLD, "(9)" },
		{ "255", BYTES("\5\0\5\377\0\1"), CAUSE_PROXY_REFUSED, EX_UNAVAILABLE,
		    VERDICT_HOLD, "(255)" },
		{ "a code and nothing more", BYTES("\5\0\5\5"), CAUSE_PROXY_CONNECT,
		    EX_TEMPFAIL, VERDICT_RETRY, "connection was refused" },
		{ "an unknown address", BYTES("\5\0\5\0\0\2\0\0\0\0\0\0"),
		    CAUSE_PROXY_PROTOCOL, EX_UNAVAILABLE, VERDICT_HOLD, "(2)" },
		{ "a sign-in", BYTES("\5\377"), CAUSE_PROXY_AUTH, EX_UNAVAILABLE,
		    VERDICT_HOLD, "wants a sign-in" },
		{ "a method that wasn't offered", BYTES("\5\2"), CAUSE_PROXY_PROTOCOL,
		    EX_UNAVAILABLE, VERDICT_HOLD, "method 2" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t piece = 0; piece < 2; piece++) {
			struct talk t;

			talk(&t, &to, cases[i].says, piece, SCRIPT_CLOSES);
			check(cases[i].label, !t.ok);
			check_int(cases[i].label, t.o.cause, cases[i].cause);
			check_int(
			    cases[i].label, outcome_sysexit(&t.o), cases[i].sysexit);
			check_int(
			    cases[i].label, outcome_verdict(&t.o), cases[i].verdict);
			check_part(cases[i].label, t.o.text,
			    "cannot connect to mx.example, port 587, through the proxy "
			    "proxy.example, port 1080: ");
			check_part(cases[i].label, t.o.text, cases[i].words);
			talk_end(&t);
		}
}

TEST(what_is_no_socks_proxy_is_told_from_its_words)
{
	static const struct {
		const char *label;
		struct span says;
		const char *words;
	} cases[] = {
		{ "an HTTP proxy",
		    BYTES("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n<html>"),
		    "this is an HTTP proxy, and no SOCKS5 proxy: \"HTTP/1.1 400 Bad "
		    "Request\" came" },
		{ "a mail server", BYTES("220 mx ready\r\n"), "\"220 mx ready\" came" },
		{ "no line end", BYTES("SSH-2.0-x"), "\"SSH-2.0-x\" came" },
		{ "two bytes", BYTES("no"), "\"no\" came" },
		{ "SOCKS4", BYTES("\0\133\0\0\0\0\0\0"),
		    "the bytes 00 5B 00 00 00 00 00 00 came" },
		{ "control characters", BYTES("a\33[2Jb\r\n"), "the bytes 61 1B" },
		{ "later", BYTES("\5\0HTTP/1.0 200 OK\r\n"), "HTTP proxy" },
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		for (size_t piece = 0; piece < 4; piece++) {
			struct talk t;

			talk(&t, &to, cases[i].says, piece, SCRIPT_SILENT);
			check(cases[i].label, !t.ok);
			check_int(cases[i].label, t.o.cause, CAUSE_PROXY_PROTOCOL);
			check_part(cases[i].label, t.o.text, cases[i].words);
			talk_end(&t);
		}
}

TEST(a_reply_that_breaks_off_anywhere_is_no_success)
{
	static const struct span whole[] = {
		BYTES("\5\0\5\0\0\1\177\0\0\1\4\70"),
		BYTES("\5\0\5\0\0\3\4a.de\4\70"),
	};
	static const struct {
		enum script_end end;
		enum cause cause;
		const char *words;
	} ends[] = {
		{ SCRIPT_CLOSES, CAUSE_PROXY_HANGUP, "the proxy closed the connection" },
		{ SCRIPT_RESETS, CAUSE_PROXY_HANGUP, "the proxy closed the connection" },
		{ SCRIPT_SILENT, CAUSE_PROXY_TIMEOUT, "no answer from the proxy" },
	};

	for (size_t i = 0; i < COUNT(whole); i++)
		for (size_t n = 0; n < whole[i].n; n++)
			for (size_t e = 0; e < COUNT(ends); e++) {
				struct talk t;

				talk(&t, &to, span_bytes(whole[i].p, n), 1, ends[e].end);
				check(ends[e].words, !t.ok);
				check_int(ends[e].words, t.o.cause, ends[e].cause);
				check_part(ends[e].words, t.o.text, ends[e].words);
				check_int(
				    ends[e].words, outcome_verdict(&t.o), VERDICT_RETRY);
				talk_end(&t);
			}
}

TEST(a_proxy_that_takes_nothing_is_told_too)
{
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init(&s, NULL, 0, SCRIPT_SILENT);
	s.deaf = true;
	script_stream(&s, &stream);
	assert_false(socks_connect(&stream, &to, soon(), &o));
	assert_int_equal(o.cause, CAUSE_PROXY_TIMEOUT);
	stream_close(&stream);
	script_free(&s);
}

TEST(all_waits_are_under_one_deadline)
{
	const int64_t deadline = clock_in(5000);
	struct script s;
	struct stream stream;
	struct outcome o;

	script_init_bytes(
	    &s, (struct span)BYTES("\5\0\5\0\0\1\177\0\0\1\4\70"), SCRIPT_CLOSES);
	s.read_max = 1;
	s.hesitates = true;
	script_stream(&s, &stream);
	assert_true(socks_connect(&stream, &to, deadline, &o));
	assert_true(s.waits > 0);
	assert_true(s.deadline == deadline);
	stream_close(&stream);
	script_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_proxy_gets_a_name_as_a_name_and_an_address_as_an_address),
		cmocka_unit_test(the_request_waits_for_the_answer_to_the_hello),
		cmocka_unit_test(a_host_that_can_be_no_name_is_never_asked_for),
		cmocka_unit_test(
		    the_next_byte_is_the_servers_whatever_pieces_they_come_in),
		cmocka_unit_test(every_refusal_has_its_words_and_its_verdict),
		cmocka_unit_test(what_is_no_socks_proxy_is_told_from_its_words),
		cmocka_unit_test(a_reply_that_breaks_off_anywhere_is_no_success),
		cmocka_unit_test(a_proxy_that_takes_nothing_is_told_too),
		cmocka_unit_test(all_waits_are_under_one_deadline),
	};

	return cmocka_run_group_tests_name("socks", tests, NULL, NULL);
}
