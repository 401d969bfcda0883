/* SPDX-License-Identifier: ISC */
#include "probe/serverinfo.h"

#include <stdio.h>
#include <sysexits.h>

#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/report_dialogue.h"

#define HOSTS_MAX (4 * 1024 * 1024)

/* What was seen, and the name of what stood in the way. */
static void
add_server(struct json *j, const struct serverinfo *info, const struct outcome *o)
{
	json_open(j, NULL, '{');
	serverinfo_add(info, j);
	json_text(j, "failure", info->ready ? NULL : outcome_name(o));
	json_close(j, '}');
}

static int
show(const struct invocation *v, const struct account *a, struct json *j)
{
	const struct observer observer = report_observer(v);
	struct serverinfo info;
	struct outcome o;
	struct buf out;
	bool ok = serverinfo_get(&info, a, &observer, &o);

	if (v->json) {
		add_server(j, &info, &o);
		serverinfo_free(&info);
		return ok ? EX_OK : report_trouble(v, a, &o);
	}
	buf_init(&out, SERVERINFO_MAX);
	serverinfo_show(&info, a, &out);
	serverinfo_free(&info);
	(void)fputs(out.data, stdout);
	buf_free(&out);
	(void)fflush(stdout); /* so that the two streams tell it in this order */
	return ok ? EX_OK : report_trouble(v, a, &o);
}

/* All of the account's servers. The exit status is that of the first that isn't fit. */
static int
show_all(
    const struct invocation *v, const struct config *c, const struct choice_made *made)
{
	struct account *a = made->account;
	struct hosts hosts;
	int first = EX_OK;
	struct buf out;
	struct json j = { .out = &out };

	(void)c;
	buf_init(&out, HOSTS_MAX);
	json_open(&j, NULL, '{');
	json_open(&j, "servers", '[');
	hosts_begin(&hosts, a);
	do {
		int status;

		hosts_next(&hosts, a);
		status = show(v, a, &j);
		first = first != EX_OK ? first : status;
	} while (hosts_left(&hosts));
	hosts_end(&hosts);
	json_close(&j, ']');
	json_close(&j, '}');
	if (v->json)
		(void)printf("%s\n", out.data);
	buf_free(&out);
	return first;
}

int
job_serverinfo(const struct invocation *v)
{
	return job_with_account(v, show_all);
}
