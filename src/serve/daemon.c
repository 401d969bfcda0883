/* SPDX-License-Identifier: ISC */
#include "serve/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"

#define GRACE_MS 30000
#define FULL "421 4.7.0 too many connections, try again later\r\n"

/* What signals have asked for. */
static volatile sig_atomic_t stops, rereads, ended;

/* In a process of a session. */
static volatile sig_atomic_t rests;
static int session_fd;

struct child {
	pid_t pid;
	char who[LISTEN_NAME_MAX]; /* as arrival.address, or the user */
};

struct children {
	struct child *v;
	size_t n;
};

static void
note_signal(int signal_number)
{
	if (signal_number == SIGHUP)
		rereads = 1;
	else if (signal_number == SIGCHLD)
		ended = 1;
	else
		stops = 1;
}

static void
handle(int signal_number, void (*handler)(int))
{
	struct sigaction a = { .sa_handler = handler };

	(void)sigemptyset(&a.sa_mask);
	(void)sigaction(signal_number, &a, NULL);
}

/* The signals that are only let in where they are waited for; *before has none of them.
 */
static void
hold_signals(sigset_t *before)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sigset_t held;

	(void)sigemptyset(&held);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		(void)sigaddset(&held, numbers[i]);
	(void)sigprocmask(SIG_BLOCK, &held, before);
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		handle(numbers[i], note_signal);
		(void)sigdelset(before, numbers[i]);
	}
}

/* Nothing more is read from the client; what it hears it still gets. */
static void
stop_session(int signal_number)
{
	(void)signal_number;
	stops = 1;
	if (rests)
		(void)shutdown(session_fd, SHUT_RD);
}

bool
daemon_rests(bool resting)
{
	rests = resting;
	return stops != 0;
}

static void
name_client(const struct arrival *a, char who[LISTEN_NAME_MAX])
{
	const char *name = *a->address != '\0' ? a->address : a->place;

	memcpy(who, name, strnlen(name, LISTEN_NAME_MAX - 1) + 1);
	who[LISTEN_NAME_MAX - 1] = '\0';
}

static size_t
count_of(const struct children *c, const char *who)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += strcmp(c->v[i].who, who) == 0;
	return n;
}

/* Who isn't let in hears why, if it listens: nobody waits for it. */
static void
turn_away(const struct arrival *a)
{
	(void)send(a->fd, FULL, strlen(FULL), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(a->fd);
}

static void
serve_child(struct daemon *d, const struct arrival *a, const sigset_t *before)
{
	session_fd = a->fd;
	rests = 0;
	handle(SIGTERM, stop_session);
	handle(SIGINT, SIG_DFL);
	handle(SIGHUP, SIG_IGN);
	handle(SIGCHLD, SIG_DFL);
	for (size_t i = 0; i < d->listeners->n; i++)
		(void)close(d->listeners->v[i].fd);
	(void)sigprocmask(SIG_SETMASK, before, NULL);
	d->serve(d->arg, a);
	_exit(0);
}

static void
let_in(
    struct daemon *d, struct children *c, const struct arrival *a, const sigset_t *before)
{
	struct child child;

	name_client(a, child.who);
	if (c->n >= d->most || count_of(c, child.who) >= d->most_each) {
		turn_away(a);
		return;
	}
	child.pid = child_fork(SIGTERM);
	if (child.pid == 0)
		serve_child(d, a, before);
	if (child.pid < 0) {
		turn_away(a);
		return;
	}
	(void)close(a->fd);
	c->v = mem_room(c->v, c->n, sizeof *c->v);
	c->v[c->n++] = child;
}

static void
reap(struct children *c)
{
	pid_t pid;

	ended = 0;
	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < c->n; i++)
			if (c->v[i].pid == pid)
				c->v[i--] = c->v[--c->n];
}

static void
signal_all(const struct children *c, int signal_number)
{
	for (size_t i = 0; i < c->n; i++)
		(void)kill(c->v[i].pid, signal_number);
}

static void
take_leave(struct children *c, int grace, const sigset_t *before)
{
	const int64_t deadline = clock_in(grace > 0 ? grace : GRACE_MS);

	signal_all(c, SIGTERM);
	reap(c);
	while (c->n > 0 && clock_left(deadline) > 0) {
		const int left = clock_left(deadline);
		const struct timespec wait = { left / 1000, left % 1000 * 1000000L };

		(void)ppoll(NULL, 0, &wait, before);
		reap(c);
	}
	signal_all(c, SIGKILL);
	while (c->n > 0 && (waitpid(c->v[c->n - 1].pid, NULL, 0) >= 0 || errno == ECHILD))
		c->n--;
}

/* A few of each listener, so that none waits for another. */
static void
let_in_those_who_wait(
    struct daemon *d, struct children *c, const struct pollfd *p, const sigset_t *before)
{
	struct arrival a;

	for (size_t i = 0; i < d->listeners->n; i++)
		for (int n = 0; n < 16 && p[i].revents != 0 &&
				listen_accept(&d->listeners->v[i], &a);
		     n++)
			let_in(d, c, &a, before);
}

/* Lets signals in, too, where clients never cease to come: ppoll(2) alone doesn't. */
static void
let_signals_in(const sigset_t *before)
{
	sigset_t held;

	(void)sigprocmask(SIG_SETMASK, before, &held);
	(void)sigprocmask(SIG_SETMASK, &held, NULL);
}

/* For ppoll(2): NULL is for ever. */
static const struct timespec *
time_left(const struct daemon *d, struct timespec *left)
{
	const int ms = clock_left(d->deadline);

	*left = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	return d->deadline != 0 ? left : NULL;
}

static void
take_wakes(int fd)
{
	char times[64];

	while (read(fd, times, sizeof times) > 0)
		continue;
}

static bool
is_over(const struct daemon *d)
{
	return (d->deadline != 0 && clock_left(d->deadline) == 0) ||
	       (d->is_done != NULL && d->is_done(d->arg));
}

static bool
wait_for_clients(
    const struct daemon *d, struct pollfd *p, const sigset_t *before, struct outcome *o)
{
	const size_t count = d->listeners->n;
	struct timespec left;
	int n;

	for (size_t i = 0; i < count; i++)
		p[i] = (struct pollfd){ .fd = d->listeners->v[i].fd, .events = POLLIN };
	p[count] = (struct pollfd){ .fd = d->wake, .events = POLLIN };
	n = ppoll(p, count + 1, time_left(d, &left), before);
	if (n < 0 && errno != EINTR)
		return outcome_fail(o, CAUSE_SYSTEM, "%s", strerror(errno));
	for (size_t i = 0; i <= count && n < 0; i++)
		p[i].revents = 0;
	if (p[count].revents != 0)
		take_wakes(d->wake);
	let_signals_in(before);
	return true;
}

bool
daemon_run(struct daemon *d, struct outcome *o)
{
	struct pollfd *p = mem_grow(NULL, d->listeners->n + 1, sizeof *p);
	struct children children = { NULL, 0 };
	sigset_t before;
	bool ok = true;

	stops = rereads = ended = 0;
	hold_signals(&before);
	d->ready(d->arg);
	while (ok && !stops) {
		ok = wait_for_clients(d, p, &before, o);
		if (!ok || stops)
			break;
		if (rereads && d->reread != NULL)
			d->reread(d->arg);
		rereads = 0;
		if (ended)
			reap(&children);
		if (is_over(d))
			break;
		let_in_those_who_wait(d, &children, p, &before);
	}
	listen_close(d->listeners);
	take_leave(&children, d->grace, &before);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	free(children.v);
	free(p);
	return ok;
}
