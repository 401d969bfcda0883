/* SPDX-License-Identifier: ISC
 *
 * test_check.c - the doctor comes to an end
 */
#include "lib/unit.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "conf/option.h"
#include "lib/sample.h"
#include "probe/check.h"

#define LIMIT 1        /* second, in place of CHECK_SECONDS_MAX */
#define LONG_AGO 10000 /* milliseconds: less than one server is waited for */

/* A server that the system answers for, and that never says a word; its port in *port. */
static int
silent_server(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t n = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void
set(struct account *a, const char *name, const char *value)
{
	const struct origin here = { "rc", 1, true };
	struct outcome o;

	if (!option_set(
		a, option_find(span_of(name)), span_of(value), here, CAUSE_CONFIG, &o))
		fail_msg("%s: %s", name, o.text);
}

static bool
has_finding(const struct checkup *c, const char *what)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->v[i].what, what) == 0)
			return true;
	return false;
}

/* Each alone would be waited for longer than all of them are. */
TEST(many_servers_that_are_silent_are_looked_at_for_so_long_in_all)
{
	struct checkup c = { .seconds = LIMIT };
	struct account *a = account_new("work");
	struct config config = { 0 };
	const int64_t began = clock_now();
	int port, fd = silent_server(&port);
	char number[16];

	(void)snprintf(number, sizeof number, "%d", port);
	set(a, "host", "127.0.0.1, 127.0.0.1, 127.0.0.1, 127.0.0.1");
	set(a, "port", number);
	assert_false(checkup_run(&c, &config, a));
	assert_int_equal(c.why.cause, CAUSE_TIMEOUT);
	assert_true(clock_now() - began < LONG_AGO);
	assert_true(clock_now() - began >= LIMIT * 1000);
	assert_true(
	    has_finding(&c, "queue")); /* what needs no server is told all the same */
	checkup_free(&c);
	account_free(a);
	(void)close(fd);
}

TEST(the_queue_of_who_submits_to_a_service_is_not_said_to_be_off)
{
	struct checkup c = { .seconds = LIMIT };
	struct account *a = account_new("service");
	struct config config = { 0 };

	set(a, "socket", "/nonexistent/socket");
	assert_false(checkup_run(&c, &config, a));
	assert_true(has_finding(&c, "queue"));
	for (size_t i = 0; i < c.n; i++)
		if (strcmp(c.v[i].what, "queue") == 0) {
			check_part("queue", c.v[i].text, "/nonexistent/socket");
			check("queue", strstr(c.v[i].text, "off:") == NULL);
		}
	checkup_free(&c);
	account_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    many_servers_that_are_silent_are_looked_at_for_so_long_in_all),
		cmocka_unit_test(
		    the_queue_of_who_submits_to_a_service_is_not_said_to_be_off),
	};

	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
