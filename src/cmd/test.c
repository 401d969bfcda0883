/* SPDX-License-Identifier: ISC
 *
 * test.c - a small mail, to see that one gets out
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/job.h"
#include "cmd/report.h"

static const char message[] =
    "Subject: a test of mailchute\n"
    "Content-Type: text/plain; charset=us-ascii\n"
    "\n"
    "This mail was sent with mailchute --test, to see that mail gets out.\n"
    "Whoever reads this: it does.\n";

/* The job to send reads standard input: there the message is. A pipe holds all of it. */
int
job_test(const struct invocation *v)
{
	struct invocation fed = *v;
	struct outcome o;
	int end[2];

	if (pipe(end) != 0 || !fd_write(end[1], message, sizeof message - 1) ||
	    dup2(end[0], STDIN_FILENO) < 0) {
		(void)outcome_fail(&o, CAUSE_SYSTEM, "%s", strerror(errno));
		return report_failure(v, &o);
	}
	(void)close(end[0]);
	(void)close(end[1]);
	fed.has_input = true;
	return job_send(&fed);
}
