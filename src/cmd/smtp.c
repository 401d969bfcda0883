/* SPDX-License-Identifier: ISC
 *
 * smtp.c - SMTP on standard input and output: sendmail -bs
 */
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/mem.h"
#include "cmd/caller.h"
#include "cmd/job.h"
#include "cmd/report.h"
#include "cmd/submit.h"
#include "net/pair.h"
#include "serve/server.h"

/* Nobody but the caller itself reads what is said here, and it has our own name for us
 * where this machine has none. */
static char *
own_name(void)
{
	char *name = caller_domain();

	return name != NULL ? name : mem_dup("localhost");
}

int
job_smtp(const struct invocation *v, bool has_input)
{
	struct pair pair = { STDIN_FILENO, STDOUT_FILENO };
	struct visitor visitor = { .place = "stdin", .uid = (long)getuid() };
	struct submit *submit;
	struct stream stream;
	struct outcome o;
	char *name;

	if (!has_input) {
		(void)outcome_fail(&o, CAUSE_NO_INPUT, "it is closed");
		return report_failure(v, &o);
	}
	name = own_name();
	submit = submit_new(v, false);
	stream_init(&stream, &pair_carrier, &pair);
	serve_session(
	    &(struct service){
		.name = name, .sink = &submit_sink, .self = submit, .bare = true },
	    &visitor, &stream, -1, NULL);
	submit_free(submit);
	free(name);
	return EX_OK;
}
