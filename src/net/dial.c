/* SPDX-License-Identifier: ISC
 *
 * dial.c - Happy Eyeballs
 *
 * One loop waits for whatever comes first: an answer to one of the two look-ups, an
 * attempt that succeeds or fails, or the moment at which the next attempt may begin. It
 * ends when an attempt has succeeded, or when no look-up, no address and no attempt is
 * left.
 */
#include "net/dial.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/encode.h"
#include "net/resolve.h"

#define BLOCKED_PORT 25        /* by many networks: OP25B */
#define ATTEMPT_DELAY_MS 250   /* RFC 8305, 5 */
#define RESOLUTION_DELAY_MS 50 /* RFC 8305, 3: how long IPv4 waits for IPv6 */

enum { SIX, FOUR, FAMILIES };
static const int families[FAMILIES] = { AF_INET6, AF_INET };

struct attempt {
	int fd;
	const struct sockaddr_storage *to;
};

struct dialling {
	const struct dial *d;
	struct sockaddr_storage source; /* ss_family 0: none */
	struct lookup lookup[FAMILIES];
	struct lookup_answer answer[FAMILIES];
	int tried[FAMILIES]; /* how many of the answer's addresses */
	int last;            /* the family tried last */
	struct attempt attempt[FAMILIES * LOOKUP_MAX];
	int attempts;
	int64_t may_begin; /* when the next attempt may begin */
	int error;         /* errno of the last attempt that failed */
	bool met;          /* meanwhile() was called */
};

static socklen_t
length(const struct sockaddr_storage *a)
{
	return a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					: sizeof(struct sockaddr_in);
}

static enum cause
no_host(const struct dialling *g)
{
	return g->d->is_proxy ? CAUSE_PROXY_NO_HOST : CAUSE_NO_HOST;
}

static bool
looking_up(const struct dialling *g, int f)
{
	return g->lookup[f].fd >= 0;
}

static bool
take_source_ip(struct dialling *g, struct outcome *o)
{
	const char *ip = g->d->source_ip;
	struct sockaddr_in *four = (struct sockaddr_in *)&g->source;
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)&g->source;

	if (ip != NULL && inet_pton(AF_INET, ip, &four->sin_addr) == 1)
		g->source.ss_family = AF_INET;
	else if (ip != NULL && inet_pton(AF_INET6, ip, &six->sin6_addr) == 1)
		g->source.ss_family = AF_INET6;
	else if (ip != NULL)
		return outcome_fail(o, CAUSE_SOURCE_IP,
		    "cannot bind source ip %s: it is no IP address", ip);
	return true;
}

static bool
is_wanted(const struct dialling *g, int f)
{
	return g->source.ss_family == 0 || g->source.ss_family == families[f];
}

/* Begins the look-ups, where any are needed. */
static bool
look_up(struct dialling *g, struct outcome *o)
{
	char *host = domain_to_ascii(g->d->host);

	if (host == NULL)
		return outcome_fail(o, no_host(g),
		    "cannot locate host %s: it is no host name", g->d->host);
	for (int f = 0; f < FAMILIES; f++)
		(void)lookup_at_once(host, g->d->port, families[f], &g->answer[f]);
	if (g->answer[SIX].n + g->answer[FOUR].n == 0)
		for (int f = 0; f < FAMILIES; f++)
			if (is_wanted(g, f) &&
			    !lookup_start(&g->lookup[f], host, g->d->port, families[f]))
				g->answer[f].error = EAI_SYSTEM;
	free(host);
	return true;
}

static void
fail_attempt(struct dialling *g, struct attempt *a)
{
	g->error = errno;
	if (a->fd >= 0)
		(void)close(a->fd);
	*a = g->attempt[--g->attempts];
	g->may_begin = 0;
}

/* Whether an address of the family is left to be tried now. */
static bool
is_ready(const struct dialling *g, int f, int64_t now)
{
	if (!is_wanted(g, f) || g->tried[f] >= g->answer[f].n)
		return false;
	return f == SIX || !looking_up(g, SIX) || now >= g->may_begin;
}

/* The next address, IPv6 first, then the families by turns; NULL: none now. */
static const struct sockaddr_storage *
next_address(struct dialling *g, int64_t now)
{
	int f = g->last == SIX ? FOUR : SIX;

	if (!is_ready(g, f, now))
		f = f == SIX ? FOUR : SIX;
	if (!is_ready(g, f, now))
		return NULL;
	g->last = f;
	return &g->answer[f].addr[g->tried[f]++];
}

static bool
bind_source(const struct dialling *g, int fd, struct outcome *o)
{
	if (g->source.ss_family == 0 ||
	    bind(fd, (const struct sockaddr *)&g->source, length(&g->source)) == 0)
		return true;
	return outcome_fail(o, CAUSE_SOURCE_IP, "cannot bind source ip %s: %s",
	    g->d->source_ip, strerror(errno));
}

/* Begins to connect; what fails at once is recorded like what fails later. False only
 * where the local address can't be used. */
static bool
begin_attempt(struct dialling *g, const struct sockaddr_storage *to, struct outcome *o)
{
	struct attempt *a = &g->attempt[g->attempts++];
	const int on = 1;

	*a = (struct attempt){
		socket(to->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), to
	};
	g->may_begin = clock_in(ATTEMPT_DELAY_MS);
	if (a->fd >= 0 && !bind_source(g, a->fd, o))
		return false;
	if (a->fd >= 0)
		(void)setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (a->fd < 0 || (connect(a->fd, (const struct sockaddr *)to, length(to)) != 0 &&
			     errno != EINPROGRESS))
		fail_attempt(g, a);
	return true;
}

static bool
begin_attempts(struct dialling *g, struct outcome *o)
{
	const struct sockaddr_storage *to;
	int64_t now = clock_now();

	while ((g->attempts == 0 || now >= g->may_begin) &&
	       (to = next_address(g, now)) != NULL)
		if (!begin_attempt(g, to, o))
			return false;
	if (g->attempts > 0 && !g->met && g->d->meanwhile != NULL)
		g->d->meanwhile(g->d->arg);
	g->met |= g->attempts > 0;
	return true;
}

static void
take_answers(struct dialling *g, const struct pollfd *p)
{
	for (int f = 0; f < FAMILIES; f++) {
		if (p[f].revents == 0)
			continue;
		lookup_take(&g->lookup[f], &g->answer[f]);
		if (f == FOUR && looking_up(g, SIX) && g->attempts == 0)
			g->may_begin = clock_in(RESOLUTION_DELAY_MS);
	}
}

/* The attempt that has succeeded, or NULL. */
static struct attempt *
check_attempts(struct dialling *g, const struct pollfd *p)
{
	for (int i = g->attempts - 1; i >= 0; i--) {
		int error = 0;
		socklen_t size = sizeof error;

		if (p[i].revents == 0)
			continue;
		if (getsockopt(g->attempt[i].fd, SOL_SOCKET, SO_ERROR, &error, &size) ==
			0 &&
		    error == 0)
			return &g->attempt[i];
		errno = error != 0 ? error : errno;
		fail_attempt(g, &g->attempt[i]);
	}
	return NULL;
}

/* Whether some address still waits for its moment. */
static bool
has_waiting(const struct dialling *g)
{
	for (int f = 0; f < FAMILIES; f++)
		if (is_wanted(g, f) && g->tried[f] < g->answer[f].n)
			return true;
	return false;
}

/* Waits for the next event. False when nothing is left to wait for, or at the deadline.
 */
static bool
step(struct dialling *g, struct attempt **won)
{
	struct pollfd p[FAMILIES + FAMILIES * LOOKUP_MAX];
	int64_t until = g->d->deadline;
	int n = FAMILIES;

	if (g->attempts == 0 && !looking_up(g, SIX) && !looking_up(g, FOUR))
		return false;
	for (int f = 0; f < FAMILIES; f++)
		p[f] = (struct pollfd){ g->lookup[f].fd, POLLIN, 0 };
	for (int i = 0; i < g->attempts; i++)
		p[n++] = (struct pollfd){ g->attempt[i].fd, POLLOUT, 0 };
	if (has_waiting(g))
		until = clock_first(until, g->may_begin);
	if (poll(p, (nfds_t)n, clock_left(until)) < 0)
		return errno == EINTR;
	*won = check_attempts(g, p + FAMILIES);
	take_answers(g, p);
	return *won != NULL || clock_left(g->d->deadline) > 0;
}

/* Why no connection came about, although there were addresses to try. */
static bool
explain_attempts(const struct dialling *g, struct outcome *o)
{
	const char *why = "no answer in time";

	if (g->attempts > 0 && !g->d->is_proxy && g->d->port == BLOCKED_PORT)
		return outcome_fail(o, CAUSE_PORT25,
		    "cannot connect to %s, port 25: no answer in time; that port is "
		    "usually blocked on home, mobile and cloud networks (OP25B)",
		    g->d->host);
	if (g->attempts == 0)
		why = strerror(g->error);
	return outcome_fail(o, g->d->is_proxy ? CAUSE_PROXY_DOWN : CAUSE_CONNECT,
	    "cannot connect to %s, port %d: %s", g->d->host, g->d->port, why);
}

static bool
explain(const struct dialling *g, struct outcome *o)
{
	const char *host = g->d->host;
	int error = g->answer[SIX].error;

	if (g->tried[SIX] + g->tried[FOUR] > 0)
		return explain_attempts(g, o);
	if (looking_up(g, SIX) || looking_up(g, FOUR)) {
		(void)outcome_fail(o, CAUSE_DNS,
		    "cannot locate host %s: the name servers do not answer", host);
		return lookup_note_servers(NAME_SERVERS_FILE, o);
	}
	if (is_wanted(g, FOUR) && (!is_wanted(g, SIX) || !lookup_may_recover(error)))
		error = g->answer[FOUR].error;
	if (g->source.ss_family != 0 && !lookup_may_recover(error))
		return outcome_fail(o, CAUSE_SOURCE_IP,
		    "%s has no address of the kind that source_ip %s is", host,
		    g->d->source_ip);
	if (lookup_may_recover(error)) {
		(void)outcome_fail(
		    o, CAUSE_DNS, "cannot locate host %s: %s", host, gai_strerror(error));
		return lookup_note_servers(NAME_SERVERS_FILE, o);
	}
	return outcome_fail(
	    o, no_host(g), "cannot locate host %s: there is no such name", host);
}

static void
clean_up(struct dialling *g)
{
	for (int f = 0; f < FAMILIES; f++)
		lookup_cancel(&g->lookup[f]);
	for (int i = 0; i < g->attempts; i++)
		if (g->attempt[i].fd >= 0)
			(void)close(g->attempt[i].fd);
}

static bool
run(struct dialling *g, struct attempt **won, struct outcome *o)
{
	if (!take_source_ip(g, o) || !look_up(g, o))
		return false;
	while (*won == NULL) {
		if (!begin_attempts(g, o))
			return false;
		if (!step(g, won))
			return explain(g, o);
	}
	return true;
}

bool
dial(const struct dial *d, struct dialled *result, struct outcome *o)
{
	struct dialling g = {
		.d = d,
		.lookup = { { 0, -1 }, { 0, -1 } },
		.last = FOUR,
	};
	struct attempt *won = NULL;
	bool ok = run(&g, &won, o);

	if (ok) {
		assert(won != NULL);
		result->fd = won->fd;
		lookup_print(won->to, result->peer);
		won->fd = -1;
	}
	clean_up(&g);
	return ok;
}
