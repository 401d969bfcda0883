/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <sysexits.h>

#include "cmd/choose.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "probe/serverinfo.h"

static int
show(const struct invocation *v, const struct account *a)
{
	const struct observer observer = report_observer(v);
	struct serverinfo info;
	struct outcome o;
	struct buf out;
	bool ok = serverinfo_get(&info, a, &observer, &o);

	buf_init(&out, SERVERINFO_MAX);
	serverinfo_show(&info, a, &out);
	serverinfo_free(&info);
	(void)fputs(out.data, stdout);
	buf_free(&out);
	(void)fflush(stdout); /* so that the two streams tell it in this order */
	return ok ? EX_OK : report_trouble(v, a, &o);
}

int
job_serverinfo(const struct invocation *v)
{
	struct config config = { 0 };
	struct choice_made made;
	struct outcome o;
	int status;

	if (choose(&made, v, &config, NULL, &o))
		status = show(v, choice_one_host(&made));
	else
		status = report_failure(v, &o);
	choice_free(&made);
	config_free(&config);
	return status;
}
