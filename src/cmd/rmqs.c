/* SPDX-License-Identifier: ISC */
#include "probe/rmqs.h"

#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"

static int
start(const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	const struct observer observer = report_observer(v);
	struct outcome o;

	(void)c;
	return rmqs_start(made->account, v->rmqs, &observer, &o)
		   ? EX_OK
		   : report_trouble(v, made->account, &o);
}

int
job_rmqs(const struct invocation *v)
{
	return job_with_account(v, start);
}
