/* SPDX-License-Identifier: ISC */
#include "probe/rmqs.h"

#include <sysexits.h>

#include "cmd/choose.h"
#include "cmd/job.h"
#include "cmd/print_config.h"
#include "cmd/report.h"

int
job_rmqs(const struct invocation *v)
{
	const struct observer observer = report_observer(v);
	struct config config = { 0 };
	struct choice_made made = { 0 };
	struct outcome o;
	int status = EX_OK;

	if (!choose(&made, v, &config, NULL, &o)) {
		status = report_failure(v, &o);
	} else {
		if (v->debug)
			print_config(v, &config, &made);
		if (!rmqs_start(made.account, v->rmqs, &observer, &o))
			status = report_trouble(v, made.account, &o);
	}
	choice_free(&made);
	config_free(&config);
	return status;
}
