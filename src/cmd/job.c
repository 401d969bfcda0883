/* SPDX-License-Identifier: ISC */
#include "cmd/job.h"

#include <gnutls/gnutls.h>
#include <gsasl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#include "cmd/print_config.h"
#include "cmd/report.h"
#include "cmd/sendmail.h"
#include "cmd/syntax.h"
#include "conf/home.h"

static int
show_version(const struct invocation *v)
{
	char *home = home_directory();

	(void)v;
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
show_help(const struct invocation *v)
{
	(v->as_sendmail ? sendmail_help : syntax_help)(v->program);
	return EX_OK;
}

static const struct {
	int (*run)(const struct invocation *v);
	enum words words;
	bool for_show;
} jobs[] = {
	[JOB_SEND] = { job_send, WORDS_RECIPIENTS, false },
	[JOB_PRINT_CONFIG] = { job_print_config, WORDS_RECIPIENTS, true },
	[JOB_SERVERINFO] = { job_serverinfo, WORDS_NONE, true },
	[JOB_RMQS] = { job_rmqs, WORDS_NONE, false },
	[JOB_CONFIGURE] = { job_configure, WORDS_NONE, true },
	[JOB_EXPLAIN] = { job_explain, WORDS_NONE, true },
	[JOB_CATCH] = { job_catch, WORDS_OF_JOB, true },
	[JOB_CHECK] = { job_check, WORDS_NONE, true },
	[JOB_TEST] = { job_test, WORDS_NONE, false },
	[JOB_HAS_EXTN] = { job_ask, WORDS_NONE, true },
	[JOB_VRFY] = { job_ask, WORDS_NONE, true },
	[JOB_EXPN] = { job_ask, WORDS_NONE, true },
	[JOB_VERIFY] = { job_verify, WORDS_RECIPIENTS, true },
	[JOB_ALIASES] = { job_aliases, WORDS_OF_JOB, true },
	[JOB_QUEUE_LIST] = { job_queue_list, WORDS_OF_JOB, true },
	[JOB_QUEUE] = { job_queue, WORDS_OF_JOB, true },
	[JOB_METRICS] = { job_metrics, WORDS_NONE, true },
	[JOB_QUEUE_RUN] = { job_queue_run, WORDS_NONE, true },
	[JOB_SMTP] = { job_smtp, WORDS_OF_JOB, true },
	[JOB_DAEMON] = { job_daemon, WORDS_OF_JOB, true },
	[JOB_HELP] = { show_help, WORDS_OF_JOB, true },
	[JOB_VERSION] = { show_version, WORDS_OF_JOB, true },
};

enum words
job_words(enum job job)
{
	return jobs[job].words;
}

bool
job_is_for_show(enum job job)
{
	return jobs[job].for_show;
}

int
job_run(const struct invocation *v)
{
	return jobs[v->job].run(v);
}

int
job_with_account(const struct invocation *v,
    int (*work)(const struct invocation *v, const struct config *c,
	const struct choice_made *made))
{
	struct config config = { 0 };
	struct choice_made made = { 0 };
	struct outcome o;
	int status;

	if (choose(&made, v, &config, NULL, &o)) {
		if (v->debug)
			print_config(v, &config, &made);
		status = work(v, &config, &made);
	} else {
		status = report_failure(v, &o);
	}
	choice_free(&made);
	config_free(&config);
	return status;
}
