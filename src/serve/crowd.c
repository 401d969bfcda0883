/* SPDX-License-Identifier: ISC */
#include "serve/crowd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/mem.h"
#include "net/socket.h"

#define LISTENERS_MAX 16
#define GRACE_MS 1000
#define REST_MS 100 /* where the system has no process or descriptor left */

struct state {
	const struct crowd *crowd;
	pid_t *child;
	size_t n;
	int signals; /* signalfd(2) */
	sigset_t before;
	bool stopped;
	int64_t rest; /* no client is taken in before */
};

static void
serve_one(const struct state *s, int fd, const struct peer *who)
{
	struct visitor visitor = {
		.address = who->address[0] != '\0' ? who->address : NULL,
		.place = who->place,
		.uid = who->uid,
	};
	struct socket socket = { fd };
	struct stream stream;

	(void)sigprocmask(SIG_SETMASK, &s->before, NULL);
	stream_init(&stream, &socket_carrier, &socket);
	serve_session(s->crowd->service, &visitor, &stream, fd, NULL);
}

/* Gives the client a process. False where there is no client, or no process. */
static bool
take_client(struct state *s, const struct door *l)
{
	struct peer who;
	int fd = door_accept(l, &who);
	pid_t pid;

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOMEM)
			s->rest = clock_in(REST_MS);
		return false;
	}
	pid = child_fork(SIGKILL);
	if (pid == 0) {
		serve_one(s, fd, &who);
		_exit(0);
	}
	(void)close(fd);
	if (pid < 0) {
		s->rest = clock_in(REST_MS);
		return false;
	}
	s->child = mem_room(s->child, s->n, sizeof *s->child);
	s->child[s->n++] = pid;
	return true;
}

/* Those that have ended make room. */
static void
bury(struct state *s)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		for (size_t i = 0; i < s->n; i++)
			if (s->child[i] == pid) {
				s->child[i] = s->child[--s->n];
				break;
			}
}

static void
take_signals(struct state *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof info) == (ssize_t)sizeof info)
		s->stopped |= info.ssi_signo != SIGCHLD;
	bury(s);
}

static void
take_wakes(const struct crowd *c)
{
	uint64_t times;

	while (read(c->wake, &times, sizeof times) > 0)
		continue;
}

/* Waits for something to happen, and sees to it. */
static void
turn(struct state *s)
{
	const struct crowd *c = s->crowd;
	const bool full = s->n >= c->max, rests = clock_left(s->rest) > 0;
	struct pollfd p[LISTENERS_MAX + 2] = {
		{ .fd = s->signals, .events = POLLIN },
		{ .fd = c->wake, .events = POLLIN },
	};

	for (size_t i = 0; i < c->listeners; i++)
		p[i + 2] = (struct pollfd){ .fd = full || rests ? -1 : c->listener[i].fd,
			.events = POLLIN };
	if (poll(p, c->listeners + 2,
		clock_left(rests ? clock_first(s->rest, c->deadline) : c->deadline)) <= 0)
		return;
	if (p[0].revents != 0)
		take_signals(s);
	if (p[1].revents != 0)
		take_wakes(c);
	for (size_t i = 0; i < c->listeners; i++)
		while ((p[i + 2].revents & POLLIN) != 0 && s->n < c->max &&
		       take_client(s, &c->listener[i]))
			continue;
}

static bool
begin(struct state *s, const struct crowd *c, struct outcome *o)
{
	sigset_t watched;

	*s = (struct state){ .crowd = c };
	(void)sigemptyset(&watched);
	(void)sigaddset(&watched, SIGCHLD);
	(void)sigaddset(&watched, SIGINT);
	(void)sigaddset(&watched, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &watched, &s->before);
	s->signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals >= 0 ||
	       outcome_fail(o, CAUSE_SYSTEM, "signalfd: %s", strerror(errno));
}

/* Whose last mail was what was waited for still has to hear that it was taken. */
static void
let_end(struct state *s)
{
	const int64_t deadline = clock_in(GRACE_MS);

	while (s->n > 0 && socket_wait(s->signals, POLLIN, deadline) != 0)
		take_signals(s);
}

static void
end_all(struct state *s)
{
	for (size_t i = 0; i < s->n; i++)
		(void)child_kill(s->child[i]);
	free(s->child);
	(void)close(s->signals);
	(void)sigprocmask(SIG_SETMASK, &s->before, NULL);
}

bool
crowd_serve(const struct crowd *c, enum crowd_end *end, struct outcome *o)
{
	struct state s;

	if (!begin(&s, c, o))
		return false;
	*end = CROWD_DONE;
	while (c->is_done == NULL || !c->is_done(c->arg)) {
		if (s.stopped || clock_left(c->deadline) == 0) {
			*end = s.stopped ? CROWD_STOPPED : CROWD_LATE;
			break;
		}
		turn(&s);
	}
	if (*end == CROWD_DONE)
		let_end(&s);
	end_all(&s);
	return true;
}
