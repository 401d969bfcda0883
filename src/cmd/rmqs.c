/* SPDX-License-Identifier: ISC */
#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "probe/rmqs.h"

int
job_rmqs(const struct invocation *v)
{
	const struct observer observer = report_observer(v);
	struct config config = { 0 };
	struct outcome o;
	struct account *a = invocation_account(v, &config, &o);
	int status = EX_OK;

	if (a == NULL || !account_check(a, &o))
		status = report_failure(v, &o);
	else if (!rmqs_start(a, v->rmqs, &observer, &o))
		status = report_trouble(v, a, &o);
	config_free(&config);
	return status;
}
