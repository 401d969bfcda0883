/* SPDX-License-Identifier: ISC
 *
 * absent.c - what a sendmail can do and this one can't
 */
#include "cmd/job.h"
#include "cmd/report.h"

static const char *
reason(enum job job)
{
	if (job == JOB_DAEMON)
		return "-bd isn't there: no daemon is needed, each mail is sent at once";
	return "there is no queue: each mail is sent at once, and who gives it learns "
	       "whether it went out";
}

int
job_absent(const struct invocation *v)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_NO_SUCH_JOB, "%s", reason(v->job));
	return report_failure(v, &o);
}
