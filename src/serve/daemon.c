/* SPDX-License-Identifier: ISC */
#include "serve/daemon.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"
#include "serve/worker.h"

#define GRACE_MS 30000
#define SESSIONS_MAX 100  /* of one process */
#define FULL_PAUSE_MS 100 /* where there is no descriptor for who has come */
#define FULL "421 4.7.0 too many connections, try again later\r\n"

/* What signals have asked for. */
static volatile sig_atomic_t stops, rereads, ended;

/* In a process that serves clients: where it waits while it rests. */
static volatile sig_atomic_t rests;
static int rest_fd;

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

/* Nothing more is read from the client, which still gets what it is to hear; or between
 * two of them, from who would send the next. */
static void
stop_session(int signal_number)
{
	const int before = errno;

	(void)signal_number;
	stops = 1;
	if (rests)
		(void)shutdown(rest_fd, SHUT_RD);
	errno = before;
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

/* Who isn't let in hears why, if it listens: nobody waits for it. */
static void
turn_away(const struct arrival *a)
{
	(void)send(a->fd, FULL, strlen(FULL), MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)close(a->fd);
}

/* One behind the other: they have nothing in common but the process. */
static void
serve_clients(struct daemon *d, struct arrival *a, int channel)
{
	for (int n = 1;; n++) {
		rest_fd = a->fd;
		d->serve(d->arg, a);
		if (channel < 0 || n == SESSIONS_MAX)
			return;
		rest_fd = channel;
		rests = 1;
		if (stops || !worker_next(channel, a))
			return;
		rests = 0;
	}
}

static void
handle_as_child(void)
{
	handle(SIGINT, SIG_DFL);
	handle(SIGHUP, SIG_IGN);
	handle(SIGCHLD, SIG_DFL);
}

static void
close_listeners(const struct daemon *d)
{
	for (size_t i = 0; i < d->listeners->n; i++)
		(void)close(d->listeners->v[i].fd);
}

static void
work(struct daemon *d, const struct arrival *first, int channel, const sigset_t *before)
{
	struct arrival a = *first;

	handle(SIGTERM, stop_session);
	handle_as_child();
	close_listeners(d);
	rests = 0;
	rest_fd = a.fd;
	(void)sigprocmask(SIG_SETMASK, before, NULL);
	serve_clients(d, &a, channel);
	_exit(0);
}

/* Without what is the clients'. */
static void
accompany(struct daemon *d, const sigset_t *before)
{
	pid_t pid;

	if (!companion_is_due(&d->companion))
		return;
	pid = child_fork(SIGTERM);
	if (pid == 0) {
		handle(SIGTERM, SIG_DFL);
		handle_as_child();
		close_listeners(d);
		(void)sigprocmask(SIG_SETMASK, before, NULL);
		d->companion.run(d->companion.arg);
		_exit(0);
	}
	companion_note(&d->companion, pid);
}

static void
let_in(
    struct daemon *d, struct workers *w, const struct arrival *a, const sigset_t *before)
{
	const bool is_here = a->is_local && *a->address != '\0';
	char who[LISTEN_NAME_MAX];
	int channel;
	pid_t pid;

	name_client(a, who);
	if (workers_busy(w, NULL) >= d->most ||
	    workers_busy(w, who) >= (is_here ? d->most_here : d->most_each)) {
		turn_away(a);
		return;
	}
	if (workers_give(w, a, who)) {
		(void)close(a->fd);
		return;
	}
	pid = workers_begin(w, who, &channel);
	if (pid == 0)
		work(d, a, channel, before);
	if (pid < 0)
		turn_away(a);
	else
		(void)close(a->fd);
}

/* A few of each listener, so that none waits for another. */
static void
let_in_those_who_wait(
    struct daemon *d, struct workers *w, const struct pollfd *p, const sigset_t *before)
{
	struct arrival a;
	bool full = false;

	for (size_t i = 0; i < d->listeners->n; i++)
		for (int n = 0; n < 16 && p[i].revents != 0 &&
				listen_accept(&d->listeners->v[i], &a, &full);
		     n++)
			let_in(d, w, &a, before);
	if (full) /* who waits would else wake us at once */
		clock_pause(FULL_PAUSE_MS);
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
	const struct companion *c = &d->companion;
	int64_t next = d->deadline;
	int ms;

	if (c->run != NULL && c->pid == 0)
		next = next != 0 ? clock_first(next, c->due) : c->due;
	ms = clock_left(next);
	*left = (struct timespec){ ms / 1000, ms % 1000 * 1000000L };
	return next != 0 ? left : NULL;
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

/* Signals, too: those that are let in by `before`. */
static bool
wait_for_events(const struct daemon *d, struct workers *w, struct pollfd *p,
    const sigset_t *before, struct outcome *o)
{
	const size_t count = d->listeners->n;
	struct timespec left;
	size_t all = count;
	int n;

	for (size_t i = 0; i < count; i++)
		p[i] = (struct pollfd){ .fd = d->listeners->v[i].fd, .events = POLLIN };
	p[all++] = (struct pollfd){ .fd = d->wake, .events = POLLIN };
	all += workers_watch(w, p + all);
	n = ppoll(p, all, time_left(d, &left), before);
	if (n < 0 && errno != EINTR)
		return outcome_fail(o, CAUSE_SYSTEM, "%s", strerror(errno));
	for (size_t i = 0; i < all && n < 0; i++)
		p[i].revents = 0;
	if (p[count].revents != 0)
		take_wakes(d->wake);
	workers_hear(w, p + count + 1);
	let_signals_in(before);
	return true;
}

static void
obey_signals(struct daemon *d, struct workers *w)
{
	if (rereads && d->reread != NULL && d->reread(d->arg)) {
		workers_dismiss(w); /* they know the settings from before */
		companion_renew(&d->companion);
	}
	rereads = 0;
	if (ended) {
		ended = 0;
		companion_reap(&d->companion);
		workers_reap(w);
	}
}

/* Both at the same time. */
static void
end_all(struct daemon *d, struct workers *w, const sigset_t *before)
{
	const int grace = d->grace > 0 ? d->grace : GRACE_MS;
	const int64_t deadline = clock_in(grace);

	listen_close(d->listeners);
	companion_stop(&d->companion);
	workers_end(w, grace, before);
	companion_end(&d->companion, deadline, before);
}

bool
daemon_run(struct daemon *d, struct outcome *o)
{
	const size_t polled = d->listeners->n + 1 + WORKER_CHANNELS_MAX;
	struct pollfd *p = mem_grow(NULL, polled, sizeof *p);
	struct workers workers = { NULL, 0 };
	sigset_t before;
	bool ok = true;

	stops = rereads = ended = 0;
	hold_signals(&before);
	accompany(d, &before);
	d->ready(d->arg);
	while (ok && !stops) {
		ok = wait_for_events(d, &workers, p, &before, o);
		if (!ok || stops)
			break;
		obey_signals(d, &workers);
		if (is_over(d))
			break;
		accompany(d, &before);
		let_in_those_who_wait(d, &workers, p, &before);
	}
	end_all(d, &workers, &before);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	free(p);
	return ok;
}
