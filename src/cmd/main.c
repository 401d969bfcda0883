/* SPDX-License-Identifier: ISC */
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gsasl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "conf/type.h"

/* Standard descriptors that are closed would be given to the next file or socket that is
 * opened, and what is written for people would go there. Returns whether there is a
 * standard input. */
static bool
open_standard_descriptors(void)
{
	bool has_input = fcntl(STDIN_FILENO, F_GETFD) >= 0;
	int fd;

	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
	return has_input;
}

/* A core would hold the password. */
static void
forbid_cores(void)
{
	const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
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
	    PACKAGE_NAME, PACKAGE_VERSION, gnutls_check_version(NULL),
	    gsasl_check_version(NULL), SYSCONFDIR "/mailchute/config",
	    SYSCONFDIR "/msmtprc", home != NULL ? home : "", home != NULL ? home : "");
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
	case JOB_VERSION:
		return print_version();
	case JOB_HELP:
		break;
	}
	invocation_help(v);
	return EX_OK;
}

/* What was promised on standard output must have got there. */
static int
finish(int status)
{
	return fflush(stdout) != 0 && status == EX_OK ? EX_IOERR : status;
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
	invocation_free(&v);
	return finish(status);
}
