/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gsasl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/sendmail.h"
#include "cmd/syntax.h"
#include "conf/type.h"

/* Standard descriptors that are closed would be given to the next file or socket that is
 * opened, and what is written for people would go there. What stands in for them can't be
 * written: who asks to be shown something must hear that it can't. Returns whether there
 * is a standard input. */
static bool
open_standard_descriptors(void)
{
	bool has_input = fcntl(STDIN_FILENO, F_GETFD) >= 0;
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
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

static int
print_version(void)
{
	char *home = home_directory();

	(void)printf("%s version %s\n"
		     "TLS/SSL library: GnuTLS %s\n"
		     "Authentication library: GNU SASL %s\n"
		     "System configuration file name: %s\n"
		     "System configuration file name: %s\n"
		     "User configuration file name: %s/.config/mailchute/config\n"
		     "User configuration file name: %s/.msmtprc\n",
	    PACKAGE_NAME, PACKAGE_VERSION, GNUTLS_VERSION, GSASL_VERSION,
	    SYSCONFDIR "/mailchute/config", SYSCONFDIR "/msmtprc",
	    home != NULL ? home : "", home != NULL ? home : "");
	free(home);
	return EX_OK;
}

static int
run(const struct invocation *v, bool has_input)
{
	switch (v->job) {
	case JOB_SEND:
		return job_send(v, has_input);
	case JOB_PRINT_CONFIG:
		return job_print_config(v, has_input);
	case JOB_SERVERINFO:
		return job_serverinfo(v);
	case JOB_RMQS:
		return job_rmqs(v);
	case JOB_CONFIGURE:
		return job_configure(v);
	case JOB_CATCH:
		return job_catch(v);
	case JOB_CHECK:
		return job_check(v);
	case JOB_TEST:
		return job_test(v);
	case JOB_HAS_EXTN:
	case JOB_VRFY:
	case JOB_EXPN:
		return job_ask(v);
	case JOB_EXPLAIN:
		return job_explain(v);
	case JOB_VERIFY:
		return job_verify(v);
	case JOB_ALIASES:
		return job_aliases(v);
	case JOB_SMTP:
		return job_smtp(v, has_input);
	case JOB_DAEMON:
		return job_daemon(v);
	case JOB_QUEUE_LIST:
		return job_queue_list(v);
	case JOB_QUEUE:
		return job_queue(v);
	case JOB_METRICS:
		return job_metrics(v);
	case JOB_QUEUE_RUN:
		return job_queue_run(v);
	case JOB_VERSION:
		return print_version();
	case JOB_HELP:
		break;
	}
	(v->as_sendmail ? sendmail_help : syntax_help)(v->program);
	return EX_OK;
}

/* Whether the job is to show something, and not to have something done. */
static bool
is_for_show(const struct invocation *v)
{
	return v->job != JOB_SEND && v->job != JOB_RMQS && v->job != JOB_TEST;
}

/* What was asked for must have got to standard output. A mail that has gone stays gone,
 * whether its dialogue could be shown or not. */
static int
finish(const struct invocation *v, int status)
{
	struct outcome o;

	errno = 0;
	if ((fflush(stdout) == 0 && ferror(stdout) == 0) || status != EX_OK ||
	    !is_for_show(v))
		return status;
	(void)outcome_fail(&o, CAUSE_OUTPUT, "%s", errno != 0 ? strerror(errno) : "");
	return report_failure(v, &o);
}

int
main(int argc, char **argv)
{
	bool has_input = open_standard_descriptors();
	struct invocation v;
	struct outcome o;
	int status;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)signal(SIGCHLD, SIG_DFL); /* whoever started us may have ignored it */
	forbid_cores();
	if (invocation_parse(&v, argc, argv, &o))
		status = run(&v, has_input);
	else
		status = report_failure(&v, &o);
	status = finish(&v, status);
	invocation_free(&v);
	return status;
}
