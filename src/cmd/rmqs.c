/* SPDX-License-Identifier: ISC */
#include <sysexits.h>

#include "cmd/choose.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "probe/rmqs.h"

int
job_rmqs(const struct invocation *v)
{
	const struct observer observer = report_observer(v);
	struct config config = { 0 };
	struct choice_made made;
	struct outcome o;
	int status = EX_OK;

	if (!choose(&made, v, &config, NULL, &o))
		status = report_failure(v, &o);
	else if (!rmqs_start(choice_one_host(&made), v->rmqs, &observer, &o))
		status = report_trouble(v, made.account, &o);
	choice_free(&made);
	config_free(&config);
	return status;
}
