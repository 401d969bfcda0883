/* SPDX-License-Identifier: ISC
 *
 * ask.c - one question to a server
 */
#include "probe/ask.h"

#include <stdio.h>
#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/report.h"

#define LINES_MAX (512 * 1024)
#define MISSING 1 /* as grep(1) has it: asked, and not found */

static bool
ask(const struct invocation *v, const struct account *a, bool *all, struct buf *lines,
    struct outcome *o)
{
	const struct observer observer = report_observer(v);

	*all = true;
	if (v->job == JOB_HAS_EXTN)
		return ask_extensions(a, v->argument, all, lines, &observer, o);
	return ask_about(
	    a, v->job == JOB_VRFY ? "VRFY " : "EXPN ", v->argument, lines, &observer, o);
}

static int
show(const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	struct account *a = made->account;
	struct hosts hosts;
	struct outcome o;
	struct buf lines;
	bool all;
	int status;

	(void)c;
	buf_init(&lines, LINES_MAX);
	hosts_begin(&hosts, a);
	hosts_next(&hosts, a);
	if (ask(v, a, &all, &lines, &o))
		status = all ? EX_OK : MISSING;
	else
		status = report_trouble(v, a, &o);
	(void)fputs(lines.data, stdout);
	hosts_end(&hosts);
	buf_free(&lines);
	return status;
}

int
job_ask(const struct invocation *v)
{
	return job_with_account(v, show);
}
