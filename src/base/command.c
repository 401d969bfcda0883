/* SPDX-License-Identifier: ISC */
#include "base/command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"

#define WORDS_MAX 65536 /* of the command's complaints, what is read */
#define WORDS_SHOWN 300 /* and what is quoted */

struct program {
	const char *const *argv;
	const char *name; /* what people know it by */
};

struct child {
	pid_t pid;  /* -1: none */
	int status; /* of waitpid(2), once it has ended */
	bool ended;
	int signals; /* readable when some child has ended */
	int out;     /* its standard output; -1 once closed */
	int err;
	sigset_t before; /* the signals that were blocked before */
};

static void
become(const struct child *c, const char *const *argv, int out, int err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &c->before, NULL);
	if (null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(err, STDERR_FILENO) >= 0)
		(void)execvp(argv[0], (char *const *)(uintptr_t)argv); /* changes none */
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

/* SIGCHLD comes through a descriptor, so that one poll(2) waits for everything. */
static bool
watch_children(struct child *c)
{
	sigset_t ended;

	(void)sigemptyset(&ended);
	(void)sigaddset(&ended, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &ended, &c->before);
	c->signals = signalfd(-1, &ended, SFD_CLOEXEC | SFD_NONBLOCK);
	return c->signals >= 0;
}

static bool
start(struct child *c, const char *const *argv)
{
	int fd[4] = { -1, -1, -1, -1 }; /* out: read, write; err: read, write */

	*c = (struct child){ .pid = -1, .signals = -1, .out = -1, .err = -1 };
	if (!watch_children(c))
		return false;
	if (pipe2(fd, O_CLOEXEC) == 0 && pipe2(fd + 2, O_CLOEXEC) == 0)
		c->pid = child_fork(SIGTERM);
	if (c->pid == 0)
		become(c, argv, fd[1], fd[3]);
	c->out = fd[0];
	c->err = fd[2];
	close_all((int[]){ fd[1], fd[3] }, 2);
	return c->pid > 0 && fcntl(c->out, F_SETFL, O_NONBLOCK) == 0 &&
	       fcntl(c->err, F_SETFL, O_NONBLOCK) == 0;
}

/* Takes a piece of what a pipe holds; at its end, closes it. False where nothing was
 * there. */
static bool
drain(int *fd, struct buf *to)
{
	char chunk[4096];
	ssize_t n = *fd >= 0 ? fd_read(*fd, chunk, sizeof chunk) : -1;

	if (n > 0)
		buf_add(to, chunk, (size_t)n);
	explicit_bzero(chunk, sizeof chunk); /* it may have been a password */
	if (n == 0) {
		(void)close(*fd);
		*fd = -1;
	}
	return n > 0;
}

static void
check_end(struct child *c)
{
	struct signalfd_siginfo which;

	while (fd_read(c->signals, &which, sizeof which) > 0)
		continue;
	c->ended = c->ended || waitpid(c->pid, &c->status, WNOHANG) == c->pid;
}

/* Gathers both outputs until the command has ended, or its output is too long. Its own
 * children may live on and hold the pipes open: they aren't waited for. False when the
 * deadline passes first. */
static bool
gather(struct child *c, int64_t deadline, struct buf *out, struct buf *err)
{
	while (!c->ended && buf_ok(out)) {
		struct pollfd p[3] = { { c->signals, POLLIN, 0 }, { c->out, POLLIN, 0 },
			{ c->err, POLLIN, 0 } };

		if (clock_left(deadline) == 0)
			return false;
		(void)poll(p, 3, clock_left(deadline));
		(void)drain(&c->out, out);
		(void)drain(&c->err, err);
		check_end(c);
	}
	while (buf_ok(out) && drain(&c->out, out))
		continue;
	while (buf_ok(err) && drain(&c->err, err))
		continue;
	return true;
}

static void
finish(struct child *c)
{
	if (!c->ended && c->pid > 0)
		c->status = child_kill(c->pid);
	close_all((int[]){ c->signals, c->out, c->err }, 3);
	(void)sigprocmask(SIG_SETMASK, &c->before, NULL);
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

/* Runs it to its end. */
static bool
run(const struct program *p, int64_t deadline, struct buf *out, struct buf *words,
    int *status, enum cause cause, struct outcome *o)
{
	struct child child;
	bool ok = false;

	if (!start(&child, p->argv))
		(void)outcome_fail(o, CAUSE_SYSTEM,
		    "the command \"%.120s\" can't be run: %s", p->name, strerror(errno));
	else if (!gather(&child, deadline, out, words))
		(void)outcome_fail(o, cause,
		    "the command \"%.120s\" did not end in time and was stopped",
		    p->name);
	else if (!buf_ok(out))
		(void)outcome_fail(o, cause,
		    "the command \"%.120s\" wrote more than %zu bytes", p->name,
		    out->max);
	else
		ok = true;
	finish(&child);
	*status = child.status;
	return ok;
}

bool
command_run(const char *command, int64_t deadline, struct buf *out, enum cause cause,
    struct outcome *o)
{
	const char *const argv[] = { "/bin/sh", "-c", command, NULL };
	const struct program p = { argv, command };
	struct buf words;
	int status;
	bool ok;

	buf_init(&words, WORDS_MAX);
	ok = run(&p, deadline, out, &words, &status, cause, o) &&
	     judge(command, status, &words, cause, o);
	buf_free(&words);
	return ok;
}

bool
command_execute(const char *const *argv, int64_t deadline, struct buf *out,
    struct buf *words, int *status, enum cause cause, struct outcome *o)
{
	const struct program p = { argv, argv[0] };

	return run(&p, deadline, out, words, status, cause, o);
}

bool
command_exists(const char *name)
{
	const char *path = secure_getenv("PATH");
	struct span left = span_of(path != NULL ? path : ""), folder;
	bool found = false;

	while (!found && span_cut(&left, ':', &folder)) {
		char *file = mem_printf("%.*s/%s", (int)folder.n, folder.p, name);

		found = folder.n > 0 && access(file, X_OK) == 0;
		free(file);
	}
	return found;
}
