/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <sysexits.h>

#include "base/clock.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "probe/configure.h"

#define WAIT_MS 10000 /* for both questions together */

int
job_configure(const struct invocation *v)
{
	struct submission found;
	struct outcome o;
	struct buf out;
	int status = EX_OK;

	if (configure_find(&found, v->configure, clock_in(WAIT_MS), &o)) {
		buf_init(&out, CONFIGURE_MAX);
		configure_show(&found, &out);
		(void)fputs(out.data, stdout);
		buf_free(&out);
	} else {
		status = report_failure(v, &o);
	}
	configure_free(&found);
	return status;
}
