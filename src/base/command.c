/* SPDX-License-Identifier: ISC */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define WORDS_MAX 65536 /* of the command's complaints, what is read */
#define WORDS_SHOWN 300 /* and what is quoted */

struct child {
	pid_t pid;
	int end; /* readable when the child has ended */
	int out; /* its standard output; -1 once closed */
	int err;
};

static void
become(const char *command, int out, int err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)signal(SIGPIPE, SIG_DFL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(err, STDERR_FILENO) >= 0)
		(void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

/* Closes what is open of the n descriptors. */
static void
close_all(int *fd, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fd[i] >= 0)
			(void)close(fd[i]);
}

static bool
start(struct child *c, const char *command)
{
	int fd[4] = { -1, -1, -1, -1 }; /* out: read, write; err: read, write */

	if (pipe2(fd, O_CLOEXEC) != 0 || pipe2(fd + 2, O_CLOEXEC) != 0) {
		close_all(fd, 4);
		return false;
	}
	*c = (struct child){ .pid = fork(), .end = -1, .out = fd[0], .err = fd[2] };
	if (c->pid == 0)
		become(command, fd[1], fd[3]);
	(void)close(fd[1]);
	(void)close(fd[3]);
	if (c->pid > 0)
		c->end = (int)syscall(SYS_pidfd_open, c->pid, 0);
	return c->pid > 0 && c->end >= 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) == 0 &&
	       fcntl(c->err, F_SETFL, O_NONBLOCK) == 0;
}

/* Takes what one pipe holds now; at its end, closes it. What passes the limit of `to`
 * is read and dropped, and marks it as overflowed. */
static void
drain(int *fd, struct buf *to)
{
	char chunk[4096];
	ssize_t n = -1;

	while (*fd >= 0 && (n = fd_read(*fd, chunk, sizeof chunk)) != 0) {
		if (n < 0)
			break;
		buf_add(to, chunk, (size_t)n);
	}
	explicit_bzero(chunk, sizeof chunk); /* it may have been a password */
	if (*fd >= 0 && n == 0) {
		(void)close(*fd);
		*fd = -1;
	}
}

/* Gathers both outputs until the command has ended. Its own children may live on and hold
 * the pipes open: they aren't waited for. False when the deadline passes first. */
static bool
gather(struct child *c, int64_t deadline, struct buf *out, struct buf *err)
{
	struct pollfd p[3] = { { 0 } };

	while (p[0].revents == 0) {
		p[0] = (struct pollfd){ c->end, POLLIN, 0 };
		p[1] = (struct pollfd){ c->out, POLLIN, 0 };
		p[2] = (struct pollfd){ c->err, POLLIN, 0 };
		if (poll(p, 3, clock_left(deadline)) == 0)
			return false;
		drain(&c->out, out);
		drain(&c->err, err);
	}
	return true;
}

static int
finish(struct child *c, bool kill_it)
{
	int status = 0;

	if (kill_it && c->pid > 0)
		(void)kill(c->pid, SIGKILL);
	while (c->pid > 0 && waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		continue;
	close_all((int[]){ c->end, c->out, c->err }, 3);
	return status;
}

static bool
judge(const char *command, int status, const struct buf *err, enum cause cause,
    struct outcome *o)
{
	struct span words = span_trim(buf_span(err));
	char how[32] = "";

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (WIFEXITED(status))
		(void)snprintf(how, sizeof how, "status %d", WEXITSTATUS(status));
	else
		(void)snprintf(how, sizeof how, "signal %d", WTERMSIG(status));
	if (words.n == 0)
		return outcome_fail(
		    o, cause, "the command \"%.120s\" ended with %s", command, how);
	return outcome_fail(o, cause, "the command \"%.120s\" ended with %s: %.*s",
	    command, how, (int)(words.n < WORDS_SHOWN ? words.n : WORDS_SHOWN), words.p);
}

bool
command_run(const char *command, int64_t deadline, struct buf *out, enum cause cause,
    struct outcome *o)
{
	struct child child = { .pid = -1, .end = -1, .out = -1, .err = -1 };
	struct buf err;
	bool ended;
	int status;
	bool ok;

	if (!start(&child, command)) {
		ok = outcome_fail(o, cause, "the command \"%.120s\" can't be run: %s",
		    command, strerror(errno));
		(void)finish(&child, true);
		return ok;
	}
	buf_init(&err, WORDS_MAX);
	ended = gather(&child, deadline, out, &err);
	status = finish(&child, !ended);
	if (!ended)
		ok = outcome_fail(o, cause,
		    "the command \"%.120s\" did not end in time and was stopped",
		    command);
	else if (!buf_ok(out))
		ok = outcome_fail(o, cause,
		    "the command \"%.120s\" wrote more than %zu bytes", command,
		    out->max);
	else
		ok = judge(command, status, &err, cause, o);
	buf_free(&err);
	return ok;
}
