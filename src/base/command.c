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

#define LABEL_MAX 120
#define HOW_MAX 200

struct program {
	const char *const *argv;
	char label[LABEL_MAX]; /* "the command pass": what people know it by */
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

/* The program that a line for the shell begins with, which alone is shown: its arguments
 * may be secret. Empty where it doesn't begin so. */
static struct span
program_of(const char *command)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-+@~";
	const size_t n = strspn(command, plain);

	return span_bytes(command, strchr(" \t;|&<>", command[n]) != NULL ? n : 0);
}

static struct program
program_make(const char *const *argv, struct span name)
{
	struct program p = { .argv = argv };

	(void)snprintf(p.label, sizeof p.label, "the command%s%.*s",
	    name.n > 0 ? " " : "", (int)(name.n < LABEL_MAX ? name.n : LABEL_MAX),
	    name.p);
	return p;
}

static void
become(const char *const *argv, int out, int err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	sigset_t none;

	(void)sigemptyset(&none);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
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
		become(argv, fd[1], fd[3]);
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

/* Who holds SIGCHLD back waits for other children: that one of them has ended may have
 * been read with the end of ours. */
static void
finish(struct child *c)
{
	if (!c->ended && c->pid > 0)
		c->status = child_kill(c->pid);
	close_all((int[]){ c->signals, c->out, c->err }, 3);
	if (sigismember(&c->before, SIGCHLD) == 1)
		(void)kill(getpid(), SIGCHLD);
	(void)sigprocmask(SIG_SETMASK, &c->before, NULL);
}

/* Whether the shell has no more than one program to run. */
static bool
is_simple(const char *command)
{
	return strpbrk(command, ";|&`$()\n") == NULL;
}

/* What to do about such a status (POSIX, sh, 2.8.2). */
static void
explain_status(const char *command, int status, struct outcome *o)
{
	char *name = span_dup(program_of(command));
	const bool named = *name != '\0' && is_simple(command);

	if (status == 127) {
		outcome_refine(o, o->cause, NULL,
		    "write the program's whole path, for cron and services have a short "
		    "PATH; or install it");
		if (named)
			(void)outcome_offer(o, "command -v", name);
	} else if (status == 126) {
		outcome_refine(o, o->cause, NULL, "let this user execute that program");
		if (named && strchr(name, '/') != NULL)
			(void)outcome_offer(o, "chmod +x", name);
	} else {
		outcome_refine(o, o->cause, NULL,
		    "run that command by hand, as the user who sends mail");
	}
	free(name);
}

/* How it ended, in words. */
static void
add_end(struct buf *out, int status)
{
	const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	if (!WIFEXITED(status))
		buf_printf(out, "was ended by signal %d (%s)", WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else if (code == 127)
		buf_puts(out, "ended with status 127: no such program was found");
	else if (code == 126)
		buf_puts(out, "ended with status 126: it can't be executed");
	else
		buf_printf(out, "ended with status %d", code);
}

static bool
judge(const struct program *p, const char *command, int status, const struct buf *err,
    enum cause cause, struct outcome *o)
{
	struct span words = span_trim(buf_span(err));
	struct buf how;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	if (words.n > WORDS_SHOWN)
		words.n = WORDS_SHOWN;
	buf_init(&how, HOW_MAX);
	add_end(&how, status);
	(void)outcome_fail(o, cause, "%s %s%s%.*s", p->label, how.data,
	    words.n > 0 ? ": " : "", (int)words.n, words.p);
	explain_status(command, WIFEXITED(status) ? WEXITSTATUS(status) : 0, o);
	buf_free(&how);
	return false;
}

/* Runs it to its end. */
static bool
run(const struct program *p, int64_t deadline, struct buf *out, struct buf *words,
    int *status, enum cause cause, struct outcome *o)
{
	struct child child;
	bool ok = false;

	if (!start(&child, p->argv))
		(void)outcome_fail(
		    o, CAUSE_SYSTEM, "%s can't be run: %s", p->label, strerror(errno));
	else if (!gather(&child, deadline, out, words))
		(void)outcome_fail(
		    o, cause, "%s did not end in time and was stopped", p->label);
	else if (!buf_ok(out))
		(void)outcome_fail(
		    o, cause, "%s wrote more than %zu bytes", p->label, out->max);
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
	const struct program p = program_make(argv, program_of(command));
	struct buf words;
	int status;
	bool ok;

	buf_init(&words, WORDS_MAX);
	ok = run(&p, deadline, out, &words, &status, cause, o) &&
	     judge(&p, command, status, &words, cause, o);
	buf_free(&words);
	return ok;
}

bool
command_execute(const char *const *argv, int64_t deadline, struct buf *out,
    struct buf *words, int *status, enum cause cause, struct outcome *o)
{
	const struct program p = program_make(argv, span_of(argv[0]));

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
