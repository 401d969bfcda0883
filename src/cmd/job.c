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

#define QUEUE_MANUAL "the manual, mailchute(1), under THE QUEUE"
#define CATCH_MANUAL "the manual, mailchute(1), under CATCHING MAIL"
#define SENDMAIL_MANUAL "the manual, mailchute(1), under AS SENDMAIL"

static const struct {
	int (*run)(const struct invocation *v);
	enum words words;
	bool for_show;
	const char *manual; /* where more is told; NULL: with the options */
} jobs[] = {
	[JOB_SEND] = { job_send, WORDS_RECIPIENTS, false, NULL },
	[JOB_PRINT_CONFIG] = { job_print_config, WORDS_RECIPIENTS, true, NULL },
	[JOB_SERVERINFO] = { job_serverinfo, WORDS_NONE, true, NULL },
	[JOB_RMQS] = { job_rmqs, WORDS_NONE, false, NULL },
	[JOB_CONFIGURE] = { job_configure, WORDS_NONE, true, NULL },
	[JOB_EXPLAIN] = { job_explain, WORDS_NONE, true, NULL },
	[JOB_CATCH] = { job_catch, WORDS_OF_JOB, true, CATCH_MANUAL },
	[JOB_CHECK] = { job_check, WORDS_NONE, true, NULL },
	[JOB_TEST] = { job_test, WORDS_NONE, false, NULL },
	[JOB_HAS_EXTN] = { job_ask, WORDS_NONE, true, NULL },
	[JOB_VRFY] = { job_ask, WORDS_NONE, true, NULL },
	[JOB_EXPN] = { job_ask, WORDS_NONE, true, NULL },
	[JOB_VERIFY] = { job_verify, WORDS_RECIPIENTS, true, NULL },
	[JOB_ALIASES] = { job_aliases, WORDS_NONE, true, NULL },
	[JOB_QUEUE_LIST] = { job_queue_list, WORDS_OF_JOB, true, QUEUE_MANUAL },
	[JOB_QUEUE] = { job_queue, WORDS_OF_JOB, true, QUEUE_MANUAL },
	[JOB_METRICS] = { job_metrics, WORDS_NONE, true, QUEUE_MANUAL },
	[JOB_QUEUE_RUN] = { job_queue_run, WORDS_NONE, true, QUEUE_MANUAL },
	[JOB_SMTP] = { job_smtp, WORDS_OF_JOB, true, NULL },
	[JOB_DAEMON] = { job_daemon, WORDS_OF_JOB, true, NULL },
	[JOB_HELP] = { show_help, WORDS_OF_JOB, true, NULL },
	[JOB_VERSION] = { show_version, WORDS_OF_JOB, true, NULL },
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

const char *
job_manual(const struct invocation *v)
{
	if (jobs[v->job].manual == NULL && v->as_sendmail)
		return SENDMAIL_MANUAL;
	return jobs[v->job].manual;
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
