/* SPDX-License-Identifier: ISC */
#include "lib/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "lib/server.h"
#include "net/dial.h"
#include "net/resolve.h"

static void
count(void *arg)
{
	++*(int *)arg;
}

static int
option_of(int fd, int level, int name)
{
	int value = -1;
	socklen_t n = sizeof value;

	assert_int_equal(getsockopt(fd, level, name, &value, &n), 0);
	return value;
}

TEST(a_connection_is_made_ready_for_a_pipelining_client)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", "LOCALHOST" };

	for (size_t i = 0; i < COUNT(hosts); i++) {
		struct server server;
		struct dialled result;
		struct outcome o;
		int meanwhile = 0;

		server_start(&server, "");
		{
			const struct dial d = {
				.host = hosts[i],
				.port = server.port,
				.deadline = clock_in(20000),
				.meanwhile = count,
				.arg = &meanwhile,
			};

			if (!dial(&d, &result, &o))
				fail_msg("%s: %s", hosts[i], o.text);
		}
		check_text(hosts[i], result.peer, "127.0.0.1");
		check_int(hosts[i], meanwhile, 1);
		check(hosts[i], (fcntl(result.fd, F_GETFL) & O_NONBLOCK) != 0);
		check(hosts[i], (fcntl(result.fd, F_GETFD) & FD_CLOEXEC) != 0);
		check(hosts[i], option_of(result.fd, IPPROTO_TCP, TCP_NODELAY) != 0);
		(void)close(result.fd);
		free(server_stop(&server));
	}
}

/* A port of 127.0.0.1 that is bound, so that nobody else has it, and on which nobody
 * listens. */
static int
deaf_port(int *fd)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(*fd, (struct sockaddr *)&a, n), 0);
	assert_int_equal(getsockname(*fd, (struct sockaddr *)&a, &n), 0);
	return ntohs(a.sin_port);
}

TEST(what_stands_in_the_way_is_told)
{
	static const struct {
		const char *host, *source_ip;
		enum cause cause;
		const char *words;
	} cases[] = {
		{ "127.0.0.1", NULL, CAUSE_CONNECT, "127.0.0.1" },
		{ "127.0.0.1", "nonsense", CAUSE_SOURCE_IP, "nonsense" },
		{ "127.0.0.1", "203.0.113.7", CAUSE_SOURCE_IP, "203.0.113.7" },
		{ "\377\376", NULL, CAUSE_NO_HOST, "" },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		int meanwhile = 0, bound;
		const struct dial d = {
			.host = cases[i].host,
			.port = deaf_port(&bound),
			.source_ip = cases[i].source_ip,
			.deadline = clock_in(20000),
			.meanwhile = count,
			.arg = &meanwhile,
		};
		struct dialled result;
		struct outcome o;

		check(cases[i].host, !dial(&d, &result, &o));
		check_int(cases[i].words, o.cause, cases[i].cause);
		check_part(cases[i].words, o.text, cases[i].words);
		(void)close(bound);
	}
}

TEST(a_numeric_address_and_localhost_need_no_asking)
{
	static const struct {
		const char *host;
		int family;
		const char *address; /* NULL: it has to be asked for */
	} cases[] = {
		{ "127.0.0.1", AF_INET, "127.0.0.1" },
		{ "192.0.2.1", AF_INET, "192.0.2.1" },
		{ "::1", AF_INET6, "::1" },
		{ "2001:db8::1", AF_INET6, "2001:db8::1" },
		{ "localhost", AF_INET, "127.0.0.1" },
		{ "LocalHost", AF_INET6, "::1" },
		{ "::1", AF_INET, NULL },
		{ "mx.example", AF_INET, NULL },
		{ "localhost.example", AF_INET, NULL },
		{ "", AF_INET, NULL },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		static struct lookup_answer answer;
		char text[INET6_ADDRSTRLEN] = "";
		bool ok = lookup_at_once(cases[i].host, 25, cases[i].family, &answer);

		check_int(cases[i].host, ok, cases[i].address != NULL);
		if (!ok)
			continue;
		check_int(cases[i].host, answer.n, 1);
		if (cases[i].family == AF_INET)
			(void)inet_ntop(AF_INET,
			    &((struct sockaddr_in *)&answer.addr[0])->sin_addr, text,
			    sizeof text);
		else
			(void)inet_ntop(AF_INET6,
			    &((struct sockaddr_in6 *)&answer.addr[0])->sin6_addr, text,
			    sizeof text);
		check_text(cases[i].host, text, cases[i].address);
	}
}

/* The child that looks up is gone when the look-up is, and so is its pipe. */
TEST(a_look_up_that_is_given_up_leaves_nothing_behind)
{
	struct lookup l = { 0, -1 };
	int before = dup(STDIN_FILENO), after;

	lookup_cancel(&l); /* never begun */
	assert_true(lookup_start(&l, "mx.example", 25, AF_INET));
	assert_true(l.pid > 0 && l.fd >= 0);
	lookup_cancel(&l);
	lookup_cancel(&l);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	after = dup(STDIN_FILENO);
	assert_int_equal(after, before + 1);
	(void)close(before);
	(void)close(after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_is_made_ready_for_a_pipelining_client),
		cmocka_unit_test(what_stands_in_the_way_is_told),
		cmocka_unit_test(a_numeric_address_and_localhost_need_no_asking),
		cmocka_unit_test(a_look_up_that_is_given_up_leaves_nothing_behind),
	};

	return cmocka_run_group_tests_name("dial", tests, NULL, NULL);
}
