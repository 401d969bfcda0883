/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "base/inherit.h"
#include "cmd/job.h"
#include "cmd/report.h"

/* Standard descriptors that are closed would be given to the next file or socket that is
 * opened, and what is written for people would go there. What stands in for them can't be
 * written: who asks to be shown something must hear that it can't. Returns whether there
 * is a standard input. */
static bool
open_standard_descriptors(void)
{
	bool has_input = fcntl(STDIN_FILENO, F_GETFD) >= 0;

	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			(void)open("/dev/null", O_RDONLY); /* the lowest that is free */
	return has_input;
}

/* A core would hold the password. The limit doesn't count where cores go through a pipe,
 * as to systemd-coredump: there, core(5) lets us say that no memory belongs to it. */
static void
forbid_cores(void)
{
	const struct rlimit none = { 0, 0 };
	int filter = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC);

	(void)setrlimit(RLIMIT_CORE, &none);
	if (filter < 0)
		return;
	(void)fd_write(filter, "0", 1); /* without it, there is the limit still */
	(void)close(filter);
}

/* What was asked for must have got to standard output. A mail that has gone stays gone,
 * whether its dialogue could be shown or not. Who has closed a pipe, as head(1) does, has
 * read enough, and is told nothing. */
static int
finish(const struct invocation *v, int status)
{
	struct outcome o;
	int error;

	errno = 0;
	if ((fflush(stdout) == 0 && ferror(stdout) == 0) || status != EX_OK ||
	    !job_is_for_show(v->job))
		return status;
	error = errno;
	(void)outcome_fail(&o, CAUSE_OUTPUT, "%s", error != 0 ? strerror(error) : "");
	return error == EPIPE ? outcome_sysexit(&o) : report_failure(v, &o);
}

int
main(int argc, char **argv)
{
	bool has_input = open_standard_descriptors(), ok;
	struct invocation v;
	struct outcome o;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* whoever started us may have ignored it */
	forbid_cores();
	(void)inherit_count(); /* a command in a configuration gets none of them */
	ok = invocation_parse(&v, argc, argv, &o);
	v.has_input = has_input;
	status = ok ? job_run(&v) : report_failure(&v, &o);
	status = finish(&v, status);
	invocation_free(&v);
	return status;
}
