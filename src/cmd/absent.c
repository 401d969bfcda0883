/* SPDX-License-Identifier: ISC
 *
 * absent.c - what a sendmail can do and this one can't
 */
#include "cmd/job.h"
#include "cmd/report.h"

int
job_absent(const struct invocation *v)
{
	struct outcome o;

	(void)outcome_fail(&o, CAUSE_NO_SUCH_JOB,
	    "there is no queue: each mail is sent at once, and who gives it learns "
	    "whether it went out");
	return report_failure(v, &o);
}
