/* SPDX-License-Identifier: ISC
 *
 * terminal.c - the terminal without echo
 *
 * While it shows nothing, the signals that could end or stop us come through a
 * descriptor: the terminal is made as it was before such a signal takes its course, and
 * when the process goes on after it, the question is put again.
 */
#include "base/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"

#define LINE_BYTES 4096 /* the longest line that Linux lets anybody type */

static const int deadly[] = { SIGHUP, SIGINT, SIGQUIT, SIGALRM, SIGTERM, SIGTSTP, SIGTTIN,
	SIGTTOU };

struct terminal {
	int fd;
	int signals;            /* readable when one of the deadly has come */
	sigset_t blocked;       /* before */
	struct termios visible; /* its modes before */
	bool silent;
};

static bool
catch_signals(struct terminal *t)
{
	sigset_t mask;

	(void)sigemptyset(&mask);
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		(void)sigaddset(&mask, deadly[i]);
	(void)sigprocmask(SIG_BLOCK, &mask, &t->blocked);
	/* one that had been blocked before could not take its course */
	for (size_t i = 0; i < sizeof deadly / sizeof deadly[0]; i++)
		if (sigismember(&t->blocked, deadly[i]) == 1)
			(void)sigdelset(&mask, deadly[i]);
	t->signals = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	return t->signals >= 0;
}

/* What was typed already is dropped: nobody had been asked. Modes that a full-screen
 * program may have left are made those of a line. */
static bool
silence(struct terminal *t)
{
	struct termios modes;

	if (tcgetpgrp(t->fd) != getpgrp() || tcgetattr(t->fd, &t->visible) != 0)
		return false;
	modes = t->visible;
	modes.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	modes.c_lflag |= ICANON | ISIG;
	modes.c_iflag |= ICRNL;
	t->silent = tcsetattr(t->fd, TCSANOW, &modes) == 0;
	(void)tcflush(t->fd, TCIFLUSH);
	return t->silent;
}

static void
restore(struct terminal *t)
{
	if (t->silent) {
		(void)tcflush(t->fd, TCIFLUSH); /* half a password is for nobody */
		(void)tcsetattr(t->fd, TCSANOW, &t->visible);
		(void)fd_write(t->fd, "\n", 1);
	}
	t->silent = false;
}

static bool
put_question(struct terminal *t, const char *question, struct buf *why)
{
	if (silence(t) && fd_write(t->fd, question, strlen(question)))
		return true;
	buf_puts(why, "this runs in the background of the terminal and can't ask");
	return false;
}

/* Lets a signal that has come do what it does: end the process, stop it, or nothing. */
static void
obey_signal(struct terminal *t)
{
	struct signalfd_siginfo which;
	sigset_t blocked;

	if (fd_read(t->signals, &which, sizeof which) != (ssize_t)sizeof which)
		return;
	restore(t);
	(void)raise((int)which.ssi_signo);
	(void)sigprocmask(SIG_SETMASK, &t->blocked, &blocked);
	(void)sigprocmask(SIG_SETMASK, &blocked, NULL);
}

static bool
take_line(struct terminal *t, struct secret *answer, struct buf *why)
{
	char line[LINE_BYTES];
	ssize_t n = fd_read(t->fd, line, sizeof line);
	struct span all = span_bytes(line, n > 0 ? (size_t)n : 0), typed = { "", 0 };

	(void)span_cut(&all, '\n', &typed);
	if (typed.n > 0)
		secret_set(answer, typed);
	else
		buf_puts(why, "at the terminal, nothing was typed");
	explicit_bzero(line, sizeof line);
	return typed.n > 0;
}

static bool
converse(struct terminal *t, const char *question, int64_t deadline,
    struct secret *answer, struct buf *why)
{
	if (!put_question(t, question, why))
		return false;
	for (;;) {
		struct pollfd p[2] = { { t->signals, POLLIN, 0 }, { t->fd, POLLIN, 0 } };

		if (poll(p, 2, clock_left(deadline)) == 0) {
			buf_puts(why, "at the terminal, nobody answered in time");
			return false;
		}
		if (p[0].revents != 0) {
			obey_signal(t);
			if (!put_question(t, question, why))
				return false;
		} else if (p[1].revents != 0) {
			return take_line(t, answer, why);
		}
	}
}

bool
terminal_ask(
    const char *question, int64_t deadline, struct secret *answer, struct buf *why)
{
	struct terminal t = { .signals = -1 };
	bool ok = false;

	t.fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (t.fd < 0) {
		buf_puts(why, "there is no terminal to ask at");
		return false;
	}
	if (catch_signals(&t))
		ok = converse(&t, question, deadline, answer, why);
	else
		buf_printf(why, "the terminal can't be asked: %s", strerror(errno));
	restore(&t);
	if (t.signals >= 0)
		(void)close(t.signals);
	(void)sigprocmask(SIG_SETMASK, &t.blocked, NULL);
	(void)close(t.fd);
	return ok;
}
