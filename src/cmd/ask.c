/* SPDX-License-Identifier: ISC
 *
 * ask.c - one question to a server
 */
#include "probe/ask.h"

#include <stdio.h>
#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"

#define LINES_MAX (512 * 1024)
#define MISSING 1 /* as grep(1) has it: asked, and not found */

static bool
ask(const struct invocation *v, const struct account *a, struct buf *missing,
    struct buf *lines, struct outcome *o)
{
	const struct observer observer = report_observer(v);

	if (v->job == JOB_HAS_EXTN)
		return ask_extensions(a, v->argument, missing, lines, &observer, o);
	return ask_about(
	    a, v->job == JOB_VRFY ? "VRFY " : "EXPN ", v->argument, lines, &observer, o);
}

static void
tell_missing(const struct invocation *v, const struct account *a, const char *names)
{
	struct buf words;

	buf_init(&words, LINES_MAX);
	account_place(a, &words);
	buf_printf(&words, " does not offer %s", names);
	report_warning(v, words.data);
	buf_free(&words);
}

static int
show(const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	struct account *a = made->account;
	struct hosts hosts;
	struct outcome o;
	struct buf lines, missing;
	int status;

	(void)c;
	buf_init(&lines, LINES_MAX);
	buf_init(&missing, LINES_MAX);
	hosts_begin(&hosts, a);
	hosts_next(&hosts, a);
	if (ask(v, a, &missing, &lines, &o))
		status = missing.len == 0 ? EX_OK : MISSING;
	else
		status = report_trouble(v, a, &o);
	(void)fputs(lines.data, stdout);
	if (missing.len > 0)
		tell_missing(v, a, missing.data);
	hosts_end(&hosts);
	buf_free(&lines);
	buf_free(&missing);
	return status;
}

int
job_ask(const struct invocation *v)
{
	return job_with_account(v, show);
}
